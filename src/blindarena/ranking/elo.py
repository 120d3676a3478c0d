"""Online Elo: one pass over the votes in the order in which they were cast."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from blindarena.errors import InputError
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays

WIDEST = 300.0
"""Largest update, or range of the first ratings, in nats: beyond it the odds would overflow."""

SCORES = np.array([1.0, 0.0, 0.5, 0.5])

PAYS_FROM = 2_000_000
"""Votes from which loading Numba (0.5 s, once per process) takes less time than it saves."""

COMPILED = "blindarena.ranking.elo_compiled"

Pass = Callable[[IntArray, IntArray, FloatArray, FloatArray, float, float], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class EloRatings:
    """Ratings after the last vote.

    Attributes:
        ratings: (m,) in points; a contestant without votes still has its initial one.
        votes: (m,) votes of each contestant.
        k: largest change by one vote, in points.
    """

    ratings: FloatArray
    votes: IntArray
    k: float


def rate_elo(
    votes: VoteArrays,
    *,
    k: float = 4.0,
    initial: float | FloatArray = 1000.0,
    base: float = 10.0,
    scale: float = 400.0,
    compiled: bool | None = None,
) -> EloRatings:
    """Rate by online Elo: both sides move by k times (score - expected score) after each vote.

    It depends on the order of the votes and forgets old ones, so it follows contestants that
    change, and is noisy for those that do not: Bradley-Terry is the better estimate for them. The
    defaults are FastChat's. A tie and a both-bad vote score a half. With Numba installed (the
    extra `speed`) the pass is compiled; the result is the same bit for bit.

    Args:
        votes: in the order in which they were cast.
        k: largest change by one vote, in points.
        initial: rating at the start, one for all or (m,).
        base: `scale` points are odds of `base` to 1.
        scale: see `base`.
        compiled: whether to use Numba; None uses it where it is there and pays.

    Raises:
        InputError: an option is out of range, or Numba is asked for and missing.

    Source: Elo (1978), The Rating of Chessplayers, section 1.6.
    """
    start, rate = _start(votes.m, k, initial, base, scale)
    a, b, scores = _single(votes)
    ratings = _choose_pass(len(a), compiled)(a, b, scores, start, float(k), rate)
    entries = np.concatenate([a, b])
    return EloRatings(ratings, np.bincount(entries, minlength=votes.m).astype(np.int64), float(k))


def _start(
    m: int, k: float, initial: float | FloatArray, base: float, scale: float
) -> tuple[FloatArray, float]:
    """Check the options; return the first ratings and nats per point."""
    if not (base > 1 and 0 < scale < math.inf):
        raise InputError(f"base is {base} and scale {scale}; give a base above 1, a scale above 0")
    rate = math.log(base) / scale
    if not 0 < k * rate <= WIDEST:
        raise InputError(f"k is {k}; give a number above 0 and at most {WIDEST / rate:.0f}")
    start = np.array(np.broadcast_to(np.asarray(initial, dtype=np.float64), (m,)))
    if not np.isfinite(start).all() or (m and np.ptp(start) * rate > WIDEST):
        raise InputError(
            f"initial ratings must be finite and at most {WIDEST / rate:.0f} points apart"
        )
    return start, rate


def _single(votes: VoteArrays) -> tuple[IntArray, IntArray, FloatArray]:
    """Return one entry per vote: both sides and the score of side a."""
    scores = SCORES[votes.outcome]
    if votes.count is None:
        return votes.a, votes.b, scores
    return (
        np.repeat(votes.a, votes.count),
        np.repeat(votes.b, votes.count),
        np.repeat(scores, votes.count),
    )


def plain_pass(
    a: IntArray, b: IntArray, scores: FloatArray, start: FloatArray, k: float, rate: float
) -> FloatArray:
    """Go over the votes once; on lists, because single elements of arrays are slow to reach."""
    ratings = start.tolist()
    exp = math.exp
    for one, two, score in zip(a.tolist(), b.tolist(), scores.tolist(), strict=True):
        first, second = ratings[one], ratings[two]
        change = k * (score - 1.0 / (1.0 + exp(rate * (second - first))))
        ratings[one] = first + change
        ratings[two] = second - change
    return np.array(ratings)


def bootstrap_elo(
    votes: VoteArrays,
    *,
    rounds: int,
    rng: np.random.Generator,
    k: float = 4.0,
    initial: float | FloatArray = 1000.0,
    base: float = 10.0,
    scale: float = 400.0,
    compiled: bool | None = None,
) -> FloatArray:
    """Return (rounds, m) ratings by Elo of votes drawn with replacement, in the order drawn.

    The spread holds the noise of the votes and that of their order. The middle of the rounds is
    steadier than one pass, yet no longer follows contestants that change.

    Args:
        votes: the votes.
        rounds: how often to draw.
        rng: draws; the same state draws the same votes.
        k: see `rate_elo`, as all that follow.
        initial: rating at the start.
        base: of the odds.
        scale: of the odds.
        compiled: whether to use Numba.

    Raises:
        InputError: an option is out of range.
    """
    if rounds < 1:
        raise InputError(f"rounds is {rounds}; give 1 or more")
    start, rate = _start(votes.m, k, initial, base, scale)
    a, b, scores = _single(votes)
    go = _choose_pass(len(a) * rounds, compiled)
    ratings = np.empty((rounds, votes.m))
    for each in ratings:
        drawn = rng.integers(0, max(len(a), 1), len(a))
        each[:] = go(a[drawn], b[drawn], scores[drawn], start, float(k), rate)
    return ratings


def _choose_pass(votes: int, compiled: bool | None) -> Pass:
    """Return the compiled pass where it is asked for, or is there and pays."""
    there = find_spec("numba") is not None
    if compiled and not there:
        raise InputError("Numba is not installed; install blindarena[speed] or leave it out")
    loaded = COMPILED in sys.modules
    if compiled or (compiled is None and there and (loaded or votes >= PAYS_FROM)):
        from blindarena.ranking.elo_compiled import compiled_pass

        return compiled_pass
    return plain_pass
