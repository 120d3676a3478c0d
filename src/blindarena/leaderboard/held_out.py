"""Whether boards of their own for each category predict votes better than the one board."""

from dataclasses import dataclass

import numpy as np

from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.offline_votes import by_label, counted_of
from blindarena.leaderboard.result import HeldOut
from blindarena.ranking import fit_bradley_terry, fit_contextual, largest_component
from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.votes.table import Labels, VoteTable

FOLDS = 5
Z = 1.959963984540054


def held_out_loss(
    table: VoteTable, labels: Labels, *, seed: int, spread_elo: float | None = None
) -> tuple[HeldOut, ...]:
    """Compare the log loss of both kinds of board on votes that they have not seen.

    Each vote falls into one of FOLDS parts by chance. For each part, Bradley-Terry
    is fitted to all other votes, and to those of the category alone; both then predict it. Only
    votes that both can predict count. A tie and a both-bad vote are half a win for both.

    Args:
        table: all votes; those without a category are always used by the one board.
        labels: the category of each.
        seed: of the parting.
        spread_elo: standard deviation, in Elo points, with which a category's own strengths are
            drawn towards the overall ones, see `fit_contextual`; None leaves them free. Where it
            was estimated from all votes, this one number has seen those held out.

    Returns:
        All categories together, then each that has votes to compare on.

    Source: Arlot and Celisse (2010), Statistics Surveys 4, 40-79.
    """
    rng = np.random.default_rng(seed)
    whole = counted_of(table.votes)
    cells = {
        name: _aligned(part, whole, table.models)
        for name, part in by_label(table, labels, counts=True)
    }
    parts = {name: _parted(found, rng) for name, found in cells.items()}
    losses = {name: _Losses() for name in parts}
    for fold in range(FOLDS):
        unseen = sum((folds[fold] for folds in parts.values()), np.zeros_like(whole.cells))
        one = _strengths(whole, whole.cells - unseen)
        seen = {name: cells[name] - folds[fold] for name, folds in parts.items()}
        if spread_elo is not None:
            owns = _shrunk_strengths(whole, seen, spread_elo)
        else:
            owns = {name: _strengths(whole, each) for name, each in seen.items()}
        for name, folds in parts.items():
            losses[name].add(whole, folds[fold], one, owns[name])
    everything = _Losses()
    for each in losses.values():
        everything.join(each)
    named = [("", everything), *losses.items()]
    return tuple(each.result(name, seed) for name, each in named if each.votes)


def _aligned(part: VoteTable, whole: Counted, models: tuple[str, ...]) -> IntArray:
    """Return (4, pairs) the votes of a category on the pairs of all votes."""
    place = {name: i for i, name in enumerate(models)}
    number = np.array([place[name] for name in part.models], dtype=np.int64)
    counted = counted_of(part.votes)
    pair = np.full(whole.m * whole.m, -1)
    pair[whole.first * whole.m + whole.second] = np.arange(len(whole.first))
    cells = np.zeros_like(whole.cells)
    cells[:, pair[number[counted.first] * whole.m + number[counted.second]]] = counted.cells
    return cells


def _parted(cells: IntArray, rng: np.random.Generator) -> list[IntArray]:
    """Part votes into FOLDS parts, each vote by chance."""
    drawn = rng.multinomial(cells, np.full(FOLDS, 1 / FOLDS))
    return list(np.moveaxis(drawn, -1, 0))


def _strengths(whole: Counted, cells: IntArray) -> FloatArray:
    """Return (m,) log-strengths, NaN where the votes give none."""
    counts = Counted(whole.m, whole.first, whole.second, cells).pair_counts
    theta = np.full(whole.m, np.nan)
    inside = largest_component(counts)
    if len(inside) > 1:
        theta[inside] = fit_bradley_terry(counts.among(inside)).theta
    return theta


def _shrunk_strengths(
    whole: Counted, seen: dict[str, IntArray], spread_elo: float
) -> dict[str, FloatArray]:
    """Return (m,) log-strengths by category, NaN where the votes of all give none."""
    counts = Counted(whole.m, whole.first, whole.second, _sum_of(seen)).pair_counts
    inside = largest_component(counts)
    strengths = {name: np.full(whole.m, np.nan) for name in seen}
    if len(inside) < 2:
        return strengths
    place = np.full(whole.m, -1)
    place[inside] = np.arange(len(inside))
    stacked = np.stack(list(seen.values()))
    category, outcome, pair = np.nonzero(stacked)
    a, b = place[whole.first[pair]], place[whole.second[pair]]
    keep = (a >= 0) & (b >= 0)
    number = stacked[category, outcome, pair]
    votes = VoteArrays(len(inside), a[keep], b[keep], outcome[keep], number[keep])
    found = fit_contextual(votes, category[keep], len(seen), spread_elo=spread_elo)
    for code, own in enumerate(strengths.values()):
        own[inside] = found.strengths(code)
    return strengths


def _sum_of(cells: dict[str, IntArray]) -> IntArray:
    """Return the (4, pairs) votes of all categories."""
    return np.asarray(np.sum(list(cells.values()), axis=0))


@dataclass(slots=True)
class _Losses:
    """Sums over held-out votes."""

    votes: int = 0
    one: float = 0.0
    own: float = 0.0
    squares: float = 0.0

    def add(self, whole: Counted, cells: IntArray, one: FloatArray, own: FloatArray) -> None:
        """Add votes that both strengths can predict."""
        leads = [theta[whole.first] - theta[whole.second] for theta in (one, own)]
        both = np.isfinite(leads[0]) & np.isfinite(leads[1]) & cells.any(axis=0)
        number = cells[:, both]
        score = np.array([[1.0], [0.0], [0.5], [0.5]])
        first, second = (np.logaddexp(0, lead[both]) - score * lead[both] for lead in leads)
        self.votes += int(number.sum())
        self.one += float((number * first).sum())
        self.own += float((number * second).sum())
        self.squares += float((number * (first - second) ** 2).sum())

    def join(self, other: "_Losses") -> None:
        """Add the sums of others."""
        self.votes += other.votes
        self.one += other.one
        self.own += other.own
        self.squares += other.squares

    def result(self, category: str, seed: int) -> HeldOut:
        """Return the means, and the interval of their difference."""
        gain = (self.one - self.own) / self.votes
        variance = max(0.0, self.squares / self.votes - gain**2) / max(1, self.votes - 1)
        half = Z * variance**0.5
        return HeldOut(
            category=category,
            votes=self.votes,
            one_board=self.one / self.votes,
            category_board=self.own / self.votes,
            gain=gain,
            lower=gain - half,
            upper=gain + half,
            folds=FOLDS,
            seed=seed,
        )
