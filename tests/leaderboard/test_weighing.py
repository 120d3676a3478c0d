"""Weights of votes, and the side that is shown first."""

import numpy as np
import pyarrow as pa
import pytest
from vote_tables import MODELS, NOW, STRENGTH, votes

from blindarena import rank
from blindarena.errors import InputError
from blindarena.leaderboard.options import Method
from blindarena.leaderboard.result import Leaderboard
from blindarena.ranking import ELO_PER_NAT, fit_weighted_bradley_terry
from blindarena.votes import read_votes

VOTES = votes(900)


def with_column(table: pa.Table, name: str, values: object) -> pa.Table:
    return table.append_column(name, pa.array(values))


def ratings(board: Leaderboard) -> list[float]:
    found = {row.contestant: row.rating for row in board.rows}
    return [found[name] or np.nan for name in MODELS]


def test_a_weight_of_two_is_the_vote_twice() -> None:
    weight = np.where(np.arange(900) % 3 == 0, 2.0, 1.0)
    twice = pa.concat_tables([VOTES, VOTES.filter(pa.array(weight == 2))])

    weighted = rank(with_column(VOTES, "weight", weight), weights="weight", now=NOW)

    assert ratings(weighted) == pytest.approx(ratings(rank(twice, now=NOW)), abs=1e-7)
    assert weighted.n == 900
    assert any("weighted by weight: they tell about as much as 800" in n for n in weighted.notes)


@pytest.mark.parametrize("method", ["bt", "davidson", "rao-kupper", "four-outcome"])
def test_equal_weights_change_nothing(method: Method) -> None:
    table = with_column(VOTES, "weight", np.full(900, 7.0))

    plain, weighted = (
        rank(table, method=method, weights=weights, now=NOW) for weights in (None, "weight")
    )

    assert ratings(weighted) == pytest.approx(ratings(plain), abs=1e-7)
    for one, other in zip(plain.rows, weighted.rows, strict=True):
        assert other.lower == pytest.approx(one.lower, abs=1e-7)


@pytest.mark.parametrize("interval", ["sandwich", "cluster", "anytime"])
def test_weights_go_into_every_interval(interval: str) -> None:
    """A few heavy votes tell less than their number: the interval is wider."""
    weight = np.where(np.arange(900) % 10 == 0, 50.0, 1.0)
    table = with_column(VOTES, "weight", weight)
    cluster = "voter" if interval == "cluster" else None
    options = {"interval": interval, "cluster": cluster, "now": NOW}

    plain, weighted = (rank(table, weights=w, **options) for w in (None, "weight"))  # type: ignore[arg-type]

    for one, other in zip(plain.rows, weighted.rows, strict=True):
        assert other.upper - other.lower > 1.5 * (one.upper - one.lower)


def test_inverse_propensity_gives_back_the_board_of_even_pairs() -> None:
    """Tastes that no line of ratings fits, and one pair drawn ten times as often as the others."""
    rng = np.random.default_rng(2)
    lead = {("x", "y"): 0.9, ("y", "z"): 0.9, ("x", "z"): 0.1}  # x hardly beats z
    rows = []
    for (a, b), chance in lead.items():
        often = 10 if (a, b) == ("x", "z") else 1
        for won in rng.random(1500 * often) < 0.5 + chance / 4:
            winner = "model_a" if won else "model_b"
            rows.append({"model_a": a, "model_b": b, "winner": winner, "probability": often / 12})
    skewed = pa.Table.from_pylist(rows)
    even = pa.Table.from_pylist(
        [row for k, row in enumerate(rows) if row["probability"] < 0.5 or k % 10 == 0]
    )

    plain, weighted, truth = (
        {row.contestant: row.rating for row in board.rows}
        for board in (
            rank(skewed, now=NOW),
            rank(skewed, propensity="probability", now=NOW),
            rank(even, now=NOW),
        )
    )

    assert weighted["x"] == pytest.approx(truth["x"], abs=12)
    assert abs(plain["x"] - truth["x"]) > 20
    table = read_votes(skewed)
    fit = fit_weighted_bradley_terry(table.votes, weights=1 / table.numbers["probability"])
    assert [weighted[name] for name in table.models] == pytest.approx(
        1000 + ELO_PER_NAT * fit.theta, abs=1e-7
    )


