"""Small sets whose figures can be worked out on paper."""

import math

import numpy as np
import pytest

from blindarena.analysis.draws import bootstrap
from blindarena.domain.judging import FiveWay, Judgment, Protocol
from blindarena.judge.scoring.games import games_of, winner_of
from blindarena.judge.scoring.summary import ProtocolScores, score_run
from judge.records import both, judgment, run_of

MN = ("m", "n")


def scored(
    judgments: list[Judgment],
    *,
    texts: dict[tuple[str, str], str] | None = None,
    baseline: str | None = None,
) -> ProtocolScores:
    (found,) = score_run(run_of(judgments, texts=texts, baseline=baseline)).protocols
    return found


@pytest.mark.parametrize(
    ("ab", "ba", "said"),
    [
        ("A>B", "B>A", "A>B"),
        ("A>>B", "B>>A", "A>>B"),
        ("A>>B", "B>A", "A>B"),  # the weaker of two strengths
        ("A>B", "A>B", "A=B"),  # whatever is shown first
        ("A>B", "A=B", "A=B"),
        ("A=B", "A=B", "A=B"),
        ("B>A", "A>B", "B>A"),
        ("A>B", None, None),
    ],
)
def test_a_win_needs_both_orders(
    ab: FiveWay | None, ba: FiveWay | None, said: FiveWay | None
) -> None:
    (games,) = games_of(both("1", MN, ab, ba))

    assert winner_of(games) == said


def test_win_rates() -> None:
    """Of m: two wins, one loss, one tie (the orders differ); one pair has no verdict."""
    judgments = [
        *both("1", MN, "A>B", "B>A"),
        *both("2", MN, "A>B", "B>A"),
        *both("3", MN, "B>A", "A>B"),
        *both("4", MN, "A>B", "A>B"),
        *both("5", MN, "A>B", None),
    ]

    board = scored(judgments).pairs[0]

    m, n = board.rows
    assert (m.contestant, m.wins, m.losses, m.ties) == ("m", 2, 1, 1)
    assert (n.contestant, n.wins, n.losses, n.ties) == ("n", 1, 2, 1)
    assert m.win_rate.value == 0.5
    assert m.adjusted.value == 0.625
    assert board.left_out == 1
    # Bradley-Terry of two: the odds are 2.5 to 1.5.
    difference = board.ratings.plain["m"].value - board.ratings.plain["n"].value
    assert difference == pytest.approx(400 * math.log10(2.5 / 1.5))


def against(verdicts: list[tuple[FiveWay, FiveWay]]) -> list[Judgment]:
    pair = ("m", "base")
    return [
        one
        for number, (ab, ba) in enumerate(verdicts)
        for one in both(str(number), pair, ab, ba, protocol="baseline")
    ]


def test_arena_hards_score() -> None:
    """Question 0: a strong win and a win; 1: two losses; 2: a tie and a strong loss."""
    judgments = against([("A>>B", "B>A"), ("B>A", "A>B"), ("A=B", "A>>B")])

    (row,) = scored(judgments, baseline="base").pairs[0].against

    assert row.weighted.value == pytest.approx((3 + 1 + 0 + 0 + 0.5 + 0) / (3 + 1 + 1 + 1 + 1 + 3))
    assert row.plain.value == pytest.approx((1 + 1 + 0 + 0 + 0.5 + 0) / 6)
    counts = (row.strong_wins, row.wins, row.ties, row.losses, row.strong_losses)
    assert counts == (1, 1, 1, 2, 1)
    assert row.weighted.clusters == 3


def test_a_strong_verdict_is_one_question_not_three_votes() -> None:
    """Copying each verdict three times does not narrow the interval; drawing questions agrees."""
    rng = np.random.default_rng(3)
    strong: list[tuple[FiveWay, FiveWay]] = [("A>>B", "B>>A"), ("B>>A", "A>>B")]
    weak: list[tuple[FiveWay, FiveWay]] = [("A>B", "B>A"), ("B>A", "A>B")]
    wins = [int(rng.random() < 0.35) for _ in range(80)]

    (row,) = scored(against([strong[win] for win in wins]), baseline="base").pairs[0].against
    (plain,) = scored(against([weak[win] for win in wins]), baseline="base").pairs[0].against

    assert (row.weighted.lower, row.weighted.upper) == (plain.weighted.lower, plain.weighted.upper)
    sums = np.array([[6.0 * (1 - win), 6.0] for win in wins])
    drawn = bootstrap(sums, lambda s: s[:, 0] / s[:, 1], seed=1, rounds=2000)
    assert drawn is not None
    assert row.weighted.lower == pytest.approx(drawn.lower, abs=0.02)
    assert row.weighted.upper == pytest.approx(drawn.upper, abs=0.02)
    as_votes = 1.96 * math.sqrt(row.weighted.value * (1 - row.weighted.value) / 480)  # type: ignore[operator]
    assert row.weighted.upper - row.weighted.lower > 4 * as_votes  # type: ignore[operator]


