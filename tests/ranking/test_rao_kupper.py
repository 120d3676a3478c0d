import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_davidson import PUDDING
from vote_cases import (
    from_tables,
    mixed_votes,
    multiplied,
    plain_maximum,
    published_votes,
    renamed,
    swapped,
)

from blindarena.errors import NotIdentifiedError
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.davidson import fit_davidson
from blindarena.ranking.rao_kupper import fit_rao_kupper
from blindarena.ranking.scale import ELO_PER_NAT, to_elo
from blindarena.ranking.vote_arrays import VoteArrays


def log_likelihood(votes: VoteArrays, x: FloatArray) -> float:
    """Add up the log-chances as Rao and Kupper write them, with strengths and a factor theta."""
    strength, factor = np.exp(x[:-1]), 1 + np.exp(x[-1])
    total = -(x[:-1].mean() ** 2)
    assert votes.count is not None
    for a, b, outcome, count in zip(votes.a, votes.b, votes.outcome, votes.count, strict=True):
        one, two = strength[a], strength[b]
        both = (one + factor * two) * (factor * one + two)
        tie = one * two * (factor**2 - 1) / both
        win, loss = one / (one + factor * two), two / (factor * one + two)
        total += count * np.log((win, loss, tie, tie)[outcome])
    return float(total)


def test_two_contestants_have_the_closed_form_of_the_paper() -> None:
    """Two free chances for two parameters: with win and loss shares w and l, both are met."""
    fit = fit_rao_kupper(from_tables(2, [(0, 1, 60, 15, 25)]))
    w, l = 0.60, 0.15  # noqa: E741

    assert fit.theta[0] - fit.theta[1] == pytest.approx(
        (np.log(w / (1 - w)) - np.log(l / (1 - l))) / 2, abs=1e-14
    )
    assert np.exp(fit.parameters[-1]) == pytest.approx(np.sqrt((1 - w) * (1 - l) / (w * l)))
    assert fit.threshold_elo == pytest.approx(fit.parameters[-1] * ELO_PER_NAT)


def test_equals_tie_with_the_stated_chance() -> None:
    fit = fit_rao_kupper(from_tables(2, [(0, 1, 35, 35, 30)]))

    assert np.tanh(fit.parameters[-1] / 2) == pytest.approx(0.3, abs=1e-14)


def test_the_puddings_as_davidson_compares_the_models() -> None:
    """Davidson (1970) finds the two models all but equal on his data: same order, same fit."""
    fit, other = fit_rao_kupper(PUDDING), fit_davidson(PUDDING)

    assert np.argsort(fit.theta).tolist() == np.argsort(other.theta).tolist()
    assert fit.log_likelihood == pytest.approx(other.log_likelihood, abs=0.1)


@given(mixed_votes())
def test_agrees_with_a_plain_likelihood(votes: VoteArrays) -> None:
    found = plain_maximum(lambda x: log_likelihood(votes, x), np.zeros(votes.m + 1))
    found[-1] = np.log(1 + np.exp(found[-1]))

    assert fit_rao_kupper(votes).parameters == pytest.approx(found, abs=1e-4)


def test_the_golden_file(root: Path) -> None:
    """Another algorithm on 1.67 million real votes, see make_method_golden.py."""
    golden = json.loads((root / "tests/data/methods_20240814.json").read_text())["rao_kupper"]
    names, votes = published_votes(root)

    fit = fit_rao_kupper(votes)

    assert fit.gradient < 1e-13
    assert fit.threshold_elo == pytest.approx(golden["threshold_elo"], abs=1e-6)
    assert dict(zip(names, to_elo(fit.theta), strict=True)) == pytest.approx(
        golden["elo"], abs=1e-6
    )


@given(mixed_votes(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(votes: VoteArrays, random: object) -> None:
    order = np.array(random.sample(range(votes.m), votes.m))  # type: ignore[attr-defined]

    fit, other = fit_rao_kupper(votes), fit_rao_kupper(renamed(votes, order))

    assert other.theta[order] == pytest.approx(fit.theta, abs=1e-9)
    assert other.threshold_elo == pytest.approx(fit.threshold_elo, rel=1e-9)


@given(mixed_votes(), st.integers(2, 1000))
def test_sides_and_scale_do_not_matter(votes: VoteArrays, times: int) -> None:
    fit = fit_rao_kupper(votes)

    assert fit_rao_kupper(swapped(votes)).parameters == pytest.approx(fit.parameters, abs=1e-9)
    assert fit_rao_kupper(multiplied(votes, times)).parameters == pytest.approx(
        fit.parameters, abs=1e-9
    )


@pytest.mark.parametrize("ties", [1, 10**3, 10**9])
def test_thresholds_from_tiny_to_huge(ties: int) -> None:
    fit = fit_rao_kupper(from_tables(2, [(0, 1, 10**6, 10**6, ties)]))

    share = ties / (2 * 10**6 + ties)
    assert np.tanh(fit.parameters[-1] / 2) == pytest.approx(share, rel=1e-9)


def test_odds_of_a_billion_keep_their_digits() -> None:
    fit = fit_rao_kupper(from_tables(2, [(0, 1, 10**9, 1, 10**3)]))

    assert fit.gradient < 1e-11
    w, l = 10**9 / (10**9 + 1001), 1 / (10**9 + 1001)  # noqa: E741
    assert fit.theta[0] - fit.theta[1] == pytest.approx(
        (np.log(w * (10**9 + 1001) / 1001) - np.log(l / (1 - l))) / 2, rel=1e-12
    )


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ([(0, 1, 1, 1, 1)], "1 of 3 contestants (2)"),
        ([(0, 1, 1, 1, 0), (1, 2, 4, 1, 0)], "no ties"),
        ([(0, 1, 5, 0, 3), (1, 2, 4, 0, 3)], "ever likelier ties"),
    ],
)
def test_no_finite_maximum_is_told(tables: list[tuple[int, ...]], says: str) -> None:
    with pytest.raises(NotIdentifiedError) as caught:
        fit_rao_kupper(from_tables(3, tables))

    assert says in str(caught.value)


def test_a_prior_gives_a_finite_answer() -> None:
    fit = fit_rao_kupper(from_tables(3, [(0, 1, 5, 0, 3), (1, 2, 4, 0, 3)]), prior_elo=200)

    assert fit.theta[0] > fit.theta[1] > fit.theta[2]
