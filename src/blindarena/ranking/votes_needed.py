"""How many votes a stated difference takes, and what they cost."""

import math
from statistics import NormalDist

from blindarena.errors import InputError


def votes_for_difference(
    difference: float, *, tie_share: float = 0.0, power: float = 0.8, level: float = 0.95
) -> int:
    """Return how many votes between two contestants show a difference between them.

    An estimate for a number of votes fixed in advance, not a rule to stop by. The expected score
    is mu = 1 / (1 + exp(-difference)), and a score of 1, 0.5 or 0 has the variance
    mu (1 - mu) - tie_share / 4.

    Args:
        difference: of the log-strengths, in nats.
        tie_share: share of votes that are ties, both-bad votes included.
        power: with which probability the interval then excludes 0.
        level: of that interval.

    Raises:
        InputError: the difference is 0, or there are more ties than it allows.
    """
    ahead = abs(difference)
    if not 0 < ahead < math.inf:
        raise InputError(f"the difference is {difference}; give one other than 0")
    mu = 1 / (1 + math.exp(-ahead))
    variance = mu * (1 - mu) - tie_share / 4
    if not 0 <= tie_share <= 2 * (1 - mu):
        raise InputError(
            f"a tie share of {tie_share} does not go with an expected score of {mu:.3g}; "
            f"give 0 to {2 * (1 - mu):.3g}"
        )
    return max(1, math.ceil(_errors(power, level) ** 2 * variance / (mu - 0.5) ** 2))


def votes_still_needed(
    difference: float, *, variance: float, votes: int, power: float = 0.8, level: float = 0.95
) -> int:
    """Return how many more votes on the board show a difference between two of its contestants.

    An estimate for a number of votes fixed in advance: that further votes are spread like those so
    far, so that the variance falls as 1 / votes. Ties and indirect comparisons are in it already.

    Args:
        difference: of the log-strengths that one wants to see, in nats.
        variance: of the two contestants' difference now, nats squared.
        votes: all votes of the board so far.
        power: with which probability the interval then excludes 0.
        level: of that interval.

    Raises:
        InputError: the difference is 0, or the variance is not above 0.
    """
    if not 0 < abs(difference) < math.inf:
        raise InputError(f"the difference is {difference}; give one other than 0")
    if not 0 < variance < math.inf:
        raise InputError(f"the variance is {variance}; it takes votes that differ to have one")
    total = votes * variance * (_errors(power, level) / difference) ** 2
    return max(0, math.ceil(total) - votes)


def expected_spend(votes: int, cost_per_answer: float) -> float:
    """Return what the two answers of each battle cost."""
    return 2 * votes * cost_per_answer


def _errors(power: float, level: float) -> float:
    """Return how many standard errors a difference must measure.

    Raises:
        InputError: the power or the level is not between 0 and 1.
    """
    for name, value in (("power", power), ("level", level)):
        if not 0 < value < 1:
            raise InputError(f"the {name} is {value}; give a probability")
    return NormalDist().inv_cdf((1 + level) / 2) + NormalDist().inv_cdf(power)
