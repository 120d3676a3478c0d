"""Ratings of a live board, by any method that pair counts are enough for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from blindarena.errors import InputError, RankingError
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.decision import RANK_SETS_TO, RankSets
from blindarena.leaderboard.estimates import INTERVAL, METHOD, Estimates, estimate
from blindarena.leaderboard.options import Interval, Options
from blindarena.leaderboard.rating import Rated, nobody, rate
from blindarena.ranking import tally
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import A_WINS, B_WINS, BOTH_BAD, TIE, VoteArrays
from blindarena.votes.table import VoteTable

LiveMethod = Literal["bt", "davidson", "rao-kupper", "four-outcome"]
Anchor = tuple[str, float] | None
RANK_SEED = 0
"""Of the draws behind rank sets: the same votes give the same sets."""

_LISTED = 10


@dataclass(frozen=True, slots=True)
class LiveFit:
    """What the votes say about each contestant, and how that was found.

    Attributes:
        method, interval: in words.
        notes: the model's own parameters, each a sentence.
        warnings: what not to trust, each a sentence.
        failed: nobody could be rated; the last warning says why.
    """

    estimates: Estimates
    method: str
    interval: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failed: bool = False


def quick_fit(
    counted: Counted,
    names: Sequence[str],
    *,
    min_votes: int,
    anchor: Anchor,
    start: FloatArray | None,
) -> LiveFit:
    """Fit Bradley-Terry with sandwich intervals, quickly enough for every look at a board."""
    held = None
    if anchor is not None and anchor[0] in names:
        held = (names.index(anchor[0]), anchor[1])
    found = estimate(counted, min_votes=min_votes, anchor=held, start=start)
    return LiveFit(found, METHOD, INTERVAL, warnings=warnings_of(counted, names, found, min_votes))


def slow_fit(
    counted: Counted,
    names: Sequence[str],
    *,
    min_votes: int,
    anchor: Anchor,
    method: LiveMethod,
    interval: Interval,
) -> LiveFit:
    """Fit any of the methods; where that is not possible, a warning says why."""
    places = voted(counted)
    options = _options(min_votes, anchor, names, places, method=method, interval=interval)
    try:
        rated = _rated(counted, names, places, options)
    except (RankingError, InputError) as error:
        said = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return LiveFit(nobody(counted.m), method, "none", warnings=(said,), failed=True)
    found = _of_all(rated.estimates, places, counted.m)
    title = rated.fitted.title if rated.fitted else METHOD
    held = options.anchor is not None and bool(found.connected[names.index(options.anchor[0])])
    return LiveFit(
        Estimates(
            rating=found.rating,
            lower=found.lower,
            upper=found.upper,
            rank=found.rank,
            theta=found.theta,
            connected=found.connected,
            anchored=held,
        ),
        title,
        rated.interval,
        notes=() if rated.fitted is None else rated.fitted.facts,
        warnings=warnings_of(counted, names, found, min_votes),
    )


def sets_of(
    counted: Counted,
    names: Sequence[str],
    *,
    min_votes: int,
    method: LiveMethod,
    interval: Interval,
) -> RankSets | None:
    """Return (m,) the best and the worst rank that the votes leave open, 0 for the unranked.

    It takes long: 1.2 s for 200 contestants.
    """
    places = voted(counted)
    options = _options(min_votes, None, names, places, method=method, interval=interval, sets=True)
    try:
        rated = _rated(counted, names, places, options)
    except (RankingError, InputError):
        return None
    if rated.sets is None:
        return None
    low, high = (np.zeros(counted.m, dtype=np.int64) for _ in range(2))
    low[places], high[places] = rated.sets
    return low, high


def may_have_sets(found: Estimates) -> bool:
    """Say whether rank sets are worth asking for."""
    return 2 <= int((found.rank > 0).sum()) <= RANK_SETS_TO


def voted(counted: Counted) -> IntArray:
    """Return the places of the contestants that have votes, ascending."""
    some = counted.cells.any(axis=0)
    return np.unique(np.concatenate([counted.first[some], counted.second[some]]))


def warnings_of(
    counted: Counted, names: Sequence[str], found: Estimates, min_votes: int
) -> tuple[str, ...]:
    """Say what the ratings of a board cannot tell."""
    if not counted.total:
        return ("There are no votes yet.",)
    if found.connected.all() and found.rank.any():
        return ()
    said = []
    votes = tally(counted.pair_counts).votes
    outside = [names[i] for i in np.flatnonzero((votes > 0) & ~found.connected).tolist()]
    if not found.connected.any():
        said.append(
            "Nobody can be rated yet: no chain of wins and losses connects two contestants both "
            "ways."
        )
    elif outside:
        listed = ", ".join(outside[:_LISTED]) + (", ..." if len(outside) > _LISTED else "")
        said.append(
            "Without a rating, because no chain of wins and losses connects them both ways with "
            f"the rest: {listed}."
        )
    if found.connected.any() and not (found.rank > 0).any():
        said.append(f"Nobody has a rank yet: it takes {min_votes:,} votes on a contestant.")
    return tuple(said)


def _options(
    min_votes: int,
    anchor: Anchor,
    names: Sequence[str],
    places: IntArray,
    *,
    method: LiveMethod,
    interval: Interval,
    sets: bool = False,
) -> Options:
    held = anchor if anchor is not None and anchor[0] in {names[i] for i in places} else None
    return Options(
        method=method,
        interval=interval,
        anchor=held,
        min_votes=min_votes,
        rank_sets=sets,
        seed=RANK_SEED,
        unconnected="skip",
    )


def _rated(counted: Counted, names: Sequence[str], places: IntArray, options: Options) -> Rated:
    """Rate those that have votes."""
    if not len(places):
        return Rated(estimates=nobody(0), fitted=None)
    number = np.zeros(counted.m, dtype=np.int64)
    number[places] = np.arange(len(places))
    some = counted.cells.any(axis=0)
    inside = Counted(
        len(places),
        number[counted.first[some]],
        number[counted.second[some]],
        counted.cells[:, some],
    )
    return rate(_table(inside, [names[i] for i in places]), inside, options)


def _table(counted: Counted, names: Sequence[str]) -> VoteTable:
    """Return votes as entries that each stand for many; who was on which side is not known."""
    outcomes = np.array([A_WINS, B_WINS, TIE, BOTH_BAD])
    outcome, pair = np.nonzero(counted.cells)
    votes = VoteArrays(
        counted.m,
        counted.first[pair],
        counted.second[pair],
        outcomes[outcome],
        counted.cells[outcome, pair],
    )
    return VoteTable(tuple(names), votes)


def _of_all(some: Estimates, places: IntArray, m: int) -> Estimates:
    """Return the estimates of all m contestants from those of some."""
    whole = nobody(m)
    for values, known in (
        (whole.rating, some.rating),
        (whole.lower, some.lower),
        (whole.upper, some.upper),
        (whole.theta, some.theta),
        (whole.rank, some.rank),
        (whole.connected, some.connected),
    ):
        values[places] = known
    return whole
