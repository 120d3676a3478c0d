"""Compares evaluations that a server has: its arenas, its runs of judges, and uploaded tables."""

import asyncio
import os
import re
import secrets
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from blindarena.analysis.comparison.comparing import Comparison
from blindarena.analysis.comparison.evaluations import Evaluation
from blindarena.arena.pool import ContestantPool
from blindarena.bootstrap.judge_runs import JudgeRunDesk
from blindarena.domain.arenas import Arena
from blindarena.errors import (
    AnalysisError,
    ConfigError,
    InputError,
    InvalidInputError,
    NotFoundError,
    RateLimitError,
)
from blindarena.judge.browsing.progress import RunFacts
from blindarena.storage.database import Database

MAX_EVALUATIONS: Final = 8
MAX_VOTES: Final = 200_000
_KEPT: Final = 4
"""Reports that can still be opened; of the whole server."""
_AGAIN_S: Final = 5.0
_ALIAS_OPTION: Final = re.compile(r"--alias '([^']*)'")
_OTHER_WAYS: Final = (
    ("; name one with PATH#COLUMN", "; rename one of them"),
    ("; run `blindarena judge run` first", ""),
    ("; name them: OTHER=PATH", "; choose one of them"),
    ("say --alias THIS=THAT", "write an alias for them"),
)
"""Cures that only a command line offers, and what stands in for them."""


@dataclass(frozen=True, slots=True)
class Table:
    """An uploaded table of scores: its file's name, CSV or TSV, and its content."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be compared.

    Attributes:
        arenas: slugs.
        runs: names; each judge of them is an evaluation.
        people: names of runs whose blind votes of people are an evaluation.
        tables: uploaded.
        aliases: names that stand for others.
    """

    arenas: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    aliases: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be compared: arenas with votes of their own, runs, and blind votes on each run."""

    arenas: tuple[Arena, ...]
    runs: tuple[RunFacts, ...]
    people: Mapping[str, int]


class AgreementDesk:
    """Compares what staff choose, one comparison at a time; beside the event loop.

    Args:
        database: of the votes.
        pool: the arenas.
        runs: the runs of judges, and people's votes on them.
    """

    def __init__(self, database: Database, pool: ContestantPool, runs: JudgeRunDesk) -> None:
        self._database = database
        self._pool = pool
        self._runs = runs
        self._task: asyncio.Task[Comparison] | None = None
        self._kept: OrderedDict[str, Comparison] = OrderedDict()

    async def choices(self) -> Choices:
        """Return what may be compared."""
        arenas = tuple(one for one in await self._pool.all() if not one.read_only)
        runs = tuple(one for one in await self._runs.runs() if one.judges and not one.problem)
        votes = self._database.judge_votes
        people = {
            run.name: sum(vote.blind for vote in await votes.counted(run.name)) for run in runs
        }
        return Choices(arenas, runs, people)

    async def compare(self, wanted: Wanted) -> tuple[str, Comparison]:
        """Compare, and keep the result for a while; return its id too.

        Raises:
            RateLimitError: another comparison is under way.
            NotFoundError: there is no such arena or run.
            InvalidInputError: a table is wrong, or there is nothing that can be compared.
        """
        if self._task is not None and not self._task.done():
            raise RateLimitError(
                "another comparison is under way on this server", retry_after_s=_AGAIN_S
            )
        self._task = asyncio.create_task(self._compare(wanted))
        # Who goes away in between must not let a second one begin: the thread cannot be stopped.
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        found = await asyncio.shield(self._task)
        key = secrets.token_urlsafe(12)
        self._kept[key] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return key, found

    def kept(self, key: str) -> Comparison:
        """Return a result that is still there.

        Raises:
            NotFoundError: newer ones took its place, or the server started anew.
        """
        if key not in self._kept:
            raise NotFoundError("this report is not kept any more; please compare again")
        return self._kept[key]

    async def _compare(self, wanted: Wanted) -> Comparison:
        stored = [(slug, *await self._votes_of(slug)) for slug in wanted.arenas]
        known = {run.name: run for run in await self._runs.runs()}
        for name in (*wanted.runs, *wanted.people):
            if name not in known:
                raise NotFoundError(f"there is no run {name!r}")
        people = [(name, await self._runs.export(name)) for name in wanted.people]

        def work() -> Comparison:
            from blindarena.analysis.comparison.comparing import compare
            from blindarena.bootstrap.evaluations.opening import arena_evaluations

            found: list[tuple[str, Evaluation]] = []
            for slug, data, keys in stored:
                found += [(f"arena {slug}", e) for e in arena_evaluations(data, keys, slug=slug)]
            for name in wanted.runs:
                found += [(f"{name}/{one.name}", one) for one in _of_run(self._runs.folder, name)]
            for name, rows in people:
                found += [(f"people of {name}", one) for one in _of_people(name, rows)]
            for table in wanted.tables:
                found.append((f"table {table.name}", _of_table(table)))
            chosen = _without_pseudonyms(_named(found))
            _check_size(chosen)
            return compare(chosen, aliases=wanted.aliases)

        try:
            return await asyncio.to_thread(work)
        except (InputError, ConfigError, AnalysisError) as error:
            # Where on the machine the folder of runs is, is nobody's business.
            said = str(error).replace(f"{self._runs.folder}{os.sep}", "")
            raise InvalidInputError(plain(said)) from error

    async def _votes_of(self, slug: str) -> tuple[bytes, dict[str, str]]:
        from blindarena.bootstrap.evaluations.opening import stored_votes

        arena = await self._pool.by_slug(slug)
        if arena.read_only:
            raise InvalidInputError(f"{slug!r} is a published board: it has counts, no votes")
        return await stored_votes(arena, self._pool, self._database)


def plain(text: str) -> str:
    """Return a message with what a page offers in the place of a command line's options."""
    for theirs, ours in _OTHER_WAYS:
        text = text.replace(theirs, ours)
    return _ALIAS_OPTION.sub(r"the alias \1", text)