def test_mt_benchs_table() -> None:
    judgments = [
        judgment("1", ("m",), protocol="single", score=8, category="math"),
        judgment("1", ("m",), protocol="single", score=5, turn=2, category="math"),
        judgment("2", ("m",), protocol="single", score=9, category="stem"),
        judgment("2", ("m",), protocol="single", turn=2, category="stem"),  # unparsed
        judgment("1", ("n",), protocol="single", score=2, category="math"),
    ]

    m, n = scored(judgments).scores[0].rows

    assert (m.contestant, m.unparsed) == ("m", 1)
    assert m.both.value == pytest.approx(22 / 3)
    assert {turn: found.value for turn, found in m.turns.items()} == {1: 8.5, 2: 5.0}
    assert {kind: found.value for kind, found in m.categories.items()} == {"math": 6.5, "stem": 9.0}
    assert (n.contestant, n.both.value, n.both.lower) == ("n", 2.0, None)


def test_checklists() -> None:
    judgments = [
        judgment("1", ("m",), protocol="rubric", score=0.75, items=(("a", True), ("b", False))),
        judgment("2", ("m",), protocol="rubric", score=1.0, items=(("a", True), ("b", True))),
    ]

    (row,) = scored(judgments).scores[0].rows

    assert row.both.value == 0.875
    assert row.items is not None
    assert row.items.value == 0.75


def test_both_orders() -> None:
    """Ten pairs: 5 consistent wins, 1 consistent tie, 3 first in both, 1 tie in one order."""
    said: list[tuple[FiveWay, FiveWay]] = [
        *[("A>B", "B>A")] * 3,  # type: ignore[list-item]
        *[("B>A", "A>B")] * 2,  # type: ignore[list-item]
        ("A=B", "A=B"),
        *[("A>B", "A>B")] * 3,  # type: ignore[list-item]
        ("A>B", "A=B"),
    ]
    judgments = [one for n, (ab, ba) in enumerate(said) for one in both(str(n), MN, ab, ba)]

    orders = scored(judgments).behaviour[0].orders

    assert orders is not None
    found = orders.consistency
    assert (found.consistent.value, found.first_both, found.second_both) == (0.6, 3, 0)
    assert found.tie_in_one_order == 1
    # Decided: 12 for the first (3 + 2 + 6 + 1), 5 for the second.
    assert orders.first.value == pytest.approx(12 / 17)
    chance = 2 * (12 / 20) * (5 / 20) + (3 / 20) ** 2
    assert orders.by_chance == pytest.approx(chance)
    assert orders.kappa is not None
    assert orders.kappa.value == pytest.approx((0.6 - chance) / (1 - chance))
    assert orders.follows.value == pytest.approx(0.5 - 0.3)


def test_length() -> None:
    """Of six verdicts that are no tie, four go to the longer answer; equal lengths do not count."""
    texts = {(name, str(n)): "word " * (9 if name == "m" else 2) for name in MN for n in range(4)}
    texts |= {("m", "4"): "same", ("n", "4"): "same"}
    judgments = [
        *both("0", MN, "A>B", "B>A"),
        *both("1", MN, "A>B", "B>A"),
        *both("2", MN, "B>A", "A>B"),
        *both("3", MN, "A=B", "A=B"),
        *both("4", MN, "A>B", "B>A"),
    ]

    verbosity = scored(judgments, texts=texts).behaviour[0].verbosity

    assert verbosity is not None
    assert (verbosity.longer.count, verbosity.longer.total) == (4, 6)


def test_grades_imply_verdicts() -> None:
    """Two questions: the longer answer has the higher grade in one, an equal one in the other."""
    texts = {("m", "1"): "long text", ("n", "1"): "x", ("m", "2"): "long text", ("n", "2"): "x"}
    judgments = [
        judgment("1", ("m",), protocol="single", score=8),
        judgment("1", ("n",), protocol="single", score=4),
        judgment("2", ("m",), protocol="single", score=5),
        judgment("2", ("n",), protocol="single", score=5),
    ]

    behaviour = scored(judgments, texts=texts).behaviour[0]

    assert behaviour.ties.value == 0.5
    assert behaviour.verbosity is not None
    assert (behaviour.verbosity.longer.count, behaviour.verbosity.longer.total) == (1, 1)
    assert behaviour.scores == (4, 5, 8)


