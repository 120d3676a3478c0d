"""Ratings per category that borrow from one another: what few votes do not tell, the others do."""

from dataclasses import replace

import numpy as np

from blindarena.errors import InputError
from blindarena.leaderboard.fitting import TITLES, Fitted
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.weighing import weights_of
from blindarena.ranking import ContextualFit, PairCounts, fit_contextual
from blindarena.votes.table import VoteTable


def fit_overall(table: VoteTable, counts: PairCounts, options: Options) -> Fitted:
    """Fit overall strengths and those of every category; the overall ones are the result's.

    Args:
        table: votes that all have a category.
        counts: the same, counted.
        options: `by` is the column of categories; weights are used.

    Raises:
        NotIdentifiedError: the votes of all categories together do not connect the models.
    """
    labels = table.labels[options.by or ""]
    found = fit_contextual(
        table.votes, labels.codes, len(labels.names), weights=weights_of(table, options)
    )
    return Fitted(
        title=TITLES["contextual"],
        theta=found.theta,
        counts=counts,
        estimate=found,
        tolerance=found.tol,
        iterations=found.steps,
        facts=(_told(found, options.by or ""),),
        posterior=lambda centre: found.overall_covariance(centre=centre),
    )


def of_category(whole: Fitted, category: int, counts: PairCounts) -> Fitted:
    """Return the strengths of one category from the fit of all.

    Raises:
        InputError: the fit is of another method.
    """
    found = whole.estimate
    if not isinstance(found, ContextualFit):
        raise InputError(f"{whole.title} has no strengths of single categories")
    return replace(
        whole,
        theta=found.strengths(category),
        counts=counts,
        facts=(),
        posterior=lambda centre: found.covariance(category, centre=centre),
    )


def spread_of(fitted: Fitted | None) -> float | None:
    """Return how far categories are off the overall ratings, in Elo points; None elsewhere."""
    found = None if fitted is None else fitted.estimate
    return found.spread_elo if isinstance(found, ContextualFit) else None


def _told(found: ContextualFit, column: str) -> str:
    typical = np.sqrt(np.mean(found.offsets**2)) if found.offsets.size else 0.0
    if found.spread_elo < 1.5 or not typical:
        return f"The values of {column} hardly differ: one ranking suffices."
    return (
        f"In a value of {column} a model is typically {found.spread_elo:.0f} Elo off its overall "
        "rating (a standard deviation, estimated from the votes); with few votes there its rating "
        "is drawn towards the overall one."
    )
