"""Draws a sample of rows in which every category keeps its share."""

import random
from collections.abc import Sequence


def stratified(labels: Sequence[str], n: int, *, rng: random.Random) -> list[int]:
    """Draw `n` places at random, from each label in proportion to how often it occurs.

    Fractions go to the labels that lose most by rounding down (largest remainder); among equals
    to the one that sorts first. A label that would get nothing gets one place where there are at
    least as many places as labels.

    Args:
        labels: one per row.
        n: places; all rows where there are no more.
        rng: draws within each label.

    Returns:
        The places drawn, in the order of the rows.
    """
    if n >= len(labels):
        return list(range(len(labels)))
    places: dict[str, list[int]] = {}
    for at, label in enumerate(labels):
        places.setdefault(label, []).append(at)
    least = 1 if n >= len(places) else 0
    shares = {label: n * len(found) / len(labels) for label, found in places.items()}
    taken = {label: max(least, int(share)) for label, share in shares.items()}
    while (missing := n - sum(taken.values())) != 0:
        step = 1 if missing > 0 else -1
        label = max(
            (one for one in sorted(places) if least <= taken[one] + step <= len(places[one])),
            key=lambda one: step * (shares[one] - taken[one]),
        )
        taken[label] += step
    drawn = [at for label in sorted(places) for at in rng.sample(places[label], taken[label])]
    return sorted(drawn)