def _of_run(folder: Path, name: str) -> list[Evaluation]:
    from blindarena.bootstrap.evaluations.judgments import judge_evaluations
    from blindarena.judge.judged_run import read_judged_run

    run = read_judged_run(folder / name)
    answers = {(who, q): one for who, given in run.answers.items() for q, one in given.items()}
    return judge_evaluations(run.judgments, answers, label=f"run {name}")


def _of_people(run: str, rows: Sequence[Mapping[str, object]]) -> list[Evaluation]:
    import pyarrow as pa

    from blindarena.bootstrap.evaluations.vote_files import votes_evaluations

    blind = [row for row in rows if row["blind"]]
    if not blind:
        raise InputError(f"nobody has voted blind on the run {run!r} yet")
    return votes_evaluations(
        pa.Table.from_pylist(blind), name=f"people of {run}", label=f"blind votes on run {run}"
    )


def _of_table(table: Table) -> Evaluation:
    from blindarena.bootstrap.evaluations.score_tables import table_evaluation

    path = Path(Path(table.name).name)
    if path.suffix.lower() not in (".csv", ".tsv"):
        raise InputError(f"{table.name!r}: a table must be a .csv or .tsv file")
    return table_evaluation(path, name=path.stem, text=table.text.removeprefix("\ufeff"))


def _named(found: Sequence[tuple[str, Evaluation]]) -> list[Evaluation]:
    """Return the evaluations, each with a name of its own: the longer one where two are alike."""
    names = Counter(one.name for _, one in found)
    return [one if names[one.name] == 1 else replace(one, name=long) for long, one in found]


def _without_pseudonyms(found: Sequence[Evaluation]) -> list[Evaluation]:
    """Return the evaluations with people numbered: one person has one number in all of them."""
    from blindarena.analysis.comparison.evaluations import Column

    known = {
        name
        for one in found
        if one.kind == "people" and one.votes is not None
        for name in one.votes.rater.names
    }
    width = len(str(len(known)))
    names = {name: f"person {n:0{width}}" for n, name in enumerate(sorted(known), 1)}

    def numbered(one: Evaluation) -> Evaluation:
        if one.kind != "people" or one.votes is None:
            return one
        rater = one.votes.rater
        own = Column(rater.codes, tuple(names[name] for name in rater.names))
        return replace(one, votes=replace(one.votes, rater=own))

    return [numbered(one) for one in found]


def _check_size(found: Sequence[Evaluation]) -> None:
    if len(found) > MAX_EVALUATIONS:
        raise InputError(
            f"{len(found)} evaluations, each judge being one; at most {MAX_EVALUATIONS} here, more "
            "with `blindarena agreement`"
        )
    votes = sum(len(one.votes.first) for one in found if one.votes is not None)
    votes += sum(len(one.grades.score) for one in found if one.grades is not None)
    if votes > MAX_VOTES:
        raise InputError(
            f"{votes:,} votes and judgments; at most {MAX_VOTES:,} here, more with "
            "`blindarena agreement`"
        )
