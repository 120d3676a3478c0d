"""Prepared answers as replays: found under redacted prompts too, and written from an arena."""

from collections.abc import Mapping

from blindarena.bootstrap.plan import Plan
from blindarena.domain.arenas import Arena
from blindarena.errors import ConfigError, StorageError
from blindarena.settings import ArenaFile, Settings
from blindarena.storage.database import Database

Replays = Mapping[str, Mapping[str, str]]


def with_redacted(plan: Plan) -> Replays:
    """Return each deployment's prepared answers under the prompts as its arenas store them too.

    A file of answers is keyed by what people wrote; an arena with `pii = "redact"` asks with
    placeholders in the place of personal data. Where two prompts become the same, the first counts.
    """
    found = {name: dict(answers) for name, answers in plan.replays.items()}
    for one in plan.arenas:
        if one.arena.pii != "redact" or one.arena.kind == "published":
            continue
        for name in {d for contestant in one.contestants for d in contestant.deployments}:
            for text, answer in plan.replays.get(name, {}).items():
                found[name].setdefault(_redacted(one.arena, text), answer)
    return found


def _redacted(arena: Arena, text: str) -> str:
    from blindarena.bootstrap.import_tools import detection_of
    from blindarena.pipeline.pii import Placeholders, screen

    return screen(text, mode="redact", state=Placeholders(), detection=detection_of(arena)).text


async def answers_of(file: ArenaFile, settings: Settings, contestant: str) -> dict[str, str]:
    """Return a contestant's prepared answers by prompt, both as stored; failed ones are left out.

    Raises:
        StorageError: the database is not there, or does not know the arena yet.
        ConfigError: there is no such contestant, or no answer of it.
    """
    database = await Database.open(settings.server.database, create=False)
    try:
        if await database.schema_version() != Database.newest_schema():
            raise StorageError("the database is of another version; `blindarena db upgrade` first")
        arena = await database.arenas.by_slug(file.slug)
        if arena is None:
            raise StorageError(f'the database does not know the arena "{file.slug}" yet')
        contestants = {c.name: c.id for c in await database.arenas.contestants(arena.id)}
        if contestant not in contestants:
            known = ", ".join(contestants)
            raise ConfigError(
                f"--contestant {contestant!r} is not in the arena; there are: {known}"
            )
        answers = {}
        for prompt in await database.arenas.prompts(arena.id):
            for answer in await database.prepared.of_prompt(prompt.id):
                if answer.contestant_id == contestants[contestant] and answer.text.strip():
                    answers[prompt.text] = answer.text
        if not answers:
            raise ConfigError(f"{contestant!r} has no answers yet; import them or have them made")
        return answers
    finally:
        await database.close()