def test_a_judge_that_is_a_contestant() -> None:
    """By m itself m wins all, by n half: 50 points more."""
    judgments = [
        one
        for n in range(4)
        for one in (
            *both(str(n), MN, "A>B", "B>A", judge="m"),
            *both(str(n), MN, *(("A>B", "B>A") if n % 2 else ("B>A", "A>B")), judge="n"),
        )
    ]

    own = {one.judge: one for one in scored(judgments).own}

    assert (own["m"].own, own["m"].others, own["m"].excess) == (1.0, 0.5, 0.5)
    assert (own["n"].own, own["n"].others, own["n"].excess) == (0.5, 0.0, 0.5)


def test_a_panel() -> None:
    """Two of three say m on question 1; all differ on question 2, which is a tie."""
    said: dict[str, list[tuple[FiveWay, FiveWay]]] = {
        "j": [("A>B", "B>A"), ("A>B", "B>A")],
        "k": [("A>B", "B>A"), ("B>A", "A>B")],
        "l": [("B>A", "A>B"), ("A=B", "A=B")],
    }
    judgments = [
        one
        for judge, verdicts in said.items()
        for n, (ab, ba) in enumerate(verdicts)
        for one in both(str(n), MN, ab, ba, judge=judge)
    ]

    found = scored(judgments)

    panel = found.pairs[-1]
    assert panel.panel == ("j", "k", "l")
    assert (panel.rows[0].contestant, panel.rows[0].wins, panel.rows[0].ties) == ("m", 1, 1)
    assert found.disagreement is not None
    assert found.disagreement.same == pytest.approx(1 / 6)  # one of six pairs of verdicts


def test_a_panel_of_grades() -> None:
    judgments = [
        judgment("1", ("m",), protocol="single", judge="j", score=4),
        judgment("1", ("m",), protocol="single", judge="k", score=8),
    ]

    found = scored(judgments)

    assert found.scores[-1].rows[0].both.value == 6
    assert found.disagreement is not None
    assert found.disagreement.spread is not None
    assert found.disagreement.spread.value == pytest.approx(math.sqrt(8))


@pytest.mark.parametrize("protocol", ["single", "pair"])
def test_repeats(protocol: Protocol) -> None:
    """Asked three times: twice the same, once another."""
    if protocol == "single":
        given = [
            judgment("1", ("m",), protocol="single", score=score, repeat=repeat)
            for repeat, score in enumerate((6, 6, 9))
        ]
    else:
        said: tuple[FiveWay, ...] = ("A>B", "A>B", "B>A")
        given = [
            judgment("1", MN, order="ab", verdict=verdict, repeat=repeat)
            for repeat, verdict in enumerate(said)
        ]

    (found,) = scored(given).repeats

    assert (found.repeats, found.items) == (3, 1)
    assert found.same == pytest.approx(1 / 3)
    if protocol == "single":
        assert found.spread is not None
        assert found.spread.value == pytest.approx(math.sqrt(3))


def test_effort() -> None:
    judgments = [
        judgment("1", ("m",), protocol="single", score=5, cost_usd=0.5, seconds=1.0),
        judgment("2", ("m",), protocol="single", cost_usd=0.25, seconds=3.0, flagged=True),
        judgment("3", ("m",), protocol="single", error="HTTP 500"),
    ]

    effort = scored(judgments).behaviour[0].effort

    assert (effort.calls, effort.failed, effort.flagged) == (3, 1, 1)
    assert (effort.unparsed.count, effort.unparsed.total) == (1, 2)
    assert (effort.cost_usd, effort.costs_known, effort.seconds) == (0.75, 2, 2.0)
    assert effort.prompt_tokens is None


def test_style_is_taken_out_of_ratings() -> None:
    """Three equals judged by length alone with noise: length is worth much, and explains it."""
    rng = np.random.default_rng(5)
    names = ("l", "m", "n")
    texts = {
        (name, str(q)): "word " * int(rng.integers(5, 60) + (25 if name == "l" else 0))
        for q in range(60)
        for name in names
    }
    judgments = []
    for q in range(60):
        for pair in (("l", "m"), ("l", "n"), ("m", "n")):
            one, other = (len(texts[name, str(q)]) for name in pair)
            chance = 1 / (1 + math.exp(-4 * (one - other) / (one + other)))
            wins = rng.random() < chance
            judgments += both(str(q), pair, *(("A>B", "B>A") if wins else ("B>A", "A>B")))

    found = scored(judgments, texts=texts).pairs[0].ratings

    (words,) = found.effects
    assert words.lower is not None
    assert words.lower > 0
    plain = found.plain["l"].value - found.plain["m"].value
    without = found.length["l"].value - found.length["m"].value
    assert plain > 60
    assert abs(without) < plain / 2
