"""Whether a snapshot follows from the votes that it says it follows from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from blindarena.errors import InputError
from blindarena.leaderboard.options import Options
from blindarena.leaderboard.result import Leaderboard
from blindarena.leaderboard.snapshot import digest_of

TOLERANCE = 1e-9
"""Elo points by which numbers may differ where versions do."""

_SHOWN = 20
_BESIDE = ("utility", "flips", "cross_check", "voters")
_RATED = ("rating", "lower", "upper", "win_rate")


@dataclass(frozen=True, slots=True)
class Verification:
    """What comparing a snapshot with a new computation found.

    Attributes:
        differences: each a line; empty where the snapshot holds.
        changed_versions: what has another version here than in the snapshot.
        erased: votes that were cut loose from their voters since; they are among the votes.
    """

    differences: tuple[str, ...]
    changed_versions: tuple[str, ...]
    erased: int = 0

    @property
    def holds(self) -> bool:
        """Say whether the votes give the snapshot."""
        return not self.differences

    @property
    def verdict(self) -> str:
        """Return the result in one sentence, and how many votes were erased since."""
        since = f" {self.erased:,} vote{'' if self.erased == 1 else 's'} erased since."
        return self._verdict + (since if self.erased else "")

    @property
    def _verdict(self) -> str:
        if not self.holds:
            return "The snapshot does NOT follow from these votes."
        if self.changed_versions:
            return f"The snapshot holds within {TOLERANCE:g} Elo, with other versions."
        if self.erased:
            return f"The snapshot holds within {TOLERANCE:g} Elo."
        return "The snapshot holds: every number is identical."


def options_of(content: dict[str, Any]) -> Options:
    """Return the options that a snapshot was made with.

    Raises:
        InputError: they are not options that this version knows.
    """
    stored = dict(content["options"])
    if stored.get("anchor") is not None:
        stored["anchor"] = tuple(stored["anchor"])
    try:
        return Options(**stored)
    except TypeError as error:
        raise InputError(
            f"the snapshot has options that this version does not know ({error}); take the "
            f"version that wrote it: {content['versions'].get('blindarena')}"
        ) from error


def verify(content: dict[str, Any], board: Leaderboard, *, erased: int = 0) -> Verification:
    """Compare a snapshot with the board computed again from the votes.

    Votes whose voter was erased since are still there, under another label; sums over voters may
    have another order then, so their last bits are not compared.

    Args:
        content: of `read_snapshot`.
        board: of the same options.
        erased: how many such votes there are.
    """
    again = json.loads(board.to_json())
    changed = tuple(
        f"{name}: {content['versions'].get(name, 'none')} -> {version}"
        for name, version in again["versions"].items()
        if content["versions"].get(name) != version
    )
    tolerance = TOLERANCE if changed or erased else 0.0
    return Verification(tuple(_all(content, again, tolerance)), changed, erased)


def _all(old: dict[str, Any], new: dict[str, Any], tolerance: float) -> Iterator[str]:
    if digest_of(old) != old["digest"]:
        yield "the file was changed after it was written: its digest does not match"
    yield from _board(old, new, tolerance, "")
    names = [[board["category"] for board in one["boards"]] for one in (old, new)]
    if names[0] != names[1]:
        yield f"categories: {_short(names[0])} -> {_short(names[1])}"
        return
    for one, other in zip(old["boards"], new["boards"], strict=True):
        yield from _board(one, other, tolerance, f"{one['category']}: ")


def _board(old: dict[str, Any], new: dict[str, Any], tolerance: float, where: str) -> Iterator[str]:
    exact = ["n", "excluded", "data_hash", "seed"]
    if tolerance == 0:
        exact += ["method", "interval", "tolerance", "iterations"]
    for key in exact:
        if old.get(key) != new[key]:
            yield f"{where}{key}: {_short(old.get(key))} -> {_short(new[key])}"
    for key in _BESIDE:  # a snapshot from before there was such a thing is not wrong
        if tolerance == 0 and key in old and old[key] != new[key]:
            yield f"{where}{key}: {_short(old[key])} -> {_short(new[key])}"
    found = list(_rows(old, new, tolerance))
    yield from (f"{where}{line}" for line in found[:_SHOWN])
    if len(found) > _SHOWN:
        yield f"{where}... and {len(found) - _SHOWN} more numbers"


def _rows(old: dict[str, Any], new: dict[str, Any], tolerance: float) -> Iterator[str]:
    before, after = ({row["contestant"]: row for row in board["rows"]} for board in (old, new))
    for name in sorted(before.keys() ^ after.keys()):
        yield f"{name!r} is in the {'snapshot' if name in before else 'votes'} only"
    for name in (name for name in before if name in after):
        for key, value in after[name].items():
            stored = before[name].get(key)
            if not _same(stored, value, tolerance if key in _RATED else 0.0):
                yield f"{name} {key}: {_short(stored)} -> {_short(value)}{_by(stored, value)}"
    coefficients = old.get("coefficients"), new["coefficients"]
    if tolerance == 0 and coefficients[0] != coefficients[1]:
        yield f"coefficients: {_short(coefficients[0])} -> {_short(coefficients[1])}"


def _same(old: object, new: object, tolerance: float) -> bool:
    if isinstance(old, float) and isinstance(new, float):
        return abs(old - new) <= tolerance
    return old == new and type(old) is type(new)


def _by(old: object, new: object) -> str:
    if isinstance(old, float) and isinstance(new, float):
        return f" (by {abs(new - old):.3g})"
    return ""


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:97]}..."
