import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
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

from blindarena.errors import NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.davidson import UTILITIES as DAVIDSON
from blindarena.ranking.davidson import fit_davidson
from blindarena.ranking.four_outcome import UTILITIES, fit_four_outcome
from blindarena.ranking.scale import to_elo
from blindarena.ranking.vote_arrays import VoteArrays


def log_likelihood(votes: VoteArrays, x: FloatArray) -> float:
    """Add up the log-chances by their definition."""
    m = votes.m
    strength, nu, accept = np.exp(x[:m]), np.exp(x[m]), x[m + 1 :]
    total = -(x[:m].mean() ** 2)
    assert votes.count is not None
    for a, b, outcome, count in zip(votes.a, votes.b, votes.outcome, votes.count, strict=True):
        one, two = strength[a], strength[b]
        level = np.sqrt(one * two)
        parts = (one, two, nu * level, np.exp(-(accept[a] + accept[b]) / 2) * level)
        total += count * np.log(parts[outcome] / sum(parts))
    return float(total)


def test_equals_have_a_closed_form() -> None:
    """Three contestants, all pairs alike: shares are chances."""
    votes = from_tables(3, [(a, b, 30, 30, 25, 15) for a, b in ((0, 1), (1, 2), (0, 2))])

    fit = fit_four_outcome(votes)

    assert fit.theta == pytest.approx([0, 0, 0], abs=1e-14)
    assert fit.nu == pytest.approx(25 / 30, abs=1e-14)
    assert fit.acceptability == pytest.approx([np.log(30 / 15)] * 3, abs=1e-14)
    assert fit.both_bad_chance == pytest.approx([0.15] * 3, abs=1e-14)


def test_it_tells_who_wins_from_who_will_do() -> None:
    """Equals among whom one is in most of the both-bad votes."""
    votes = from_tables(3, [(0, 1, 30, 30, 20, 5), (1, 2, 30, 30, 20, 60), (0, 2, 30, 30, 20, 60)])

    fit = fit_four_outcome(votes)

    assert fit.theta == pytest.approx([0, 0, 0], abs=1e-12)
    assert fit.acceptability[0] == pytest.approx(fit.acceptability[1])
    assert fit.acceptability[2] < fit.acceptability[0] - 1


@given(mixed_votes(most=10))
def test_agrees_with_a_plain_likelihood(votes: VoteArrays) -> None:
    fit = fit_four_outcome(votes, acceptability_prior_elo=1000)
    weak = (400 / np.log(10) / 1000) ** 2

    def penalised(x: FloatArray) -> float:
        return log_likelihood(votes, x) - weak / 2 * float(np.sum(x[votes.m + 1 :] ** 2))

    expected = plain_maximum(penalised, np.zeros(2 * votes.m + 1))
    assert fit.parameters == pytest.approx(expected, abs=2e-4)


def test_the_golden_file(root: Path) -> None:
    """Another algorithm on 1.67 million real votes, see make_method_golden.py."""
    golden = json.loads((root / "tests/data/methods_20240814.json").read_text())["four_outcome"]
    names, votes = published_votes(root)

    fit = fit_four_outcome(votes)

    assert fit.gradient < 1e-13
    assert fit.nu == pytest.approx(golden["nu"], rel=1e-9)
    assert dict(zip(names, to_elo(fit.theta), strict=True)) == pytest.approx(
        golden["elo"], abs=1e-6
    )
    assert dict(zip(names, fit.acceptability, strict=True)) == pytest.approx(
        golden["acceptability"], abs=1e-8
    )


def test_on_the_real_votes_who_wins_and_who_will_do_differ(root: Path) -> None:
    """It says more than Davidson's model with one rate of both-bad votes, and keeps its order."""
    _, votes = published_votes(root)
    four, davidson = fit_four_outcome(votes), fit_davidson(votes)
    assert votes.count is not None
    bad = votes.count[votes.outcome == 3].sum()
    ties = votes.count[votes.outcome >= 2].sum()
    split = bad * np.log(bad / ties) + (ties - bad) * np.log(1 - bad / ties)

    assert four.log_likelihood > davidson.log_likelihood + split + 11_000
    assert np.corrcoef(four.theta, davidson.theta)[0, 1] > 0.999


