"""The gate: votes of people or of judges, never both at once, put to the test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from blindarena.analysis.comparison.evaluations import Column, Evaluation, Kind, renamed
from blindarena.analysis.gate_estimates import Margin, Unit
from blindarena.analysis.non_inferiority import GateResult, non_inferiority
from blindarena.analysis.verdicts import MISSING
from blindarena.bootstrap.evaluations.asked import Asked
from blindarena.bootstrap.evaluations.opening import open_evaluations
from blindarena.errors import ConfigError, InputError
from blindarena.ranking.arrays import IntArray
from blindarena.ranking.vote_arrays import VoteArrays
from blindarena.settings import Settings

_OUTCOME = np.array([0, 2, 1])
"""FIRST, TIE, SECOND as the outcomes A_WINS, TIE, B_WINS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What was asked, of whose votes, and what they say.

    Attributes:
        baseline: its name.
        candidate: its name.
        kind: whose votes: people or judge.
        sources: where they were read.
        result: what they say.
    """

    baseline: str
    candidate: str
    kind: Kind
    sources: tuple[str, ...]
    result: GateResult

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 not enough data."""
        return {"passed": 0, "failed": 1, "not enough data": 3}[self.result.outcome]

    @property
    def sentence(self) -> str:
        """What the votes say, in one sentence with its numbers."""
        r = self.result
        whose = "people" if self.kind == "people" else "the judge"
        asked = f"{self.candidate} is worse than {self.baseline} by less than {r.margin}"
        if r.estimate is None or r.lower is None:
            return (
                f"Not enough data: {whose} cast no vote that compares {self.candidate} with "
                f"{self.baseline}; about {r.votes_missing:,} votes are missing."
            )
        sure = f"{1 - r.alpha:.0%}"
        found = (
            f"the difference is {said(r.estimate, r.margin)} and, at {sure}, at least "
            f"{said(r.lower, r.margin)} ({r.votes:,} votes of {whose})"
        )
        if r.outcome == "passed":
            return f"Passed: {asked}: {found}."
        if r.outcome == "failed":
            return f"Failed: it is not shown that {asked}: {found}."
        return (
            f"Not enough data to say whether {asked}: {found}; about {r.votes_missing:,} more "
            f"votes are missing ({r.votes_needed:,} in all)."
        )


def said(value: float, margin: Margin) -> str:
    """Return a difference in the margin's unit."""
    return f"{100 * value:+.1f}%" if margin.unit == "share" else f"{value:+.1f} Elo"


def parse_margin(text: str) -> Margin:
    """Read `20elo` or `3%`.

    Raises:
        ConfigError: it is neither.
    """
    plain = text.strip().lower().replace(" ", "")
    unit: Unit | None = None
    if plain.endswith("elo"):
        unit = "elo"
    elif plain.endswith("%"):
        unit = "share"
    digits = plain.removesuffix("elo").removesuffix("%")
    try:
        size = float(digits)
    except ValueError:
        size = np.nan
    if unit is None or not np.isfinite(size):
        raise ConfigError(f"--max-loss {text!r}: write Elo points or a share, as 20elo or 3%")
    try:
        return Margin(size=size / 100 if unit == "share" else size, unit=unit)
    except InputError as error:
        raise ConfigError(f"--max-loss {text!r}: {error}") from error


def run_gate(
    asked: Sequence[Asked],
    *,
    baseline: str,
    candidate: str,
    margin: Margin,
    kind: Kind,
    aliases: Mapping[str, str],
    settings: Settings | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Gate:
    """Read votes of one kind and put them to the test.

    Args:
        asked: where they are.
        baseline: name of the one in use.
        candidate: name of the one that may replace it.
        margin: the largest acceptable loss.
        kind: whose votes they are to be.
        aliases: names that stand for others.
        settings: of the configured database, for arenas.
        alpha: chance of passing a candidate that is worse by the margin.
        power: for the votes needed.

    Raises:
        ConfigError: a name is unknown, or votes are of the other kind.
        InputError: a file cannot be read.
    """
    found = [renamed(one, aliases) for one in open_evaluations(asked, settings=settings)]
    for one in found:
        if one.votes is None:
            raise ConfigError(f"{one.source}: no votes on pairs in it; a gate compares two answers")
        if one.kind != kind:
            options = {"people": "--votes", "judge": "--judge-run"}
            raise ConfigError(
                f"{one.source} holds votes of {_whose(one.kind)} ({one.name}), not of "
                f"{_whose(kind)}: they are never mixed; give it with "
                f"{options.get(one.kind, '--votes')}, or say whose they are: {kind}:{one.source}"
            )
    everybody = sorted({name for one in found for name in one.contestants})
    for option, name in (("--baseline", baseline), ("--candidate", candidate)):
        if name not in everybody:
            close = get_close_matches(name, everybody, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(everybody)}"
            raise ConfigError(f"{option} {name!r}: nobody of that name was voted on; {hint}")
    votes, clusters = _joined(found, everybody)
    result = non_inferiority(
        votes,
        baseline=everybody.index(baseline),
        candidate=everybody.index(candidate),
        margin=margin,
        clusters=clusters,
        alpha=alpha,
        power=power,
    )
    return Gate(
        baseline=baseline,
        candidate=candidate,
        kind=kind,
        sources=tuple(dict.fromkeys(one.source for one in found)),
        result=result,
    )


def _whose(kind: Kind) -> str:
    return "people" if kind == "people" else "a judge"


def _joined(
    evaluations: Sequence[Evaluation], everybody: Sequence[str]
) -> tuple[VoteArrays, dict[str, IntArray]]:
    """Return all votes, and what is known of how they hang together."""
    place = {name: number for number, name in enumerate(everybody)}
    parts: list[tuple[IntArray, IntArray, IntArray]] = []
    columns: dict[str, list[Column]] = {"question": [], "voter": []}
    for one in evaluations:
        if one.votes is None:
            continue
        kept = one.votes.part(one.votes.verdict != MISSING)
        table = np.array([place[name] for name in one.contestants], dtype=np.int64)
        parts.append((table[kept.first], table[kept.second], _OUTCOME[kept.verdict]))
        columns["question"].append(kept.question)
        columns["voter"].append(kept.rater)
    a, b, outcome = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    clusters: dict[str, IntArray] = {}
    for name, given in columns.items():
        codes = _stacked(given)
        # One voter, as a judge is, says nothing of how much voters differ.
        if len(np.unique(codes[codes >= 0])) > 1:
            clusters[name] = codes
    return VoteArrays(len(everybody), a, b, outcome), clusters


def _stacked(columns: Sequence[Column]) -> IntArray:
    """Return the codes of several columns, the same name having the same number."""
    numbers: dict[str, int] = {}
    stacked = []
    for column in columns:
        table = np.array([numbers.setdefault(name, len(numbers)) for name in column.names] + [-1])
        stacked.append(table[column.codes])
    return np.concatenate(stacked).astype(np.int64)