@pytest.mark.parametrize(
    ("column", "options", "says"),
    [
        ([1.0] * 899 + [None], {"weights": "w"}, "w of vote 900 is missing"),
        ([-1.0] + [1.0] * 899, {"weights": "w"}, r"w of vote 1 is -1 \(1 such votes\); give a w"),
        ([0.0] * 900, {"weights": "w"}, "w is 0 in every vote"),
        ([1.0] * 899 + [0.0], {"propensity": "w"}, "give a probability above 0, at most 1"),
        ([1.5] * 900, {"propensity": "w"}, "w of vote 1 is 1.5"),
        (["heavy"] * 900, {"weights": "w"}, "no column 'w' of numbers"),
        ([1.0] * 900, {"weights": "w", "propensity": "w"}, "leave one out"),
        ([1.0] * 900, {"weights": "w", "method": "elo"}, "online Elo takes no weights"),
        ([1.0] * 900, {"weights": "w", "interval": "bootstrap"}, "the bootstrap is for bt"),
    ],
)
def test_wrong_weights_say_the_cure(column: list[object], options: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        rank(with_column(VOTES, "w", column), **options)  # type: ignore[arg-type]


def favoured(n: int, advantage: float) -> pa.Table:
    """Return votes in which side a has an advantage, in nats; ada is on side a most often."""
    rng = np.random.default_rng(4)
    a = rng.choice(4, n, p=[0.7, 0.1, 0.1, 0.1])
    b = (a + rng.integers(1, 4, n)) % 4
    wins = rng.random(n) < 1 / (1 + np.exp(-(STRENGTH[a] - STRENGTH[b] + advantage)))
    names = np.array(MODELS)
    return pa.table(
        {
            "model_a": names[a],
            "model_b": names[b],
            "winner": np.where(wins, "model_a", "model_b"),
            "voter": [f"v{k % 90}" for k in range(n)],
        }
    )


def test_the_first_position_is_estimated_and_taken_out() -> None:
    table = favoured(6000, 0.5)

    board = rank(table, first_position=True, now=NOW)

    (first,) = board.coefficients
    assert first.name == "first position"
    assert first.lower < 0.5 * ELO_PER_NAT < first.upper
    assert first.upper - first.lower < 60
    truth = 1000 + ELO_PER_NAT * (STRENGTH - STRENGTH.mean())
    assert ratings(board) == pytest.approx(truth, abs=25)
    assert ratings(rank(table, now=NOW))[0] > truth[0] + 30
    assert "Being side a, the one shown first, is worth +" in board.to_markdown()
    assert board.method == "Bradley-Terry with first position"


def test_first_position_and_style_stand_beside_each_other() -> None:
    board = rank(VOTES, first_position=True, style=True, now=NOW)

    assert [one.name for one in board.coefficients] == ["tokens", "first position"]
    assert board.method == "Bradley-Terry with style control (tokens) and first position"


def test_clusters_of_copied_votes_widen_the_coefficients() -> None:
    copied = pa.concat_tables([favoured(500, 0.2)] * 4)

    (plain,) = rank(copied, first_position=True, now=NOW).coefficients
    (clustered,) = rank(copied, first_position=True, cluster="voter", now=NOW).coefficients

    assert clustered.value == pytest.approx(plain.value)
    assert clustered.upper - clustered.lower > 1.5 * (plain.upper - plain.lower)


def test_first_position_is_for_bt() -> None:
    with pytest.raises(InputError, match="the first position is for the method bt, not elo"):
        rank(VOTES, first_position=True, method="elo")
