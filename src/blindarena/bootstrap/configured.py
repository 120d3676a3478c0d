"""From `blindarena.toml` and `arenas/*.toml` to a plan."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from blindarena.bootstrap.own_prompts import without_personal_data
from blindarena.bootstrap.paragraphs import flowing
from blindarena.bootstrap.plan import ArenaPlan, Plan
from blindarena.domain.arenas import Arena, Consent, Contestant, PiiPattern, Prompt, VoterGroup
from blindarena.domain.chat import Parameters
from blindarena.domain.exclusions import VoteRules
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import QueueRules
from blindarena.errors import ConfigError
from blindarena.settings import ArenaFile, Settings, read_text
from blindarena.settings import Contestant as ContestantTable

_TYPED = "What you type is"
_DEFAULT_CONSENT = (
    "You will see two answers by anonymous contestants and vote for the better one. "
    f"{_TYPED} sent to the recipients listed below. Your messages, the answers, your vote "
    "and your comment are stored on this server under a pseudonym. Your address is not stored. "
    "Please type no personal data."
)
_COLUMNS = ("prompt", "id", "title", "category", "language", "policy")


def plan_of(settings: Settings) -> Plan:
    """Read every file that the settings name.

    Raises:
        ConfigError: a file is missing or malformed; one line with file, row, value and cure.
    """
    return Plan(
        settings=settings,
        arenas=tuple(arena_plan(file, settings) for file in settings.arenas),
        deployments=settings.deployments,
        replays={
            name: read_answers(settings.root / deployment.replay)
            for name, deployment in settings.deployments.items()
            if deployment.replay is not None
        },
    )


def read_answers(path: Path) -> Mapping[str, str]:
    """Read a JSON object of prepared answers: user message -> answer.

    Raises:
        ConfigError: the file is missing or something else.
    """
    try:
        answers = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"replay file {path} can't be read: {error}") from error
    if not isinstance(answers, dict) or not all(isinstance(a, str) for a in answers.values()):
        raise ConfigError(f"replay file {path}: give one JSON object, user message -> answer text")
    return answers


def read_prompts(path: Path, arena: Arena) -> tuple[Prompt, ...]:
    """Read prepared prompts from a CSV file with the column `prompt`.

    Raises:
        ConfigError: naming file, row and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            if "prompt" not in columns:
                raise ConfigError(
                    f'{path.name}: the column "prompt" is missing; found: {", ".join(columns)}'
                )
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"prompts file {path} can't be read: {error}") from error
    prompts: dict[str, Prompt] = {}
    for position, row in enumerate(rows):
        cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
        key = cells["id"] or f"{position + 1:04d}"
        if not cells["prompt"]:
            raise ConfigError(f'{path.name}: row {position + 2}: the column "prompt" is empty')
        if key in prompts:
            raise ConfigError(f'{path.name}: row {position + 2}: id "{key}" is used twice')
        if unknown := _unknown_category(cells["category"], arena):
            raise ConfigError(f"{path.name}: row {position + 2}: {unknown}")
        prompts[key] = Prompt(
            id=uuid7(),
            arena_id=arena.id,
            key=key,
            text=cells["prompt"],
            title=cells["title"],
            category=cells["category"],
            language=cells["language"],
            policy=cells["policy"],
            position=position,
        )
    if not prompts:
        raise ConfigError(f"{path.name}: there is no prompt below the head line")
    return tuple(prompts.values())


