import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from vote_cases import (
    from_rows,
    from_tables,
    mixed_votes,
    multiplied,
    plain_maximum,
    published_votes,
    renamed,
    rows_of,
    swapped,
)

from blindarena.errors import ConvergenceError, InputError, NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.davidson import fit_davidson
from blindarena.ranking.estimating import bread
from blindarena.ranking.scale import to_elo
from blindarena.ranking.vote_arrays import VoteArrays

PUDDING = from_tables(
    6,
    [
        (0, 1, 19, 22, 16),
        (0, 2, 16, 19, 12),
        (1, 2, 19, 19, 10),
        (0, 3, 18, 23, 13),
        (1, 3, 23, 19, 9),
        (2, 3, 19, 20, 15),
        (0, 4, 13, 19, 18),
        (1, 4, 16, 20, 12),
        (2, 4, 16, 15, 17),
        (3, 4, 17, 14, 16),
        (0, 5, 18, 21, 12),
        (1, 5, 22, 20, 12),
        (2, 5, 13, 18, 10),
        (3, 5, 14, 19, 18),
        (4, 5, 11, 21, 12),
    ],
)
"""Davidson's comparisons of six chocolate puddings (1970), as in PlackettLuce's `pudding`."""


def log_likelihood(votes: VoteArrays, x: FloatArray) -> float:
    """Add up the log-chances by their definition."""
    strength, nu = np.exp(x[:-1]), np.exp(x[-1])
    total = -(x[:-1].mean() ** 2)
    assert votes.count is not None
    for a, b, outcome, count in zip(votes.a, votes.b, votes.outcome, votes.count, strict=True):
        one, two = strength[a], strength[b]
        tie = nu * np.sqrt(one * two)
        total += count * np.log((one, two, tie, tie)[outcome] / (one + two + tie))
    return float(total)


def test_worked_example() -> None:
    """The puddings in the vignette "Introduction to PlackettLuce" of that R package.

    It stops after 7 iterations, before its own convergence, because that gives the worths of
    Davidson (1970); so its 7 digits are those of the maximum to about 2e-5 only.
    """
    printed = [0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855]
    fit = fit_davidson(PUDDING)
    worth = np.exp(fit.theta) / np.exp(fit.theta).sum()

    assert worth == pytest.approx(printed, abs=3e-5)
    assert fit.nu == pytest.approx(0.7468147, abs=3e-5)
    spread = bread(6, fit.hessian)
    error = np.sqrt(np.diag(spread @ fit.hessian @ spread.T))  # about the mean, like its own
    assert error[:6] == pytest.approx(
        [0.121949, 0.121818, 0.126823, 0.122003, 0.127054, 0.126594], abs=1e-5
    )


def test_worked_example_has_the_maximum_of_an_optimiser_without_derivatives() -> None:
    """Nelder and Mead's simplex on the likelihood by its definition knows nothing of our code."""
    found = minimize(
        lambda x: -log_likelihood(PUDDING, x),
        np.zeros(7),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 9999, "maxfev": 9999, "adaptive": True},
    )

    fit = fit_davidson(PUDDING)

    assert found.success
    assert fit.theta == pytest.approx(found.x[:6] - found.x[:6].mean(), abs=1e-6)
    assert fit.nu == pytest.approx(np.exp(found.x[6]), abs=1e-6)


def test_two_contestants_have_a_closed_form() -> None:
    """Two free chances for two parameters: both are met exactly."""
    fit = fit_davidson(from_tables(2, [(0, 1, 60, 15, 30)]))

    assert fit.theta[0] - fit.theta[1] == pytest.approx(np.log(60 / 15), abs=1e-14)
    assert fit.nu == pytest.approx(30 / np.sqrt(60 * 15), abs=1e-14)


@given(mixed_votes())
def test_agrees_with_a_plain_likelihood(votes: VoteArrays) -> None:
    expected = plain_maximum(lambda x: log_likelihood(votes, x), np.zeros(votes.m + 1))

    assert fit_davidson(votes).parameters == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", ["evalica_simple", "evalica_food"])
def test_evalica(parity_data: Path, name: str) -> None:
    """Newman's iteration has the same maximum; evalica scales its strengths in its own way."""
    file = json.loads((parity_data / "ranking" / f"{name}.json").read_text(encoding="utf-8"))
    names = sorted(file["golden"]["newman"])
    code = {"left": 0, "right": 1, "tie": 2}
    votes = from_rows(
        len(names), [(names.index(a), names.index(b), code[o], 1) for a, b, o in file["votes"]]
    )
    golden = np.log([file["golden"]["newman"][name] for name in names])

    assert fit_davidson(votes).theta == pytest.approx(golden - golden.mean(), abs=1e-4)


def test_evalica_tie_parameter(parity_data: Path) -> None:
    """Newman's v is half of nu; evalica's iteration stops 1e-5 (relative) before the maximum."""
    file = json.loads((parity_data / "ranking/evalica_rust_units.json").read_text(encoding="utf-8"))
    rows = zip(file["xs"], file["ys"], ("XYT".index(w) for w in file["winners"]), strict=True)
    fit = fit_davidson(from_rows(5, [(x, y, w, 1) for x, y, w in rows]))
    golden = np.log(file["newman"]["expected"])

    assert fit.theta == pytest.approx(golden - golden.mean(), abs=1e-4)
    assert fit.nu / 2 == pytest.approx(file["newman"]["expected_v"], rel=1e-5)


