from dataclasses import replace

import pytest

from blindarena.domain.battles import OUTCOMES, Answer, Outcome
from blindarena.domain.boards import ContestantStats, PairCount
from blindarena.domain.ids import uuid7
from blindarena.domain.style import style_of
from blindarena.domain.tallies import pair_count_of, stats_of

ANSWER = Answer(turn_id=uuid7(), side="a", contestant_id=uuid7(), text="Hi", style=style_of("Hi"))
FULL = replace(ANSWER, completion_tokens=10, ttft_s=0.5, seconds=2.5, cost_usd=0.25)


def stats(**numbers: float) -> ContestantStats:
    return ContestantStats(ANSWER.contestant_id, answers=1, **numbers)  # type: ignore[arg-type]


def test_a_measured_answer_adds_to_every_sum() -> None:
    assert stats_of(FULL) == stats(
        cost_sum=0.25,
        cost_n=1,
        ttft_sum=0.5,
        ttft_n=1,
        tokens_sum=10,
        generation_seconds_sum=2.0,
        cost_sq=0.0625,
        ttft_sq=0.25,
        speed_n=1,
        tokens_sq=100.0,
        generation_seconds_sq=4.0,
        tokens_seconds=20.0,
    )


def test_a_failed_answer_is_an_error_and_nothing_else() -> None:
    assert stats_of(replace(FULL, fault="reset")) == stats(errors=1)


def test_an_unknown_cost_is_not_zero_but_a_zero_cost_is_known() -> None:
    assert stats_of(ANSWER) == stats()
    assert stats_of(replace(ANSWER, cost_usd=0.0)) == stats(cost_n=1)


@pytest.mark.parametrize(
    "change",
    [{"completion_tokens": None}, {"seconds": None}, {"ttft_s": None}, {"seconds": 0.5}],
)
def test_tokens_and_seconds_are_added_together_or_not_at_all(change: dict[str, None]) -> None:
    found = stats_of(replace(FULL, **change))

    assert (found.tokens_sum, found.generation_seconds_sum, found.speed_n) == (0, 0.0, 0)


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("wins_first", [True, False])
def test_a_vote_is_one_of_four_counts(outcome: Outcome, wins_first: bool) -> None:
    first, second = sorted([uuid7(), uuid7()])

    count = pair_count_of(outcome, first=first, second=second, wins_first=wins_first)

    name = {"tie": "ties", "both_bad": "both_bad"}.get(
        outcome, "wins_first" if wins_first else "wins_second"
    )
    assert count == PairCount(first, second, **{name: 1})
