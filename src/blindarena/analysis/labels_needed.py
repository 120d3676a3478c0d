"""How many human labels a stated precision needs, with the judge and without."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from blindarena.analysis.judged_items import JudgedItems
from blindarena.analysis.prediction_powered import PoweredFit, PredictionPowered
from blindarena.errors import InputError
from blindarena.ranking.scale import ELO_PER_NAT


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsNeeded:
    """Human labels for an interval of a stated half width for every contestant.

    Attributes:
        half_width: in Elo points.
        level: of the interval.
        labels: there are now.
        with_judge: in all, with the judge's verdicts; None where all items labelled do not do.
        without_judge: in all, without the judge; None as above.
        items: there are now.
        items_needed: where one of the two is None: items, all of them labelled, that would do.
    """

    half_width: float
    level: float
    labels: int
    with_judge: int | None
    without_judge: int | None
    items: int
    items_needed: int | None


def labels_needed(
    found: PredictionPowered, items: JudgedItems, *, half_width: float, level: float = 0.95
) -> LabelsNeeded:
    """Return how many labels make the widest interval as narrow as wished.

    With c times as many labels, drawn likewise, the covariance changes by (1 / c - 1) times its
    part from labelling; what comes from having these items only stays.

    Args:
        found: the combination.
        items: that it was made from.
        half_width: wished for, in Elo points.
        level: of the interval.

    Raises:
        InputError: half_width is not above 0.
    """
    if not half_width > 0:
        raise InputError(f"half_width is {half_width}; give Elo points above 0")
    from scipy.special import stdtrit  # takes time to import

    quantile = float(stdtrit(found.plain.df, (1 + level) / 2))
    target = (half_width / ELO_PER_NAT / quantile) ** 2
    most = 1 / float(items.share[items.labelled].max())
    ways = [_times(fit, target, most) for fit in (found.combined, found.plain)]
    counts = [None if c is None else max(1, ceil(c * found.labels - 1e-9)) for c in ways]
    full = found.plain.variance + (1 / most - 1) * found.plain.labelling.diagonal()
    enough = None not in counts
    return LabelsNeeded(
        half_width=half_width,
        level=level,
        labels=found.labels,
        with_judge=counts[0],
        without_judge=counts[1],
        items=found.items,
        items_needed=None if enough else ceil(found.items * float(full.max()) / target),
    )


def _times(fit: PoweredFit, target: float, most: float) -> float | None:
    """Return how many times the labels are needed; None where it is more than there are items."""
    by_labelling = fit.labelling.diagonal()
    left = by_labelling + target - fit.variance
    if np.any(left <= 0):
        return None
    times = float((by_labelling / left).max())
    return times if times <= most else None