def arena_plan(file: ArenaFile, settings: Settings, *, text: str | None = None) -> ArenaPlan:
    """Turn an arena file into a plan, with the prompts and the consent that it names.

    Args:
        file: as read.
        settings: the server's, for its deployments.
        text: what is, or is to be, in the file; None reads it.

    Raises:
        ConfigError: a file is missing or malformed; one line with file, row, value and cure.
    """
    folder = file.path.parent
    replay = all(
        settings.deployments[name].replay is not None
        for contestant in file.contestants
        for name in contestant.where
    )
    anchor = next(iter(file.anchor.items())) if file.anchor else None
    arena = Arena(
        id=uuid7(),
        slug=file.slug,
        title=file.title,
        kind="replay" if replay else "live",
        consent=Consent(
            version="", text=_consent_text(file, folder), label=file.privacy.consent_version
        ),
        question=file.question,
        description=file.description,
        notice=file.notice,
        owner=file.owner,
        prompt_mode="prepared" if file.prompts.file or file.prompts.inline else "free",
        follow_ups=file.follow_ups and not replay,
        reasons=file.reasons,
        suggested_prompts=file.prompts.suggested,
        sampling=file.sampling,
        baseline=file.baseline,
        rules=VoteRules(**file.rules.model_dump()),
        start_together_s=file.start_together_s,
        min_votes=file.min_votes,
        margin=file.margin,
        anchor=anchor,
        retention_days=file.privacy.retention_days,
        kpi=file.kpi,
        kpi_margin=file.kpi_margin,
        groups=tuple(VoterGroup(group.name, group.invited) for group in file.groups),
        languages=file.languages,
        deadline=file.deadline,
        categories=file.categories,
        usable_answer=file.usable_answer,
        share_links=file.share_links,
        require_login=file.require_login,
        modes=file.modes,
        embed_origins=file.embed.origins,
        pii=file.privacy.pii,
        pii_patterns=tuple(PiiPattern(p.name, p.shape) for p in file.privacy.patterns),
        restore_placeholders=file.privacy.restore_placeholders,
        name_model=file.privacy.name_model,
        prompt_source=file.prompts.source,
        challenge=None if file.challenge is None else file.challenge == "battles",
        queue=QueueRules(**file.queue.model_dump()),
    )
    return ArenaPlan(
        arena=arena,
        contestants=tuple(_contestant(table, arena) for table in file.contestants),
        prompts=without_personal_data(
            arena,
            read_prompts(folder / file.prompts.file, arena)
            if file.prompts.file
            else _inline_prompts(file, arena),
        ),
        file=file.path,
        text=read_text(file.path) if text is None else text,
    )


def _inline_prompts(file: ArenaFile, arena: Arena) -> tuple[Prompt, ...]:
    prompts: dict[str, Prompt] = {}
    for position, given in enumerate(file.prompts.inline):
        key = given.id or f"{position + 1:04d}"
        where = f"{file.path.name}: prompts.inline.{position + 1}"
        if key in prompts:
            raise ConfigError(f'{where}: id "{key}" is used twice')
        if unknown := _unknown_category(given.category, arena):
            raise ConfigError(f"{where}: {unknown}")
        prompts[key] = Prompt(
            id=uuid7(),
            arena_id=arena.id,
            key=key,
            text=given.prompt,
            title=given.title,
            category=given.category,
            language=given.language,
            policy=given.policy,
            position=position,
        )
    return tuple(prompts.values())


def _unknown_category(category: str, arena: Arena) -> str | None:
    """Say what is wrong with a category; None: nothing."""
    if not category or not arena.categories or category in arena.categories:
        return None
    known = ", ".join(arena.categories)
    return f'category "{category}" is not among the arena\'s "categories": {known}'


def _consent_text(file: ArenaFile, folder: Path) -> str:
    if file.privacy.consent is None:
        seeing = any(contestant.images for contestant in file.contestants)
        what = "What you type, and the pictures that you attach, are" if seeing else _TYPED
        return flowing(file.privacy.consent_text) or _DEFAULT_CONSENT.replace(_TYPED, what, 1)
    path = folder / file.privacy.consent
    try:
        text = flowing(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file.path.name}: consent file {path} can't be read: {error}"
        ) from error
    if not text:
        raise ConfigError(f"{file.path.name}: consent file {path} is empty")
    return text


def _contestant(table: ContestantTable, arena: Arena) -> Contestant:
    return Contestant(
        id=uuid7(),
        arena_id=arena.id,
        name=table.name,
        deployments=table.where,
        description=table.description,
        organization=table.organization,
        license=table.license,
        system=table.system,
        parameters=Parameters(
            temperature=table.temperature,
            top_p=table.top_p,
            max_tokens=table.max_tokens,
            seed=table.seed,
            stop=table.stop,
        ),
        aliases=table.aliases,
        weight=table.weight,
        images=table.images,
        enabled=table.enabled,
    )
