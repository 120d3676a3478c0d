"""Ranks that votes leave open, and whether the choice can be made yet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blindarena.leaderboard.options import Options
from blindarena.ranking import ELO_PER_NAT
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.decide import Verdict, decide_at_any_time
from blindarena.ranking.differences import difference_variances
from blindarena.ranking.votes_needed import votes_still_needed

RANK_SETS_TO = 500
"""Ranked models up to which rank sets are drawn: their cost grows with the square."""

RankSets = tuple[IntArray, IntArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Whether a model can be chosen, given the smallest difference that matters.

    Attributes:
        margin: that difference, in Elo points.
        choice: the model to take; None while it is undecided.
        equals: those within the margin of the leader for certain, the leader among them.
        undecided: those of which it is open whether the leader is better.
        votes_needed: about how many more votes show a difference of the margin between the leader
            and the hardest of them, had their number been fixed in advance; None where nothing is
            undecided, or where there would be enough.
        sentence: all of it in words.
    """

    verdict: Verdict
    margin: float
    leader: str
    choice: str | None
    equals: tuple[str, ...]
    undecided: tuple[str, ...]
    votes_needed: int | None
    sentence: str


def decided(
    theta: FloatArray,
    covariance: FloatArray,
    models: Sequence[str],
    margin: float,
    votes: int,
    *,
    cost: FloatArray | None = None,
) -> Decided:
    """Decide by bounds that hold at every look, so that one may stop as soon as they allow it.

    Args:
        theta: (m,) log-strengths of those to choose from, in nats.
        covariance: (m, m) theirs.
        models: (m,) their names.
        margin: in Elo points.
        votes: of the whole board.
        cost: (m,) of an answer, NaN where it is unknown; among equals the cheapest is taken.
    """
    nats = margin / ELO_PER_NAT
    found = decide_at_any_time(theta, covariance, margin=nats, cost=cost)
    leader = models[found.leader]
    equals = tuple(models[i] for i in found.equals)
    undecided = tuple(models[i] for i in found.undecided)
    needed = None
    if found.verdict == "undecided" and len(found.undecided):
        variance = difference_variances(covariance)[found.leader, found.undecided].max()
        if variance > 0:  # it is 0 where all votes are alike, which foretells nothing
            needed = votes_still_needed(nats, variance=float(variance), votes=votes) or None
    priced = cost is not None and bool(np.isfinite(cost[found.equals]).all())
    choice = None if found.choice is None else models[found.choice]
    return Decided(
        verdict=found.verdict,
        margin=margin,
        leader=leader,
        choice=choice,
        equals=equals,
        undecided=undecided,
        votes_needed=needed,
        sentence=_sentence(
            found.verdict, leader, equals, undecided, margin, needed, choice if priced else None
        ),
    )


def _sentence(
    verdict: Verdict,
    leader: str,
    equals: Sequence[str],
    undecided: Sequence[str],
    margin: float,
    needed: int | None,
    cheapest: str | None,
) -> str:
    if verdict == "better":
        return f"Decided: {leader} is better than every other model."
    if verdict == "practically_equal":
        take = "the cheaper"
        if cheapest is not None:
            take = f"{cheapest}, the cheapest that nobody is ahead of by more"
        return (
            f"Decided: {', '.join(equals)} are practically equal, less than {margin:g} Elo apart; "
            f"take {take}."
        )
    many = ", ".join(undecided[:5]) + (f" and {len(undecided) - 5} more" * (len(undecided) > 5))
    sentence = f"Undecided: {leader} leads, but it is open whether it is better than {many}."
    if needed is not None:
        sentence += (
            f" About {needed:,} more votes show a difference of {margin:g} Elo (an estimate for a "
            "number fixed in advance, 80 % power)."
        )
    return sentence


def rank_sets(
    theta: FloatArray, covariance: FloatArray, df: float | None, options: Options
) -> tuple[RankSets | None, tuple[str, ...]]:
    """Return the best and the worst rank of each model, and what they mean or why there are none.

    Args:
        theta: (m,) log-strengths of those that are ranked, in nats.
        covariance: (m, m) theirs.
        df: its degrees of freedom; None takes it for known.
        options: `rank_sets`, `interval`, `method` and `seed` are used.
    """
    m = len(theta)
    if not options.rank_sets or m < 2 or options.method == "elo":
        return None, ()
    if options.interval == "anytime":
        from blindarena.ranking.anytime import anytime_differences

        better = anytime_differences(theta, covariance)[0] > 0
        said = "Rank sets: all true ranks lie within theirs, at every look, in 95 % of cases."
        return (1 + better.sum(axis=0), m - better.sum(axis=1)), (said,)
    if m > RANK_SETS_TO:
        return None, (f"Rank sets are not computed for more than {RANK_SETS_TO} models.",)
    from blindarena.ranking.simultaneous import simultaneous_differences

    rng = np.random.default_rng(options.seed)
    found = simultaneous_differences(theta, covariance, rng, df=df)
    return (found.rank_low, found.rank_high), (
        f"Rank sets: all true ranks lie within theirs together in 95 % of cases (max-t, "
        f"{found.draws:,} draws, seed {options.seed}).",
    )
