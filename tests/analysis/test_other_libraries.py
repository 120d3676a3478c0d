"""Other libraries find the same, to 1e-12."""

import numpy as np
import pytest
from numpy.typing import NDArray

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.alpha import Metric, krippendorff_alpha_of
from blindarena.analysis.alternative_annotator import alternative_annotator_test, rejected
from blindarena.analysis.calibration import reliability
from blindarena.analysis.correlation import Kind, correlation
from blindarena.analysis.draws import bootstrap
from blindarena.analysis.fleiss import fleiss_kappa
from blindarena.analysis.item_draws import correlation_over_draws
from blindarena.analysis.kappa import cohen_with_interval, confusion_matrix
from blindarena.analysis.permutation import permutation_p_value
from blindarena.analysis.verdicts import MISSING

SAME = 1e-12
KINDS: tuple[Kind, ...] = ("pearson", "spearman", "kendall")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def ratings(rng: np.random.Generator, items: int, people: int) -> NDArray[np.int64]:
    """Verdicts that agree more than by chance."""
    truth = rng.integers(0, 3, size=(items, 1))
    return np.where(rng.random((items, people)) < 0.6, truth, rng.integers(0, 3, (items, people)))


def counts(table: NDArray[np.int64]) -> Counts:
    return np.stack([(table == code).sum(axis=1) for code in range(3)], axis=1)


def scores(rng: np.random.Generator, m: int) -> tuple[FloatArray, FloatArray]:
    """Scores with ties."""
    one = rng.integers(0, 6, m).astype(float)
    return one, np.round(one + rng.normal(0, 2, m), 1)


