"""Options of `rank` that do not go together, each with the cure."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blindarena.leaderboard.options import Options


def problems_of(options: "Options") -> Iterator[str]:
    """Yield what is wrong with the options, one line each."""
    yield from _compatibility(options)
    yield from _methods(options)
    yield from _intervals(options)
    yield from _numbers(options)


def _compatibility(options: "Options") -> Iterator[str]:
    beyond = options.covariates or options.weighted or options.votes_to_flip or options.reads_costs
    if options.compat and (
        beyond or options.interval != "bootstrap" or options.method not in ("bt", "elo")
    ):
        yield "what FastChat computes is bt or elo with its bootstrap; leave other options out"


def _methods(options: "Options") -> Iterator[str]:
    method = options.method
    if options.style and method != "bt":
        yield f"style control is for the method bt, not {method}; leave one out"
    if options.first_position and method != "bt":
        yield f"the first position is for the method bt, not {method}; leave one out"
    if method == "contextual" and options.by is None:
        yield "the method contextual needs a column of categories; name it: by=COLUMN"
    if options.weights is not None and options.propensity is not None:
        yield (
            f"weights {options.weights!r} and propensity {options.propensity!r} both weigh the "
            "votes; leave one out"
        )
    if options.weighted and method == "elo":
        yield "online Elo takes no weights; take the method bt, or leave them out"
    if options.votes_to_flip and (method != "bt" or options.covariates or options.weighted):
        yield (
            "votes to flip are for plain bt: leave style, first position, weights and other "
            "methods out"
        )
    if options.exclude_flagged and not options.voter_test:
        yield "exclude_flagged needs the test that flags; add voter_test"
    if method == "elo" or options.compat:
        if options.margin is not None:
            yield "a decision by margin needs a fitted model; leave elo and compat out"
        if options.value_of_100_elo is not None:
            yield "a utility needs a fitted model; leave elo and compat out"


def _intervals(options: "Options") -> Iterator[str]:
    interval, method = options.interval, options.method
    if method == "contextual" and interval != "posterior":
        yield f"contextual has no {interval} interval; take 'posterior'"
    if interval == "posterior" and method != "contextual":
        yield "the interval 'posterior' is for the method contextual; take another"
    if interval == "cluster" and options.cluster is None:
        yield "the interval 'cluster' needs a column; name it: cluster=COLUMN"
    if options.cluster is not None and interval != "cluster":
        yield (
            f"the interval {interval!r} does not use the cluster {options.cluster!r}; take the "
            "interval 'cluster', or leave the cluster out"
        )
    if method == "elo" and interval != "bootstrap":
        yield f"online Elo has no {interval} interval; take 'bootstrap', or the method bt"
    if interval == "bootstrap" and (
        options.covariates or options.weighted or method not in ("bt", "elo")
    ):
        yield (
            "the bootstrap is for bt without style control, first position and weights, and for "
            "elo; take 'sandwich', 'cluster' or 'anytime'"
        )


def _numbers(options: "Options") -> Iterator[str]:
    if options.anchor is not None and not math.isfinite(options.anchor[1]):
        yield f"the anchor's rating is {options.anchor[1]}; give a finite number"
    if options.margin is not None and not 0 < options.margin < math.inf:
        yield (
            f"the margin is {options.margin}; give the smallest difference that matters, in Elo "
            "points above 0"
        )
    worth = options.value_of_100_elo
    if worth is not None and not 0 < worth < math.inf:
        yield f"100 Elo points are worth {worth} USD; give what they are worth, above 0"
    if options.max_votes_per_voter is not None and options.max_votes_per_voter < 1:
        yield f"max_votes_per_voter is {options.max_votes_per_voter}; give 1 or more"
    if options.min_votes < 0:
        yield f"min_votes is {options.min_votes}; give 0 or more"
    if options.seed < 0:
        yield f"seed is {options.seed}; give 0 or more"
