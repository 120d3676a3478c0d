"""Open what the command line names, whatever it is."""

import asyncio
import csv
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from blindarena.analysis.comparison.evaluations import Column, Evaluation, Kind
from blindarena.bootstrap.evaluations.asked import Asked, Score
from blindarena.bootstrap.evaluations.judgments import judge_evaluations
from blindarena.bootstrap.evaluations.score_tables import first_keys, table_evaluation
from blindarena.bootstrap.evaluations.vote_files import votes_evaluations
from blindarena.errors import ConfigError, InputError, StorageError
from blindarena.judge.formats.gathering import gather
from blindarena.judge.judged_run import is_run, read_judged_run
from blindarena.settings import Settings

if TYPE_CHECKING:
    from blindarena.arena.pool import ContestantPool
    from blindarena.domain.arenas import Arena
    from blindarena.storage.database import Database

_OF_JUDGES: Final = ({"g1_winner", "g2_winner"}, {"games"}, {"generator_1"}, {"score", "judge"})
"""Columns by which rows of FastChat's, Arena-Hard's and AlpacaEval's judgments are known."""
_OF_VOTES: Final = {
    "model_a", "model_b", "model_1", "model_2", "left", "right", "winner", "outcome", "ranking",
    "conv_metadata",
}  # fmt: skip


def open_evaluations(
    asked: Sequence[Asked],
    *,
    settings: Settings | None,
    score: Score = "rating",
    seed: int = 0,
) -> list[Evaluation]:
    """Read all that is named; a run of several judges is several evaluations.

    Args:
        asked: as parsed.
        settings: of the configured database; None where no arena is named.
        score: what votes score contestants by.
        seed: of draws.

    Raises:
        InputError: a file cannot be read: where, what and the cure.
        ConfigError: there is no such file, folder or arena.
        StorageError: the database is missing, or of another version.
    """
    found: list[Evaluation] = []
    for one in asked:
        some = _of_arena(one, settings, score) if one.arena else _of_path(one, score, seed)
        if one.name is not None and len(some) == 1:
            some = [replace(some[0], name=one.name)]
        elif one.name is not None:
            some = [replace(each, name=f"{one.name}/{each.name}") for each in some]
        found += some
    return found


def _of_path(asked: Asked, score: Score, seed: int) -> list[Evaluation]:
    path = Path(asked.where)
    if not path.exists():
        raise ConfigError(f"{path}: there is no such file or folder")
    name = asked.name or path.name.removesuffix(".gz").rsplit(".", 1)[0] or str(path)
    kind = _kind(path)
    if kind == "run":
        run = read_judged_run(path)
        answers = {(n, q): a for n, given in run.answers.items() for q, a in given.items()}
        return _only(
            asked,
            judge_evaluations(run.judgments, answers, label=str(path), score=score, seed=seed),
        )
    if kind == "judgments":
        gathered = gather(path)
        return _only(
            asked,
            judge_evaluations(
                gathered.judgments, gathered.answers, label=str(path), score=score, seed=seed
            ),
        )
    if kind == "table":
        return [
            table_evaluation(path, name=name, kind=asked.kind or "benchmark", column=asked.part)
        ]
    return votes_evaluations(
        path, name=name, label=str(path), kind=_voters(asked), part=asked.part, score=score
    )


def _voters(asked: Asked) -> Kind | None:
    if asked.kind == "benchmark":
        raise ConfigError(f"{asked.where} holds votes: say people: or judge:, not benchmark:")
    return asked.kind


def _only(asked: Asked, found: list[Evaluation]) -> list[Evaluation]:
    """Return the judges that the part names."""
    from fnmatch import fnmatchcase

    if asked.kind not in (None, "judge"):
        raise ConfigError(f"{asked.where} holds judgments of models: they are no {asked.kind}'s")
    if asked.part is None:
        return found
    some = [one for one in found if fnmatchcase(one.name, asked.part)]
    if not some:
        have = ", ".join(one.name for one in found)
        raise ConfigError(f"{asked.where}#{asked.part}: the judges there are: {have}")
    return some


