"""One of the models, fitted to the votes of a file; contestants are numbers still."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blindarena.errors import RankingError
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.weighing import weights_of
from blindarena.ranking import ELO_PER_NAT, PairCounts, fit_bradley_terry
from blindarena.ranking.arrays import BoolArray, FloatArray
from blindarena.votes.table import VoteTable

if TYPE_CHECKING:
    from blindarena.ranking.estimating import Estimate
    from blindarena.ranking.pair_model import PairFit

    Found = tuple[PairFit, tuple[str, ...]]

TITLES = {
    "bt": "Bradley-Terry",
    "elo": "online Elo, K = 4, votes in the order of the files",
    "davidson": "Davidson (ties as an outcome)",
    "rao-kupper": "Rao-Kupper (ties as an outcome)",
    "four-outcome": "four outcomes (ties and both bad apart)",
    "contextual": "Bradley-Terry per category, shrunk towards the overall ratings",
}
_NUMBERED = re.compile(r"\b(contestants? \(?)(\d+(?:, \d+)*)")


@dataclass(frozen=True, slots=True)
class Coefficient:
    """What something beside the models is worth, in Elo points.

    Of style it is the worth of a standard deviation of the difference between the answers; of the
    first position that of being side a.
    """

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
        coefficients: of style and of the first position.
        posterior: gives the (m, m) covariance about a centre, where the model has one of its own.
    """

    title: str
    theta: FloatArray
    counts: PairCounts
    estimate: "Estimate | None" = None
    tolerance: float | None
    iterations: int
    facts: tuple[str, ...] = ()
    coefficients: tuple[Coefficient, ...] = field(default=())
    posterior: "Callable[[BoolArray], FloatArray] | None" = None


def fit(table: VoteTable, counts: PairCounts, options: Options) -> Fitted:
    """Fit the chosen model; every model has votes.

    Raises:
        NotIdentifiedError: no finite estimate exists; names the contestants.
        ConvergenceError: the tolerance was not reached.
    """
    with names_for_numbers(table.models):
        if options.method == "elo":
            return _elo(table, counts)
        if options.method == "contextual":
            from blindarena.leaderboard.contextual import fit_overall

            return fit_overall(table, counts, options)
        if options.covariates:
            from blindarena.leaderboard.covariates import fit_covariates

            return fit_covariates(table, counts, options)
        if options.method == "bt" and options.cluster is None and not options.weighted:
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
    fitted, facts = _PAIR_MODELS[options.method](table, weights_of(table, options))
    return Fitted(
        title=TITLES[options.method],
        theta=fitted.theta,
        counts=counts,
        estimate=fitted,
        tolerance=fitted.tol,
        iterations=fitted.steps,
        facts=facts,
    )


def _weighted(table: VoteTable, weights: FloatArray | None) -> "Found":
    from blindarena.ranking.weighted import fit_weighted_bradley_terry

    return fit_weighted_bradley_terry(table.votes, weights=weights), ()


def _davidson(table: VoteTable, weights: FloatArray | None) -> "Found":
    from blindarena.ranking.davidson import fit_davidson

    found = fit_davidson(table.votes, weights=weights)
    chance = found.nu / (2 + found.nu)
    return found, (f"Two equal contestants tie in {chance:.1%} of the votes (nu {found.nu:.4g}).",)


def _rao_kupper(table: VoteTable, weights: FloatArray | None) -> "Found":
    from blindarena.ranking.rao_kupper import fit_rao_kupper

    found = fit_rao_kupper(table.votes, weights=weights)
    return found, (f"A difference below {found.threshold_elo:.1f} Elo points reads as a tie.",)


def _four_outcome(table: VoteTable, weights: FloatArray | None) -> "Found":
    from blindarena.ranking.four_outcome import fit_four_outcome

    found = fit_four_outcome(table.votes, weights=weights)
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
