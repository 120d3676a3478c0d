"""One of the models, fitted to the votes of a file; contestants are numbers still."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from blindarena.errors import InputError, NotIdentifiedError, RankingError
from blindarena.leaderboard.options import Options
from blindarena.ranking import ELO_PER_NAT, PairCounts, fit_bradley_terry
from blindarena.ranking.arrays import FloatArray
from blindarena.votes.table import VoteTable

if TYPE_CHECKING:
    from blindarena.ranking.estimating import Estimate
    from blindarena.ranking.pair_model import PairFit

TITLES = {
    "bt": "Bradley-Terry",
    "elo": "online Elo, K = 4, votes in the order of the files",
    "davidson": "Davidson (ties as an outcome)",
    "rao-kupper": "Rao-Kupper (ties as an outcome)",
    "four-outcome": "four outcomes (ties and both bad apart)",
}
STYLE = ("tokens", "words", "headers", "lists", "bold")
"""Style counts of both answers that are used where a file has them; tokens rather than words."""

_NUMBERED = re.compile(r"\b(contestants? \(?)(\d+(?:, \d+)*)")


@dataclass(frozen=True, slots=True)
class Coefficient:
    """What style is worth: Elo points per standard deviation of the difference between answers."""

    name: str
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fit and how it was reached.

    Attributes:
        title: the method in words.
        theta: (m,) log-strengths in nats; only differences matter.
        counts: votes per pair; both bad is a tie.
        estimate: for covariances; None for Bradley-Terry on counts and for Elo.
        tolerance: largest gradient over curvature asked for, in nats; None for Elo.
        iterations: Newton steps; for Elo the votes gone over.
        facts: the model's own parameters, in words.
        coefficients: of style.
    """

    title: str
    theta: FloatArray
    counts: PairCounts
    estimate: "Estimate | None" = None
    tolerance: float | None
    iterations: int
    facts: tuple[str, ...] = ()
    coefficients: tuple[Coefficient, ...] = field(default=())


def fit(table: VoteTable, counts: PairCounts, options: Options) -> Fitted:
    """Fit the chosen model; every model has votes.

    Raises:
        NotIdentifiedError: no finite estimate exists; names the contestants.
        ConvergenceError: the tolerance was not reached.
    """
    with names_for_numbers(table.models):
        if options.method == "elo":
            return _elo(table, counts)
        if options.style:
            return _style(table, counts)
        if options.method == "bt" and options.cluster is None:
            return _bradley_terry(counts)
        return _pair_model(table, counts, options)


@contextmanager
def names_for_numbers(models: Sequence[str]) -> Iterator[None]:
    """Name contestants in errors of `ranking`, which knows numbers only."""
    try:
        yield
    except RankingError as error:

        def names(match: re.Match[str]) -> str:
            return match[1] + ", ".join(
                repr(models[int(number)]) for number in match[2].split(", ")
            )

        raise type(error)(_NUMBERED.sub(names, str(error))) from error


def _bradley_terry(counts: PairCounts) -> Fitted:
    fitted = fit_bradley_terry(counts)
    return Fitted(
        title=TITLES["bt"],
        theta=fitted.theta,
        counts=counts,
        tolerance=fitted.tol,
        iterations=fitted.steps,
    )


def _elo(table: VoteTable, counts: PairCounts) -> Fitted:
    from blindarena.ranking.elo import rate_elo

    rated = rate_elo(table.votes)
    return Fitted(
        title=TITLES["elo"],
        theta=rated.ratings / ELO_PER_NAT,
        counts=counts,
        tolerance=None,
        iterations=table.votes.n,
    )


def _pair_model(table: VoteTable, counts: PairCounts, options: Options) -> Fitted:
    fitted, facts = _PAIR_MODELS[options.method](table)
    return Fitted(
        title=TITLES[options.method],
        theta=fitted.theta,
        counts=counts,
        estimate=fitted,
        tolerance=fitted.tol,
        iterations=fitted.steps,
        facts=facts,
    )


def _weighted(table: VoteTable) -> "tuple[PairFit, tuple[str, ...]]":
    from blindarena.ranking.weighted import fit_weighted_bradley_terry

    return fit_weighted_bradley_terry(table.votes), ()


def _davidson(table: VoteTable) -> "tuple[PairFit, tuple[str, ...]]":
    from blindarena.ranking.davidson import fit_davidson

    found = fit_davidson(table.votes)
    chance = found.nu / (2 + found.nu)
    return found, (f"Two equal contestants tie in {chance:.1%} of the votes (nu {found.nu:.4g}).",)


def _rao_kupper(table: VoteTable) -> "tuple[PairFit, tuple[str, ...]]":
    from blindarena.ranking.rao_kupper import fit_rao_kupper

    found = fit_rao_kupper(table.votes)
    return found, (f"A difference below {found.threshold_elo:.1f} Elo points reads as a tie.",)


def _four_outcome(table: VoteTable) -> "tuple[PairFit, tuple[str, ...]]":
    from blindarena.ranking.four_outcome import fit_four_outcome

    found = fit_four_outcome(table.votes)
    bad = [
        f"{name} {chance:.1%}"
        for name, chance in sorted(
            zip(table.models, found.both_bad_chance.tolist(), strict=True), key=lambda x: x[1]
        )
    ]
    return found, ("Both-bad votes against an equal: " + ", ".join(bad) + ".",)


_PAIR_MODELS = {
    "bt": _weighted,
    "davidson": _davidson,
    "rao-kupper": _rao_kupper,
    "four-outcome": _four_outcome,
}


def _style(table: VoteTable, counts: PairCounts) -> Fitted:
    from blindarena.ranking.style_control import fit_style_control

    names, constant = style_names(table.numbers)
    side_a, side_b = (
        np.column_stack([table.numbers[f"{name}_{side}"] for name in names]) for side in "ab"
    )
    fitted = fit_style_control(table.votes, side_a, side_b, names)
    lower, upper = fitted.coefficient_interval()
    return Fitted(
        title=f"Bradley-Terry with style control ({', '.join(names)})",
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
        there.remove("words")
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
