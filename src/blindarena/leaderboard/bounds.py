"""How uncertain the ratings of a file are, by the interval asked for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from blindarena.errors import InputError
from blindarena.leaderboard.fitting import Fitted, names_for_numbers
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.weighing import weights_of
from blindarena.ranking import ELO_PER_NAT, normal_interval, sandwich_covariance
from blindarena.ranking.arrays import BoolArray, FloatArray, IntArray
from blindarena.votes.table import Labels, VoteTable

ROUNDS = 1000
ELO_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Bounds:
    """95 % bounds of each contestant's distance from the centre, in nats.

    Attributes:
        lower, upper: (m,).
        covariance: (m, m) of the distances, nats squared.
        df: degrees of freedom of the covariance; None takes it for known.
        title: how they were made.
        warnings: why they may not hold what they say.
    """

    lower: FloatArray
    upper: FloatArray
    covariance: FloatArray
    df: float | None
    title: str
    warnings: tuple[str, ...] = ()


def bounds(table: VoteTable, fitted: Fitted, options: Options, *, centre: BoolArray) -> Bounds:
    """Return the bounds that the options ask for.

    Args:
        table: the votes fitted.
        fitted: the fit.
        options: their `interval` is used, `cluster` and `seed`.
        centre: (m,) those whose mean the ratings are relative to.

    Raises:
        InputError: the column of clusters is missing, or has one value only.
        NotIdentifiedError: too many bootstrap rounds have no finite ratings.
    """
    with names_for_numbers(table.models):
        return _KINDS[options.interval or "sandwich"](table, fitted, options, centre)


def _sandwich(table: VoteTable, fitted: Fitted, options: Options, centre: BoolArray) -> Bounds:
    if fitted.estimate is None:
        spread = sandwich_covariance(fitted.counts, fitted.theta, centre=centre)
    else:
        from blindarena.ranking.estimating import covariance

        m = len(fitted.theta)
        spread = covariance(fitted.estimate, centre=centre)[:m, :m]
    variance = spread.diagonal().clip(min=0)  # rounding may leave a variance of 0 below it
    lower, upper = normal_interval(_centred(fitted.theta, centre), variance)
    return Bounds(lower, upper, spread, None, "95 % sandwich")


def _cluster(table: VoteTable, fitted: Fitted, options: Options, centre: BoolArray) -> Bounds:
    from blindarena.ranking.clustered import clustered_covariance

    if fitted.estimate is None or options.cluster is None:
        raise InputError("a clustered interval needs a column of clusters; name it")
    labels = table.labels[options.cluster]
    codes = np.where(labels.codes < 0, _alone(labels), labels.codes)
    found = clustered_covariance(
        fitted.estimate, table.votes, codes, weights=weights_of(table, options), centre=centre
    )
    lower, upper = found.interval(_centred(fitted.theta, centre))
    warnings = [found.warning] if found.warning else []
    if missing := int((labels.codes < 0).sum()):
        warnings.append(f"{missing} votes without {options.cluster} count as a cluster each")
    title = f"95 % clustered by {options.cluster} ({found.clusters} clusters, CR2, Student's t)"
    return Bounds(lower, upper, found.covariance, float(found.df.min()), title, tuple(warnings))


def _alone(labels: Labels) -> IntArray:
    """Give each entry a cluster number of its own."""
    return np.arange(len(labels.codes)) + len(labels.names)


def _bootstrap(table: VoteTable, fitted: Fitted, options: Options, centre: BoolArray) -> Bounds:
    rng = np.random.default_rng(options.seed)
    warnings: tuple[str, ...] = ()
    if options.method == "elo":
        from blindarena.ranking.elo import bootstrap_elo

        rounds = bootstrap_elo(table.votes, rounds=ELO_ROUNDS, rng=rng) / ELO_PER_NAT
    else:
        from blindarena.ranking.bootstrap import bootstrap

        found = bootstrap(fitted.counts, rng, rounds=ROUNDS, theta=fitted.theta)
        rounds = found.theta
        if found.unidentified:
            warnings = (
                f"{found.unidentified} of {ROUNDS} bootstrap rounds had no finite ratings and "
                "were left out",
            )
    centred = rounds - rounds[:, centre].mean(axis=1, keepdims=True)
    lower, upper = np.quantile(centred, [0.025, 0.975], axis=0, method="weibull")
    title = f"95 % bootstrap ({len(rounds)} rounds, seed {options.seed})"
    spread = np.atleast_2d(np.cov(centred, rowvar=False))
    return Bounds(lower, upper, spread, None, title, warnings)


def _centred(theta: FloatArray, centre: BoolArray) -> FloatArray:
    return np.asarray(theta - theta[centre].mean())


def _anytime(table: VoteTable, fitted: Fitted, options: Options, centre: BoolArray) -> Bounds:
    from blindarena.ranking.anytime import anytime_interval

    spread = _sandwich(table, fitted, options, centre).covariance
    variance = spread.diagonal().clip(min=0)
    lower, upper = anytime_interval(_centred(fitted.theta, centre), variance)
    return Bounds(lower, upper, spread, None, "95 % anytime (holds at every look)")


def _posterior(table: VoteTable, fitted: Fitted, options: Options, centre: BoolArray) -> Bounds:
    if fitted.posterior is None:
        raise InputError("the interval 'posterior' is for the method contextual; take another")
    spread = fitted.posterior(centre)
    lower, upper = normal_interval(_centred(fitted.theta, centre), spread.diagonal().clip(min=0))
    return Bounds(lower, upper, spread, None, "95 % posterior (the spread taken as known)")


_KINDS: dict[str, Callable[[VoteTable, Fitted, Options, BoolArray], Bounds]] = {
    "sandwich": _sandwich,
    "cluster": _cluster,
    "bootstrap": _bootstrap,
    "anytime": _anytime,
    "posterior": _posterior,
}
