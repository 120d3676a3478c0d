"""Which columns of a source are read, and as what."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Literal

from blindarena.errors import VoteFileError
from blindarena.votes.spellings import LABELS, NUMBERS, ROLES, STYLE

Shape = Literal["orders", "votes", "counts", "ranking"]
NEEDED: Mapping[Shape, tuple[str, ...]] = {
    "orders": ("model_a", "model_b", "g1_winner", "g2_winner"),
    "votes": ("model_a", "model_b", "winner"),
    "counts": ("model_a", "model_b", "wins_1", "wins_2"),
    "ranking": ("ranking",),
}
_BESIDE: Mapping[Shape, tuple[str, ...]] = {
    "orders": ("count", "excluded"),
    "votes": ("count", "excluded"),
    "counts": ("ties", "both_bad", "excluded"),
    "ranking": ("count", "excluded"),
}
_KNOWN = tuple(
    alias for table in (ROLES, LABELS, NUMBERS) for names in table.values() for alias in names
)
_TWICE = "; a column that is used must be there once"


@dataclass(frozen=True, slots=True)
class Plan:
    """Our name -> the source's column, for all that is read; a nested column is `outer.inner`.

    `mark` is the column that says who voted, which tells judges from people.
    """

    shape: Shape
    roles: Mapping[str, str]
    labels: Mapping[str, str]
    numbers: Mapping[str, str]
    mark: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every column that is read, once."""
        mark = () if self.mark is None else (self.mark,)
        used = (*self.roles.values(), *self.labels.values(), *self.numbers.values(), *mark)
        return tuple(dict.fromkeys(used))

    def path(self, name: str) -> str:
        """Return the source's column of one of our names."""
        return {**self.numbers, **self.labels, **self.roles}[name]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller wants to read.

    Attributes:
        columns: our name -> the column's name in the file, where the spelling is unknown to us.
            A name that we do not know becomes a label or a number of that name.
        extra: which labels and numbers to read beside the votes, ours or the file's names;
            None is all that we know, an empty collection none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    extra: Collection[str] | None = None

    def plan(self, where: str, names: Sequence[str], *, is_number: Callable[[str], bool]) -> Plan:
        """Choose the columns of one source.

        Args:
            where: the file or frame, for errors.
            names: the source's columns, nested ones as `outer.inner`.
            is_number: says of a column whose name we do not know whether it holds numbers.

        Raises:
            VoteFileError: a column is missing or there twice; lists what is there.
        """
        there = _There(where, names)
        found = {role: self._find(there, role, ROLES[role]) for role in ROLES}
        roles = {role: path for role, path in found.items() if path}
        shape = self._shape(there, roles)
        roles = {role: roles[role] for role in (*NEEDED[shape], *_BESIDE[shape]) if role in roles}
        labels, numbers = self._extras(there, is_number, set(roles.values()))
        plan = Plan(shape, roles, labels, numbers)
        there.once(plan.paths)
        mark = self._find(there, "voter", LABELS["voter"])
        return replace(plan, mark=mark if mark is not None and names.count(mark) == 1 else None)

    def may_use(self, name: str) -> bool:
        """Say whether a column at the top of a source may be read at all."""
        return name.startswith(STYLE) or name in self._paths() or self.may_look_into(name)

    def may_look_into(self, name: str) -> bool:
        """Say whether something inside a column may be read."""
        return any(path.startswith(f"{name}.") for path in self._paths())

    def _paths(self) -> tuple[str, ...]:
        """Return every column that may be read, by the name in the file."""
        return (*_KNOWN, *self.columns.values(), *(self.extra or ()))

    def _find(self, there: "_There", name: str, aliases: Sequence[str]) -> str | None:
        if name in self.columns:
            return there.mapped(name, self.columns[name])
        taken = set(self.columns.values())
        return next((alias for alias in aliases if alias in there and alias not in taken), None)

    def _shape(self, there: "_There", roles: Mapping[str, str]) -> Shape:
        for shape, needed in NEEDED.items():
            if all(role in roles for role in needed):
                return shape
        begun: tuple[Shape, ...] = ("orders", "counts")
        nearest: Shape = next(
            (shape for shape in begun if any(role in roles for role in NEEDED[shape][2:])), "votes"
        )
        missing = next(role for role in NEEDED[nearest] if role not in roles)
        raise there.missing(missing, ROLES[missing])

    def _extras(
        self, there: "_There", is_number: Callable[[str], bool], used: Collection[str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        labels: dict[str, str] = {}
        numbers: dict[str, str] = {}
        for kind, table in ((labels, LABELS), (numbers, NUMBERS)):
            for name, aliases in table.items():
                if self.extra is not None and name not in self.extra:
                    continue
                path = self._find(there, name, aliases)
                if path and path not in used:
                    kind[name] = path
        for path in there.names:
            if self.extra is None and path.startswith(STYLE):
                numbers.setdefault(_style_name(path), path)
        for name in dict.fromkeys((*self.columns, *(self.extra or ()))):
            if name in ROLES or name in labels or name in numbers or name in DERIVED:
                continue
            if name in self.columns:
                path = there.mapped(name, self.columns[name])
            elif name in LABELS or name in NUMBERS:
                raise there.missing(name, {**LABELS, **NUMBERS}[name])
            else:
                path = there.style(name) or there.mapped(name, name)
            numeric = name in NUMBERS or path.startswith(STYLE) or is_number(path)
            (numbers if numeric and name not in LABELS else labels)[name] = path
        return labels, numbers


DERIVED = ("orders", "ranking")
"""Labels that are not columns: what a judge's two orders agree on, which ranking a pair is of."""


class _There:
    """The columns of a source, for looking up and for telling what there is."""

    def __init__(self, where: str, names: Sequence[str]) -> None:
        self.where = where
        self.names = names
        self._set = frozenset(names)

    def __contains__(self, path: str) -> bool:
        return path in self._set

    def mapped(self, name: str, path: str) -> str:
        if path not in self._set:
            raise self.missing(path, (path,))
        return path

    def style(self, name: str) -> str | None:
        path = f"{STYLE}{name}"
        return path if path in self._set else None

    def once(self, paths: Collection[str]) -> None:
        for path in paths:
            if self.names.count(path) > 1:
                raise VoteFileError(f"{self.where}: the column {path!r} is there twice{_TWICE}")

    def missing(self, name: str, aliases: Sequence[str]) -> VoteFileError:
        top = [path for path in self.names if "." not in path]
        close = [match for alias in aliases for match in get_close_matches(alias, self.names, n=1)]
        listed = ", ".join(top[:30]) + (" ..." if len(top) > 30 else "") if top else "none"
        cure = f"name it {name!r}, or say which column it is: {name}=COLUMN"
        if close:
            cure = f"did you mean {close[0]!r}? Then say {name}={close[0]}"
        return VoteFileError(
            f"{self.where}: the column {name!r} is missing; the columns are: {listed}; {cure}"
        )


def _style_name(path: str) -> str:
    name = path.removeprefix(STYLE)
    return name if name.endswith(("_a", "_b")) else path