def test_scikit_learns_kappa_and_confusion_matrix(rng: np.random.Generator) -> None:
    from sklearn.metrics import cohen_kappa_score
    from sklearn.metrics import confusion_matrix as sklearn_matrix

    for _ in range(5):
        one, other = ratings(rng, 40, 2).T
        found = cohen_with_interval(one, other, question=np.arange(40) // 4, setup="S1")
        assert found.value == pytest.approx(cohen_kappa_score(one, other), abs=SAME)
        assert (confusion_matrix(one, other) == sklearn_matrix(one, other)).all()


def test_statsmodels_kappas(rng: np.random.Generator) -> None:
    from statsmodels.stats.inter_rater import cohens_kappa
    from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

    for people in (2, 3, 5):
        table = ratings(rng, 30, people)
        assert fleiss_kappa(counts(table)) == pytest.approx(
            statsmodels_fleiss(counts(table)), abs=SAME
        )
        matrix = confusion_matrix(table[:, 0], table[:, 1])
        found = cohen_with_interval(table[:, 0], table[:, 1], question=np.arange(30), setup="S1")
        assert found.value == pytest.approx(cohens_kappa(matrix, return_results=False), abs=SAME)


@pytest.mark.parametrize("metric", ["nominal", "ordinal"])
def test_the_krippendorff_package(rng: np.random.Generator, metric: Metric) -> None:
    import krippendorff

    for _ in range(5):
        table = ratings(rng, 25, 4)
        table[rng.random(table.shape) < 0.3] = MISSING
        kept = counts(table)
        kept = kept[kept.sum(axis=1) > 0]
        assert krippendorff_alpha_of(kept, metric=metric) == pytest.approx(
            krippendorff.alpha(value_counts=kept, level_of_measurement=metric), abs=SAME
        )


def test_scipys_correlations(rng: np.random.Generator) -> None:
    from scipy.stats import kendalltau, pearsonr, spearmanr

    for m in (3, 8, 30):
        one, other = scores(rng, m)
        for kind, theirs in zip(KINDS, (pearsonr, spearmanr, kendalltau), strict=True):
            assert correlation(one, other, kind=kind) == pytest.approx(
                float(theirs(one, other)[0]), abs=SAME
            )


@pytest.mark.parametrize("kind", KINDS)
def test_scipys_permutation_test(rng: np.random.Generator, kind: Kind) -> None:
    from scipy.stats import permutation_test

    one, other = scores(rng, 6)
    exact = permutation_test(
        (other,),
        lambda a: correlation(one, a, kind=kind),
        permutation_type="pairings",
        n_resamples=np.inf,
    )
    # SciPy doubles the smaller tail, or here asks how many are as far from 0, which we count.
    far = np.abs(exact.null_distribution) >= abs(exact.statistic) - 1e-9

    assert permutation_p_value(one, other, kind=kind) == pytest.approx(far.mean(), abs=SAME)


@pytest.mark.parametrize("kind", KINDS)
def test_draws_have_scipys_correlations(rng: np.random.Generator, kind: Kind) -> None:
    from scipy.stats import kendalltau, pearsonr, spearmanr

    theirs = dict(zip(KINDS, (pearsonr, spearmanr, kendalltau), strict=True))[kind]
    one, other = rng.normal(size=(40, 7)), rng.integers(0, 5, (40, 7)).astype(float)
    values = [float(theirs(a, b)[0]) for a, b in zip(one, other, strict=True)]
    found = correlation_over_draws(one, other, kind=kind, seed=3)

    assert found is not None
    assert (found.lower, found.upper) == pytest.approx(tuple(np.quantile(values, [0.025, 0.975])))
    assert found.rounds == 40


def test_statsmodels_benjamini_yekutieli(rng: np.random.Generator) -> None:
    from statsmodels.stats.multitest import multipletests

    close = np.array([0.01, 0.02, 0.03])  # all would go without the harmonic sum
    assert not rejected(close, 0.05).any()
    for p_values in (close, *(rng.beta(0.3, 3, m) for m in (1, 3, 12))):
        theirs = multipletests(p_values, alpha=0.05, method="fdr_by")[0]
        assert (rejected(p_values, 0.05) == theirs).all()


def test_scipys_one_sided_test_and_a_plain_alternative_annotator(rng: np.random.Generator) -> None:
    """The procedure of the paper, written with dictionaries and SciPy's test."""
    from scipy.stats import ttest_1samp

    people = ratings(rng, 80, 5)
    people[rng.random(people.shape) < 0.4] = MISSING
    judge = np.where(rng.random(80) < 0.9, ratings(rng, 80, 1)[:, 0], MISSING)
    found = alternative_annotator_test(judge, people, epsilon=0.2, min_items=20)

    assert len(found.annotators) == 5
    for test in found.annotators:
        ours, theirs = [], []
        for item, said in enumerate(people):
            others = [v for k, v in enumerate(said) if k != test.annotator and v != MISSING]
            if judge[item] == MISSING or said[test.annotator] == MISSING or not others:
                continue
            of_judge = np.mean([judge[item] == v for v in others])
            of_human = np.mean([said[test.annotator] == v for v in others])
            ours.append(float(of_judge >= of_human))
            theirs.append(float(of_human >= of_judge))
        loss = np.array(theirs) - np.array(ours)
        assert test.items == len(ours)
        assert test.judge_advantage == pytest.approx(np.mean(ours), abs=SAME)
        assert test.p_value == pytest.approx(
            float(ttest_1samp(loss, 0.2, alternative="less").pvalue), abs=SAME
        )


def test_scikit_learns_brier_score_and_calibration_curve(rng: np.random.Generator) -> None:
    from sklearn.calibration import calibration_curve
    from sklearn.metrics import brier_score_loss

    better = rng.uniform(0.5, 1, 200)
    agrees = rng.random(200) < better
    side = rng.random(200) < 0.5
    first_wins = agrees == side
    votes = np.column_stack([first_wins, np.zeros(200), ~first_wins]).astype(int)
    found = reliability(np.where(side, better, 1 - better), votes, question=np.arange(200), bins=5)
    observed, predicted = calibration_curve(agrees, (better - 0.5) * 2, n_bins=5)

    assert found.brier == pytest.approx(brier_score_loss(agrees, better), abs=SAME)
    assert [one.observed.value for one in found.bins] == pytest.approx(list(observed), abs=SAME)
    assert [one.predicted for one in found.bins] == pytest.approx(list(predicted / 2 + 0.5))


def test_the_fitted_slope_is_statsmodels(rng: np.random.Generator) -> None:
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    from blindarena.analysis.calibration import calibrate_gaps

    gap = rng.normal(0, 2, 150)
    first_wins = rng.random(150) < 1 / (1 + np.exp(-0.7 * gap))
    votes = np.column_stack([first_wins, np.zeros(150), ~first_wins]).astype(int)
    theirs = GLM(first_wins.astype(float), gap, family=Binomial()).fit(tol=1e-14)
    found = calibrate_gaps(gap, votes, question=np.arange(150))

    assert found.slope == pytest.approx(float(theirs.params[0]), abs=1e-9)


def test_scipys_bca_bootstrap(rng: np.random.Generator) -> None:
    """A skewed statistic, so that BCa and plain percentiles differ."""
    from scipy.stats import bootstrap as scipy_bootstrap

    values = rng.exponential(size=25) ** 2
    theirs = scipy_bootstrap((values,), np.mean, method="BCa", n_resamples=20_000, rng=rng)
    sums = np.column_stack([values, np.ones(25)])
    found = bootstrap(sums, lambda rows: rows[:, 0] / rows[:, 1], seed=2, rounds=20_000)
    plain = np.quantile(rng.choice(values, (20_000, 25)).mean(axis=1), 0.975)

    assert found is not None
    assert found.lower == pytest.approx(theirs.confidence_interval.low, rel=0.05)
    assert found.upper == pytest.approx(theirs.confidence_interval.high, rel=0.05)
    assert found.upper > 1.1 * plain
