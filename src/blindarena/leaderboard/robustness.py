"""How much the order of a board hangs on single votes, and on the model."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np

from blindarena.leaderboard.board import Row
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.options import Options
from blindarena.ranking import (
    ELO_PER_NAT,
    expected_mean_win_rates,
    largest_component,
    mean_win_rates,
)
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.votes_to_flip import votes_to_flip

FLIPS = 20
"""Pairs of neighbours, from the top, that are looked at: each takes some tens of fits."""

FAR = 3.0
"""Standard errors from which a mean win rate is not what the ratings expect."""

PLACES = 2
"""Places by which the orders must differ to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """How few votes, taken away, put the lower of two neighbours ahead; a fit without them says so.

    Attributes:
        ahead, behind: the neighbours.
        votes: how many; None where no such set that leaves finite ratings was found.
        share: that, of all votes.
        gap: by how many Elo points `behind` leads without them.
    """

    ahead: str
    behind: str
    votes: int | None
    share: float | None
    gap: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """A model's mean win rate beside what its rating expects of it.

    Attributes:
        mean_win_rate: over the opponents it met, each counting the same; ties count half.
        expected: what the ratings say it is, with these opponents.
        place: by `mean_win_rate`, from 1.
        expected_place: by `expected`.
        far: whether the two differ by more than FAR standard errors.
    """

    contestant: str
    mean_win_rate: float
    expected: float
    place: int
    expected_place: int
    far: bool


def flips_of(
    counted: Counted, models: Sequence[str], rows: Sequence[Row], theta: FloatArray
) -> tuple[Flip, ...]:
    """Return for neighbours among the ranked, from the top, how few votes change their order.

    Args:
        counted: the votes.
        models: (m,) their names.
        rows: of the board, by rating.
        theta: (m,) log-strengths by Bradley-Terry; NaN where there is none.
    """
    counts = counted.pair_counts
    inside = largest_component(counts)
    counts = counts.among(inside)
    place = {models[i]: at for at, i in enumerate(inside.tolist())}
    ranked = [row.contestant for row in rows if row.rank is not None]
    found = []
    for ahead, behind in islice(pairwise(ranked), FLIPS):
        flip = votes_to_flip(counts, place[ahead], place[behind], theta=theta[inside])
        found.append(
            Flip(
                ahead=ahead,
                behind=behind,
                votes=None if flip is None else flip.votes,
                share=None if flip is None else flip.share,
                gap=None if flip is None else float(flip.gap * ELO_PER_NAT),
            )
        )
    return tuple(found)


def cross_check_of(
    counted: Counted,
    models: Sequence[str],
    rows: Sequence[Row],
    theta: FloatArray,
    options: Options,
) -> tuple[CrossCheck, ...]:
    """Return mean win rates beside those expected, of the ranked, in their order.

    Only plain Bradley-Terry says what to expect of them; other methods have none. The arguments
    are those of `flips_of`.
    """
    if options.method != "bt" or options.covariates or options.weighted or options.compat:
        return ()
    ranked = [row.contestant for row in rows if row.rank is not None]
    if len(ranked) < 2:
        return ()
    counts = counted.pair_counts
    inside = largest_component(counts)
    place = {models[i]: at for at, i in enumerate(inside.tolist())}
    counts = counts.among(inside)
    who = np.array([place[name] for name in ranked])
    found = mean_win_rates(counts)
    rate = found.rate[who]
    expected = expected_mean_win_rates(counts, theta[inside])[who]
    error = np.sqrt(found.variance[who])
    order, expected_order = (np.argsort(np.argsort(-x, kind="stable")) for x in (rate, expected))
    return tuple(
        CrossCheck(
            contestant=name,
            mean_win_rate=float(rate[i]),
            expected=float(expected[i]),
            place=int(order[i]) + 1,
            expected_place=int(expected_order[i]) + 1,
            far=bool(abs(rate[i] - expected[i]) > FAR * error[i]),
        )
        for i, name in enumerate(ranked)
    )


def cross_check_note(checks: Sequence[CrossCheck]) -> tuple[str, ...]:
    """Warn where the order by mean win rate is another for certain."""
    moved = [one for one in checks if one.far and abs(one.place - one.expected_place) >= PLACES]
    if not moved:
        return ()
    named = ", ".join(
        f"{one.contestant} ({one.mean_win_rate:.1%}, expected {one.expected:.1%})"
        for one in moved[:5]
    ) + (f" and {len(moved) - 5} more" if len(moved) > 5 else "")
    return (
        f"Mean win rates give another order than the ratings: {named}. One line of ratings fits "
        "these models badly; look at who beats whom.",
    )
