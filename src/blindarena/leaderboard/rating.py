"""Ratings, bounds, ranks and rank sets of the votes of a file; contestants are numbers still."""

from dataclasses import dataclass

import numpy as np

from blindarena.errors import NotIdentifiedError
from blindarena.leaderboard.bounds import Bounds, bounds
from blindarena.leaderboard.costs import Costs, Front, costs_of, fronts_of
from blindarena.leaderboard.counted import Counted
from blindarena.leaderboard.decision import Decided, RankSets, decided, rank_sets
from blindarena.leaderboard.estimates import Estimates
from blindarena.leaderboard.fitting import Fitted, fit
from blindarena.leaderboard.offline_votes import among
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.utility import UtilityOrder, utility_order
from blindarena.leaderboard.weighing import weighing_notes
from blindarena.ranking import ELO_PER_NAT, largest_component, overlap_ranks, tally, to_elo
from blindarena.ranking.arrays import BoolArray, IntArray
from blindarena.votes.table import VoteTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """What ranking some models gives, for all of them.

    Attributes:
        sets: (m,) best and worst rank; 0 where there is none.
        fitted: the fit; None where nobody could be rated.
        interval: how the bounds were made.
        fronts: rating against cost and speed.
        costs: those, for the rows.
        utility: rating and cost as one order.
        notes: limits and warnings, each a sentence.
    """

    estimates: Estimates
    fitted: Fitted | None
    interval: str = "none"
    sets: RankSets | None = None
    decision: Decided | None = None
    fronts: tuple[Front, ...] = ()
    costs: Costs | None = None
    utility: UtilityOrder | None = None
    notes: tuple[str, ...] = ()


def rate(table: VoteTable, counted: Counted, options: Options) -> Rated:
    """Rate the models that a chain of wins connects both ways; Elo rates all.

    Raises:
        NotIdentifiedError: some model has no finite rating, and the options say "error".
    """
    m, counts = counted.m, counted.pair_counts
    inside = np.arange(m) if options.method == "elo" else largest_component(counts)
    notes: tuple[str, ...] = ()
    if len(inside) < m:
        outside = [table.models[i] for i in np.setdiff1d(np.arange(m), inside)]
        if options.unconnected == "error":
            raise NotIdentifiedError(_unconnected(outside, m))
        notes = (
            "Without a rating, because no chain of wins and losses connects them both ways with "
            f"the rest: {_listed(outside)}.",
        )
    if len(inside) < 2:
        return Rated(estimates=nobody(m), fitted=None, notes=notes)
    part = among(table, inside)
    fitted = fit(part, counts if len(inside) == m else counts.among(inside), options)
    notes = (*weighing_notes(part, options), *notes)
    return rated_from(fitted, table, counted, options, inside=inside, notes=notes)


def rated_from(
    fitted: Fitted,
    table: VoteTable,
    counted: Counted,
    options: Options,
    *,
    inside: IntArray,
    notes: tuple[str, ...] = (),
) -> Rated:
    """Return bounds, ranks and all that follows from the strengths of some of the models.

    Args:
        fitted: the strengths of those `inside`.
        table: the votes of all models.
        counted: the same, counted.
        options: how.
        inside: who is rated.
        notes: what is known already.
    """
    m, counts, part = counted.m, counted.pair_counts, among(table, inside)
    enough = tally(counts).votes[inside] >= options.min_votes
    centre = enough if enough.any() else np.ones(len(inside), dtype=np.bool_)
    found = bounds(part, fitted, options, centre=centre)
    who = np.flatnonzero(enough)
    spread = found.covariance[np.ix_(who, who)]
    sets, said = rank_sets(fitted.theta[who], spread, found.df, options)
    costs = costs_of(table) if options.reads_costs else None
    estimates = _estimates(
        part, fitted, found, options, enough=enough, centre=centre, inside=inside, m=m
    )
    names, places = [part.models[i] for i in who], inside[who]
    decision: Decided | None = None
    fronts: tuple[Front, ...] = ()
    if options.margin is not None and len(who) > 1:
        cost = None if costs is None else costs.mean["avg_cost_usd"][places]
        decision = decided(
            fitted.theta[who], spread, names, options.margin, counted.total, cost=cost
        )
    if options.costs and costs is not None and len(who) > 1 and options.method != "elo":
        fronts = fronts_of(
            costs,
            fitted.theta[who],
            estimates.rating[places],
            spread,
            names,
            places=places,
            seed=options.seed,
        )
    worth: UtilityOrder | None = None
    if costs is not None and options.value_of_100_elo is not None and len(who):
        worth = utility_order(
            costs, fitted.theta[who], spread, names, options, places=places, df=found.df
        )
    if options.anchor is not None and options.anchor[0] not in part.models:
        notes = (*notes, f"{options.anchor[0]} has no rating here, so the mean is 1000.")
    warnings = (f"{warning[0].upper()}{warning[1:]}." for warning in found.warnings)
    return Rated(
        estimates=estimates,
        fitted=fitted,
        interval=found.title,
        sets=None if sets is None else _of_all(sets, inside[who], m),
        decision=decision,
        fronts=fronts,
        costs=costs,
        utility=worth,
        notes=(*warnings, *fitted.facts, *said, *notes),
    )


def _estimates(
    part: VoteTable,
    fitted: Fitted,
    found: Bounds,
    options: Options,
    *,
    enough: BoolArray,
    centre: BoolArray,
    inside: IntArray,
    m: int,
) -> Estimates:
    """Turn strengths of some into Elo points, and ranks of those with enough votes, of all m."""
    held = None
    if options.anchor is not None and options.anchor[0] in part.models:
        held = (part.models.index(options.anchor[0]), options.anchor[1])
    rating = to_elo(fitted.theta, centre=centre, anchor=held)
    middle = fitted.theta - fitted.theta[centre].mean()
    lower = rating + ELO_PER_NAT * (found.lower - middle)
    upper = rating + ELO_PER_NAT * (found.upper - middle)
    ranks = overlap_ranks(np.where(enough, lower, np.nan), np.where(enough, upper, np.nan))
    for bound in (lower, upper):  # votes without any variance: no bound, rather than infinity
        bound[~np.isfinite(bound)] = np.nan
    whole = nobody(m)
    whole.connected[inside] = True
    for values, some in (
        (whole.rating, rating),
        (whole.lower, lower),
        (whole.upper, upper),
        (whole.theta, fitted.theta),
        (whole.rank, ranks),
    ):
        values[inside] = some
    return whole


def nobody(m: int) -> Estimates:
    """Return estimates in which nobody is rated."""
    rating, lower, upper, theta = (np.full(m, np.nan) for _ in range(4))
    rank, connected = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.bool_)
    return Estimates(rating, lower, upper, rank, theta, connected, anchored=False)


def _of_all(sets: RankSets, places: IntArray, m: int) -> RankSets:
    """Return (m,) ranks at the places of those that have them, 0 elsewhere."""
    low, high = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    low[places], high[places] = sets
    return low, high


def _unconnected(outside: list[str], m: int) -> str:
    return (
        f"no finite ratings: {len(outside)} of {m} models ({_listed(outside)}) have not both "
        "scored and conceded, directly or by a chain, against the rest; collect more votes on "
        "them, or leave them unrated (unconnected: skip)"
    )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