def test_leaderbot_counts_and_order(parity_data: Path, root: Path) -> None:
    """leaderbot's README: its matches are ours, and its first is ours."""
    file = json.loads(
        (parity_data / "ranking/leaderbot_davidson_readme.json").read_text(encoding="utf-8")
    )
    names, votes = published_votes(root)
    votes = from_rows(votes.m, [row for row in rows_of(votes) if row[2] != 3])
    met = np.bincount(votes.a, votes.count, votes.m) + np.bincount(votes.b, votes.count, votes.m)
    theta = fit_davidson(votes).theta

    for name, _, matches, *_ in file["rows"]:
        assert met[names.index(name)] == matches
    scores = np.array([row[1] for row in file["rows"]])
    ours = np.array([theta[names.index(row[0])] for row in file["rows"]])
    assert ours.argmax() == scores.argmax()
    assert np.corrcoef(ours, scores)[0, 1] > 0.9


def test_the_golden_file(root: Path) -> None:
    """Another algorithm on 1.67 million real votes, see make_method_golden.py."""
    golden = json.loads((root / "tests/data/methods_20240814.json").read_text())["davidson"]
    names, votes = published_votes(root)

    fit = fit_davidson(votes)

    assert fit.gradient < 1e-13
    assert fit.nu == pytest.approx(golden["nu"], rel=1e-9)
    assert dict(zip(names, to_elo(fit.theta), strict=True)) == pytest.approx(
        golden["elo"], abs=1e-6
    )


@given(mixed_votes(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(votes: VoteArrays, random: object) -> None:
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]

    fit, other = fit_davidson(votes), fit_davidson(renamed(votes, order))

    assert other.theta[order] == pytest.approx(fit.theta, abs=1e-9)
    assert other.nu == pytest.approx(fit.nu, rel=1e-9)


@given(mixed_votes(), st.integers(2, 1000))
def test_sides_and_scale_do_not_matter(votes: VoteArrays, times: int) -> None:
    fit = fit_davidson(votes)

    assert fit_davidson(swapped(votes)).parameters == pytest.approx(fit.parameters, abs=1e-9)
    assert fit_davidson(multiplied(votes, times)).parameters == pytest.approx(
        fit.parameters, abs=1e-9
    )


@given(mixed_votes())
def test_more_ties_make_a_larger_nu(votes: VoteArrays) -> None:
    assert votes.count is not None
    more = VoteArrays(
        votes.m, votes.a, votes.b, votes.outcome, votes.count * np.where(votes.outcome > 1, 2, 1)
    )

    assert fit_davidson(more).nu > fit_davidson(votes).nu


def test_odds_of_a_billion_keep_their_digits() -> None:
    fit = fit_davidson(from_tables(2, [(0, 1, 10**9, 1, 10**3)]))

    assert fit.theta[0] - fit.theta[1] == pytest.approx(9 * np.log(10), rel=1e-12)


def test_a_prior_gives_a_finite_answer_and_is_felt_only_where_votes_are_few() -> None:
    one_sided = from_tables(3, [(0, 1, 40, 30, 20), (1, 2, 5, 0, 1)])
    wide, narrow = (fit_davidson(one_sided, prior_elo=width).theta for width in (400, 100))

    assert wide[2] < narrow[2] < 0
    assert fit_davidson(PUDDING, prior_elo=4000).theta == pytest.approx(
        fit_davidson(PUDDING).theta, abs=1e-4
    )


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ([], "3 of 3 contestants (0, 1, 2)"),
        ([(0, 1, 1, 1, 1)], "1 of 3 contestants (2)"),
        ([(0, 1, 1, 1, 1), (1, 2, 4, 0, 0)], "1 of 3 contestants (2)"),
        ([(0, 1, 1, 1, 0), (1, 2, 4, 1, 0)], "no ties"),
        ([(0, 1, 0, 0, 1), (1, 2, 0, 0, 3)], "all votes are ties"),
        ([(0, 1, 5, 0, 3), (1, 2, 4, 0, 3)], "ever likelier ties"),
        ([(0, 1, 1, 0, 0), (1, 2, 0, 0, 1), (0, 2, 0, 0, 1)], "ever likelier ties"),
    ],
)
def test_no_finite_maximum_is_told(tables: list[tuple[int, ...]], says: str) -> None:
    with pytest.raises(NotIdentifiedError) as caught:
        fit_davidson(from_tables(3, tables))

    assert says in str(caught.value)


def test_a_cycle_with_more_wins_than_ties_suffices() -> None:
    """No pair has wins both ways, yet 0 > 1 > 2 and 2 = 0 contradict ever likelier ties."""
    fit = fit_davidson(from_tables(3, [(0, 1, 2, 0, 0), (1, 2, 2, 0, 0), (0, 2, 0, 0, 2)]))

    assert np.isfinite(fit.parameters).all()
    assert fit.gradient < 1e-12


@pytest.mark.parametrize("prior", [0.0, -1.0, np.nan, np.inf])
def test_a_useless_prior_is_told(prior: float) -> None:
    with pytest.raises(InputError, match="Elo points wide"):
        fit_davidson(PUDDING, prior_elo=prior)


def test_a_tolerance_out_of_reach_is_told() -> None:
    with pytest.raises(ConvergenceError, match="did not reach tol=-1"):
        fit_davidson(PUDDING, tol=-1.0)


@pytest.mark.parametrize("weights", [np.ones(3), np.full(45, -1.0), np.full(45, np.nan)])
def test_useless_weights_are_told(weights: FloatArray) -> None:
    with pytest.raises(InputError, match="weights"):
        fit_davidson(PUDDING, weights=weights)
