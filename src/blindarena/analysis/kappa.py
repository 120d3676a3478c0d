"""Two raters of the same items: who said what, and Cohen's kappa."""

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.coefficient import ChanceCorrected, ratio, with_interval
from blindarena.analysis.verdicts import KINDS, MISSING, TIE, Codes, Setup, check_verdicts
from blindarena.errors import InputError, NothingInCommonError


def confusion_matrix(one: Codes, other: Codes, *, setup: Setup = "S1") -> Counts:
    """Return how often the first rater said row and the second column.

    Args:
        one: (items,) codes.
        other: (items,) codes; items where one of the two is MISSING are left out, and in S2 those
            where one is a TIE.
        setup: S1 gives (3, 3) first, tie, second; S2 (2, 2) first, second.

    Raises:
        InputError: shapes differ, or a code is out of range.
    """
    kept = _common(one, other, setup)[1]
    table = kept.sum(axis=0).reshape(KINDS, KINDS).astype(np.int64)
    return table if setup == "S1" else np.delete(np.delete(table, TIE, axis=0), TIE, axis=1)


def cohen_with_interval(
    one: Codes,
    other: Codes,
    *,
    question: Codes,
    setup: Setup,
    level: float = 0.95,
) -> ChanceCorrected:
    """Return Cohen's kappa of two raters, such as a judge and the majority of people.

    Args:
        one: (items,) codes, MISSING allowed.
        other: (items,) codes, MISSING allowed.
        question: (items,) number of each item's question.
        setup: in S2 items where one of the two says tie are left out.
        level: of the interval.

    Raises:
        NothingInCommonError: no item has a verdict of both.

    Source: Cohen (1960), Educational and Psychological Measurement 20(1), 37-46.
    """
    rows, cells = _common(one, other, setup)
    if not len(cells) and not len(_common(one, other, "S1")[1]):
        raise NothingInCommonError("no item has a verdict of both raters; check the names in both")
    return with_interval("cohen", cells, np.asarray(question)[rows], _cohen, level=level)


def _common(one: Codes, other: Codes, setup: Setup) -> tuple[NDArray[np.bool_], FloatArray]:
    """Return which items count, and (those, 9) in which cell of the table each is."""
    mine, theirs = check_verdicts(one, "one"), check_verdicts(other, "other")
    if mine.shape != theirs.shape or mine.ndim != 1:
        raise InputError(f"one has shape {mine.shape}, other {theirs.shape}; give (items,) both")
    rows = (mine != MISSING) & (theirs != MISSING)
    if setup == "S2":
        rows &= (mine != TIE) & (theirs != TIE)
    return rows, np.eye(KINDS**2)[mine[rows] * KINDS + theirs[rows]]


def _cohen(sums: FloatArray) -> FloatArray:
    """Return (rounds,) kappas of (rounds, 9) tables."""
    table = sums.reshape(-1, KINDS, KINDS)
    n = table.sum(axis=(1, 2))
    observed = np.trace(table, axis1=1, axis2=2)
    by_chance = (table.sum(axis=1) * table.sum(axis=2)).sum(axis=1)
    return ratio(n * observed - by_chance, n**2 - by_chance)
