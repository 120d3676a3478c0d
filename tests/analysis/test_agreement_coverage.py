"""How often the intervals of agreement hold the true value; the table of docs/methods/agreement.md.

`pytest -m slow -s tests/analysis/test_agreement_coverage.py` prints it.
"""

from functools import partial

import numpy as np
import pytest

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.alpha import alpha_from_sums, alpha_sums, alpha_with_interval
from blindarena.analysis.beside import beside_humans
from blindarena.analysis.clusters import Estimated, Share, sum_by
from blindarena.analysis.coefficient import ChanceCorrected
from blindarena.analysis.correlation import Kind, correlations
from blindarena.analysis.draws import bootstrap
from blindarena.analysis.kappa import cohen_with_interval
from blindarena.analysis.setups import agreement_between
from blindarena.analysis.verdicts import Codes, count_verdicts, majority

ITEMS, PEOPLE = 5, 3
RUNS = 2000
MEASURES = ("share", "difference", "kappa", "alpha", "alpha, drawn")
Found = dict[str, tuple[float, float] | None]


def ratings(rng: np.random.Generator, questions: int) -> tuple[Counts, Counts, Codes]:
    """Draw verdicts of a judge and of people on five pairs per question.

    A question has a leaning of its own, so its verdicts hang together, and a difficulty of its
    own, so raters agree on some questions and not on others.
    """
    question = np.repeat(np.arange(questions), ITEMS)
    truth = rng.normal(0, 1.2, questions)[question] + rng.normal(0, 1, len(question))
    noise = np.exp(rng.normal(0, 0.8, questions))[question]

    def rate(raters: int) -> Counts:
        seen = truth[:, np.newaxis] + noise[:, np.newaxis] * rng.normal(size=(len(truth), raters))
        codes = np.where(seen < -0.5, 0, np.where(seen > 0.5, 2, 1))
        item = np.repeat(np.arange(len(truth)), raters)
        return count_verdicts(item, codes.ravel(), items=len(truth))

    return rate(1), rate(PEOPLE), question


def drawn(people: Counts, question: Codes, seed: int) -> tuple[float, float] | None:
    """Return the bootstrap interval that the jackknife is compared with."""
    statistic = partial(alpha_from_sums, metric="ordinal")
    found = bootstrap(sum_by(alpha_sums(people), question), statistic, seed=seed, rounds=500)
    return (found.lower, found.upper) if found else None


def intervals(judge: Counts, people: Counts, question: Codes, seed: int) -> Found:
    share = agreement_between(judge, people, question=question, setup="S1").share
    beside = beside_humans(judge, people, question=question, setup="S1").difference
    kappa = cohen_with_interval(majority(judge), majority(people), question=question, setup="S1")
    alpha = alpha_with_interval(people, question=question, metric="ordinal")
    return {
        "share": ends(share),
        "difference": ends(beside),
        "kappa": ends(kappa),
        "alpha": ends(alpha),
        "alpha, drawn": drawn(people, question, seed),
    }


def ends(found: Share | Estimated | ChanceCorrected) -> tuple[float, float] | None:
    if found.lower is None or found.upper is None:
        return None
    return found.lower, found.upper


def truths(rng: np.random.Generator) -> dict[str, float]:
    judge, people, question = ratings(rng, 200_000)
    codes = majority(judge), majority(people)
    values = (
        agreement_between(judge, people, question=question, setup="S1").share.value,
        0.0,  # the judge rates as people do
        cohen_with_interval(*codes, question=question, setup="S1").value,
        alpha_with_interval(people, question=question, metric="ordinal").value,
    )
    found = {name: float(v or 0) for name, v in zip(MEASURES, values, strict=False)}
    return found | {"alpha, drawn": found["alpha"]}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_intervals_of_agreement_hold_what_they_say(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(20261122)
    truth = truths(rng)
    lines = []
    for questions in (10, 20, 40, 80):
        held = dict.fromkeys(MEASURES, 0)
        for run in range(RUNS):
            for name, both in intervals(*ratings(rng, questions), seed=run).items():
                held[name] += both is not None and both[0] <= truth[name] <= both[1]
        coverage = {name: held[name] / RUNS for name in MEASURES}
        lines.append(f"{questions}: " + ", ".join(f"{k} {v:.1%}" for k, v in coverage.items()))
        for name in MEASURES[:4]:
            assert 0.93 < coverage[name] < 0.975, lines[-1]
    with capsys.disabled():
        print("", *lines, sep="\n")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_intervals_of_correlations_by_how_many_contestants(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rng = np.random.default_rng(7)
    lines = []
    for rho in (0.7, 0.95):
        truth: dict[Kind, float] = {
            "pearson": rho,
            "spearman": 6 / np.pi * np.arcsin(rho / 2),
            "kendall": 2 / np.pi * np.arcsin(rho),
        }
        for m in (10, 20, 40):
            held = dict.fromkeys(truth, 0)
            for run in range(1000):
                scores: FloatArray = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], m)
                for found in correlations(*scores.T, seed=run, rounds=1000):
                    interval = found.interval
                    held[found.kind] += interval is not None and (
                        interval.lower <= truth[found.kind] <= interval.upper
                    )
            lines.append(
                f"{rho}, {m}: " + ", ".join(f"{k} {v / 1000:.1%}" for k, v in held.items())
            )
            assert min(held.values()) > 880, lines[-1]
    with capsys.disabled():
        print("", *lines, sep="\n")