def _kind(path: Path) -> str:
    """Tell what a path holds: "run", "judgments", "table" or "votes"."""
    if path.is_dir():
        if is_run(path):
            return "run"
        return "votes" if any(path.glob("*.parquet")) else "judgments"
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix in (".csv", ".tsv"):
        try:
            with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
                head = next(csv.reader(file, delimiter="," if suffix == ".csv" else "\t"), [])
        except (OSError, UnicodeError, csv.Error) as error:
            raise InputError(f"{path}: cannot be read ({error})") from error
        return "votes" if _OF_VOTES & {name.strip() for name in head} else "table"
    if suffix in (".json", ".jsonl", ".ndjson"):
        keys = first_keys(path)
        listed = "judge" in keys and keys["judge"] is list
        if any(some <= keys.keys() for some in _OF_JUDGES[1:3]) or (
            listed and any(some <= keys.keys() for some in _OF_JUDGES)
        ):
            return "judgments"
        return "votes" if _OF_VOTES & keys.keys() else "table"
    return "votes"


def _of_arena(asked: Asked, settings: Settings | None, score: Score) -> list[Evaluation]:
    if settings is None:
        raise ConfigError(f"arena:{asked.where}: needs a configuration; give --config")
    data, keys = asyncio.run(_votes_of(asked.where, settings))
    return arena_evaluations(
        data, keys, slug=asked.where, name=asked.name, part=asked.part, score=score
    )


def arena_evaluations(
    data: bytes,
    keys: Mapping[str, str],
    *,
    slug: str,
    name: str | None = None,
    part: str | None = None,
    score: Score = "rating",
) -> list[Evaluation]:
    """Return an arena's votes as an evaluation.

    Args:
        data: its votes as Parquet.
        keys: of its prompts, by id.
        slug: of the arena.
        name: in the report; None takes the slug.
        part: a pattern of voters.
        score: what votes score contestants by.

    Raises:
        InputError: there are no votes.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(BytesIO(data))
    if not table.num_rows:
        raise InputError(f"the arena {slug!r} has no votes yet")
    found = votes_evaluations(
        table, name=name or slug, label=f"arena {slug}", part=part, score=score
    )
    return [_by_key(one, keys) for one in found]


def _by_key(evaluation: Evaluation, keys: Mapping[str, str]) -> Evaluation:
    """Return the votes with the owner's own ids of prompts, as judge runs have them."""
    votes = evaluation.votes
    if votes is None:
        return evaluation
    question = votes.question
    named = Column(question.codes, tuple(keys.get(name, name) for name in question.names))
    return replace(evaluation, votes=replace(votes, question=named))


async def _votes_of(slug: str, settings: Settings) -> tuple[bytes, dict[str, str]]:
    """Open the configured database and return what `stored_votes` does."""
    from blindarena.arena.pool import ContestantPool
    from blindarena.gateway.router import Router
    from blindarena.storage.database import Database

    database = await Database.open(settings.server.database, create=False)
    try:
        if await database.schema_version() != Database.newest_schema():
            raise StorageError("the database is of another version; `blindarena db upgrade` first")
        pool = ContestantPool(arenas=database.arenas, models=Router())
        known = {arena.slug: arena for arena in await pool.all()}
        if slug not in known:
            have = ", ".join(known) or "none; `blindarena up` stores those of your files"
            raise ConfigError(f'the database has no arena "{slug}"; it has: {have}')
        if known[slug].read_only:
            raise ConfigError(
                f"{slug!r} is a published board: its votes are counts; name its file of counts"
            )
        return await stored_votes(known[slug], pool, database)
    finally:
        await database.close()


async def stored_votes(
    arena: "Arena", pool: "ContestantPool", database: "Database"
) -> tuple[bytes, dict[str, str]]:
    """Return an arena's votes on its current version, as Parquet, and its prompts' keys by id."""
    keys = {str(prompt.id): prompt.key for prompt in await pool.prompts(arena)}
    return await database.votes_parquet(arena.id, version=arena.version), keys
