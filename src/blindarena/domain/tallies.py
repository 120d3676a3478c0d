"""What one answer and one vote add to the sums and counts kept beside them."""

from typing import Any
from uuid import UUID

from blindarena.domain.battles import Answer, Outcome
from blindarena.domain.boards import ContestantStats, PairCount


def stats_of(answer: Answer) -> ContestantStats:
    """Return what one answer adds to its contestant's sums.

    A failed answer counts as an answer and as an error, and in no other sum. Tokens and the
    seconds after the first token are added together or not at all, so that their quotient is
    a speed.
    """
    if answer.fault is not None:
        return ContestantStats(
            answer.contestant_id,
            answers=1,
            errors=1,
            refusals=int(answer.fault == "declined" or answer.finish_reason == "content_filter"),
            timeouts=int(answer.fault == "timeout"),
        )
    tokens, generation = answer.completion_tokens, 0.0
    if answer.seconds is not None and answer.ttft_s is not None:
        generation = max(answer.seconds - answer.ttft_s, 0.0)
    spent = tokens if tokens is not None and generation > 0 else None
    cost, ttft = answer.cost_usd or 0.0, answer.ttft_s or 0.0
    return ContestantStats(
        answer.contestant_id,
        answers=1,
        cost_sum=cost,
        cost_n=int(answer.cost_usd is not None),
        ttft_sum=ttft,
        ttft_n=int(answer.ttft_s is not None),
        cost_sq=cost**2,
        ttft_sq=ttft**2,
        **({} if spent is None else _speed(spent, generation)),
    )


def _speed(tokens: int, seconds: float) -> dict[str, Any]:
    """Return the sums of an answer whose speed is known."""
    return {
        "tokens_sum": tokens,
        "generation_seconds_sum": seconds,
        "speed_n": 1,
        "tokens_sq": float(tokens**2),
        "generation_seconds_sq": seconds**2,
        "tokens_seconds": tokens * seconds,
    }


def pair_count_of(outcome: Outcome, *, first: UUID, second: UUID, wins_first: bool) -> PairCount:
    """Return one vote as the count of its pair, `first` < `second`."""
    decisive = outcome in ("model_a", "model_b")
    return PairCount(
        first,
        second,
        wins_first=int(decisive and wins_first),
        wins_second=int(decisive and not wins_first),
        ties=int(outcome == "tie"),
        both_bad=int(outcome == "both_bad"),
    )
