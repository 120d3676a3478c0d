"""Bradley-Terry with what else bears on a vote: the style of the answers, and who is side a."""

from collections.abc import Mapping

import numpy as np

from blindarena.errors import InputError, NotIdentifiedError
from blindarena.leaderboard.fitting import TITLES, Coefficient, Fitted
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.weighing import weights_of
from blindarena.ranking import ELO_PER_NAT, LogisticFit, PairCounts, fit_logistic, normal_interval
from blindarena.ranking.arrays import FloatArray
from blindarena.ranking.estimating import bread
from blindarena.ranking.first_position import FIRST_POSITION, first_position_covariate
from blindarena.ranking.style_control import style_covariates
from blindarena.votes.table import VoteTable

STYLE = ("tokens", "words", "headers", "lists", "bold")
"""Style counts of both answers that are used where a file has them; of the first two, tokens where
no vote lacks them."""


def fit_covariates(table: VoteTable, counts: PairCounts, options: Options) -> Fitted:
    """Fit strengths and coefficients.

    Raises:
        InputError: style counts are missing.
        NotIdentifiedError: no finite estimate exists; names contestants or covariates.
    """
    names: tuple[str, ...] = ()
    constant: tuple[str, ...] = ()
    columns = []
    if options.style:
        names, constant = style_names(table.numbers)
        side_a, side_b = (
            # Covariate by covariate in memory, which spares style_covariates strided reads.
            np.stack([table.numbers[f"{name}_{side}"] for name in names]).T
            for side in "ab"
        )
        columns.append(style_covariates(side_a, side_b, names))
    title = TITLES["bt"] + (f" with style control ({', '.join(names)})" if options.style else "")
    if options.first_position:
        columns.append(first_position_covariate(table.votes))
        names = (*names, FIRST_POSITION)
        title += " and first position" if options.style else " with first position"
    fitted = fit_logistic(
        table.votes, np.hstack(columns), names, weights=weights_of(table, options)
    )
    lower, upper = _interval(fitted, table, options)
    return Fitted(
        title=title,
        theta=fitted.theta,
        counts=counts,
        estimate=fitted,
        tolerance=fitted.tol,
        iterations=fitted.steps,
        facts=tuple(
            f"Style control leaves {name} out: it never differs between the answers."
            for name in constant
        ),
        coefficients=tuple(
            Coefficient(name, *(float(ELO_PER_NAT * value) for value in values))
            for name, *values in zip(names, fitted.coefficients, lower, upper, strict=True)
        ),
    )


def _interval(
    fitted: LogisticFit, table: VoteTable, options: Options
) -> tuple[FloatArray, FloatArray]:
    """Return bounds of the coefficients, from the sums of whole clusters where there are any."""
    if options.cluster is None:
        return fitted.coefficient_interval()
    codes = table.labels[options.cluster].codes
    alone = np.arange(len(codes)) + len(table.labels[options.cluster].names)
    found, groups = np.unique(np.where(codes < 0, alone, codes), return_inverse=True)
    moves = fitted.scores(groups, len(found)) @ bread(fitted.m, fitted.hessian)[fitted.m :].T
    # CR1: Liang and Zeger (1986), Biometrika 73, 13-22, with the usual factor for few clusters
    variance = (moves**2).sum(axis=0) * len(found) / max(1, len(found) - 1)
    return normal_interval(fitted.coefficients, variance)


def style_names(
    numbers: Mapping[str, FloatArray],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the style counts that differ anywhere between the answers, and those that never do.

    Raises:
        InputError: there are none, or one is missing in some vote.
        NotIdentifiedError: none differs between the answers.
    """
    there = [name for name in STYLE if {f"{name}_a", f"{name}_b"} <= numbers.keys()]
    if "tokens" in there and "words" in there:
        unknown = any(np.isnan(numbers[f"tokens_{side}"]).any() for side in "ab")
        there.remove("tokens" if unknown else "words")
    if not there:
        raise InputError(
            "style control needs style counts of both answers, such as tokens_a and tokens_b; "
            f"the numbers in the votes are: {', '.join(sorted(numbers)) or 'none'}"
        )
    for name in there:
        for side in "ab":
            if missing := int(np.isnan(numbers[f"{name}_{side}"]).sum()):
                raise InputError(
                    f"{name}_{side} is missing in {missing} votes; fill it, or leave style "
                    "control out"
                )
    varied = tuple(name for name in there if (numbers[f"{name}_a"] != numbers[f"{name}_b"]).any())
    constant = tuple(name for name in there if name not in varied)
    if not varied:
        raise NotIdentifiedError(
            f"{', '.join(there)} never differ between the answers, so style control has nothing "
            "to estimate; leave it out"
        )
    return varied, constant
