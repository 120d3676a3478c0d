"""Why two evaluations cannot be compared, in one line."""

from itertools import combinations

import numpy as np

from blindarena.analysis.comparison.evaluations import Evaluation
from blindarena.analysis.comparison.items import Items, Rated


def no_item(one: Evaluation, other: Evaluation, items: Items) -> str:
    """Say why two evaluations have no item in common, as exactly as can be told."""
    start = f"{one.name} and {other.name} have no item in common"
    common = set(one.contestants) & set(other.contestants)
    if len(common) < 2:
        listed = f" ({', '.join(common)})" if common else ""
        return (
            f"{start}: {len(common)} contestants{listed} are in both; check that they have the "
            "same names, or say --alias THIS=THAT"
        )
    sides = {
        rated.evaluation.name: {
            items.names[k][0] for k in np.flatnonzero(rated.counts.any(axis=1)).tolist()
        }
        for rated in items.rated
    }
    mine, theirs = (sides.get(name, set()) for name in (one.name, other.name))
    if mine and theirs and not mine & theirs:
        return (
            f"{start}: no question has the same id in both, such as {min(mine)!r} and "
            f"{min(theirs)!r}"
        )
    return f"{start}: the questions are the same, but not the turns or the pairs that were asked"


def no_common_ground(one: Evaluation, other: Evaluation) -> str:
    """Say what each of two evaluations holds, where that cannot be compared."""

    def has(evaluation: Evaluation) -> str:
        parts = [
            name
            for name, there in (
                ("votes on questions", evaluation.votes if evaluation.on_items else None),
                ("grades of answers", evaluation.grades),
                ("scores of contestants", evaluation.scores),
            )
            if there is not None
        ]
        return " and ".join(parts) or "neither votes nor scores"

    return f"{one.name} has {has(one)}, {other.name} {has(other)}: there is nothing to compare"


def shared_raters(items: Items) -> tuple[str, ...]:
    """Tell where two evaluations hold ratings of one item by raters of the same name.

    If they are the same votes, read twice, agreement counts each as agreeing with itself.
    """
    notes = []
    for one, other in combinations(items.rated, 2):
        mine, theirs = _who_rated(one), _who_rated(other)
        both = mine & theirs
        if both:
            name = min(both)[1]
            notes.append(
                f"{one.evaluation.name} and {other.evaluation.name} both hold ratings of the same "
                f"items by {name!r}; if they are the same votes, they "
                "agree with themselves."
            )
    return tuple(notes)


def _who_rated(rated: Rated) -> set[tuple[int, str]]:
    raters = rated.votes.rater
    return {
        (item, raters.names[code])
        for item, code in zip(rated.item.tolist(), raters.codes.tolist(), strict=True)
        if code >= 0
    }