@given(mixed_votes(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(votes: VoteArrays, random: object) -> None:
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]

    fit = fit_four_outcome(votes, acceptability_prior_elo=1000)
    other = fit_four_outcome(renamed(votes, order), acceptability_prior_elo=1000)

    assert other.theta[order] == pytest.approx(fit.theta, abs=1e-9)
    assert other.acceptability[order] == pytest.approx(fit.acceptability, abs=1e-9)


@given(mixed_votes(), st.integers(2, 100))
def test_sides_and_scale_do_not_matter(votes: VoteArrays, times: int) -> None:
    if votes.m % 2 == 0:
        votes = from_tables(3, [(0, 1, 3, 4, 5, 6), (1, 2, 4, 4, 2, 1), (0, 2, 9, 1, 2, 2)])
    fit = fit_four_outcome(votes)

    assert fit_four_outcome(swapped(votes)).parameters == pytest.approx(fit.parameters, abs=1e-8)
    assert fit_four_outcome(multiplied(votes, times)).parameters == pytest.approx(
        fit.parameters, abs=1e-8
    )


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ([(0, 1, 1, 1, 1, 0), (1, 2, 1, 1, 1, 0)], "no both-bad votes"),
        ([(0, 1, 1, 1, 0, 1), (1, 2, 1, 1, 0, 1)], "no ties"),
        ([(0, 1, 1, 1, 1, 1), (1, 2, 1, 1, 1, 1)], "acceptability of 3 of 3 contestants"),
        ([(0, 1, 9, 9, 9, 9), (1, 2, 9, 9, 9, 9), (0, 2, 9, 9, 9, 0)], "0, 1, 2"),
        ([(0, 1, 1, 1, 1, 1), (1, 2, 0, 0, 0, 9)], "1 of 3 contestants (2)"),
    ],
)
def test_no_finite_maximum_is_told(tables: list[tuple[int, ...]], says: str) -> None:
    with pytest.raises(NotIdentifiedError) as caught:
        fit_four_outcome(from_tables(3, tables))

    assert says in str(caught.value)


def test_a_stated_prior_rates_a_star_of_pairs() -> None:
    """Everybody met contestant 0 only: sums of acceptabilities are known, single ones are not."""
    votes = from_tables(3, [(0, 1, 40, 30, 20, 10), (0, 2, 40, 30, 20, 30)])

    fit = fit_four_outcome(votes, acceptability_prior_elo=300)

    assert fit.acceptability[1] > fit.acceptability[2]


def never_lowers(votes: VoteArrays, utilities: FloatArray, columns: list[list[int]]) -> float:
    """Return how far some bounded direction can raise a likelihood that it nowhere lowers."""
    size = 1 + max(max(column) for column in columns)
    rows = []
    for (_, _, outcome, _), column in zip(rows_of(votes), columns, strict=True):
        own = min(outcome, len(utilities) - 1)
        for other in utilities:
            row = np.zeros(size)
            np.add.at(row, column, utilities[own] - other)
            rows.append(row)
    matrix = np.array(rows)
    found = linprog(-matrix.sum(axis=0), A_ub=-matrix, b_ub=np.zeros(len(rows)), bounds=(-1, 1))
    return float(-found.fun)


sparse = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(0, 3), st.just(1)),
    min_size=3,
    max_size=14,
).map(lambda rows: [(a, (a + by) % 4, outcome, n) for a, by, outcome, n in rows])


@given(sparse)
def test_davidson_is_refused_exactly_where_no_finite_maximum_exists(
    rows: list[tuple[int, int, int, int]],
) -> None:
    """By linear programming over all directions."""
    votes = from_rows(4, rows)
    columns = [[a, b, 4] for a, b, _, _ in rows]
    runs_away = never_lowers(votes, DAVIDSON, columns) > 1e-9
    try:
        fit = fit_davidson(votes)
    except NotIdentifiedError:
        flat = not_all_meet(rows)
        assert runs_away or flat
    else:
        assert not runs_away
        assert fit.gradient < 1e-10


@given(sparse)
def test_four_outcomes_are_fitted_only_where_a_finite_maximum_exists(
    rows: list[tuple[int, int, int, int]],
) -> None:
    votes = from_rows(4, rows)
    columns = [[a, b, 4, 5 + a, 5 + b] for a, b, _, _ in rows]
    try:
        fit = fit_four_outcome(votes)
    except NotIdentifiedError:
        return
    assert never_lowers(votes, UTILITIES, columns) < 1e-9
    assert fit.gradient < 1e-10


def not_all_meet(rows: list[tuple[int, int, int, int]]) -> bool:
    """Say whether the undirected graph of who met whom has more than one part."""
    part = list(range(4))
    for a, b, _, _ in rows:
        old, new = part[a], part[b]
        part = [new if p == old else p for p in part]
    return len(set(part)) > 1
