"""What `doctor` says of what is done with texts: packages, proof of work, moderation, retention."""

from collections.abc import Mapping

from blindarena.bootstrap.findings import Finding
from blindarena.bootstrap.moderation import word_list
from blindarena.bootstrap.plan import Plan
from blindarena.bootstrap.reaching import reached, unset_key
from blindarena.errors import ConfigError
from blindarena.pipeline.extras import abilities
from blindarena.settings import Moderation, Settings

NAMES = "names of persons"


async def texts(plan: Plan, *, environ: Mapping[str, str]) -> list[Finding]:
    """Look at all of it; what is not configured is well."""
    settings = plan.settings
    return [
        *_packages(plan),
        _challenge(settings, plan),
        *await _moderation(settings, environ),
        *_retention(plan),
    ]


def _packages(plan: Plan) -> list[Finding]:
    """Say what this installation can do; what is missing is a fault where an arena asks for it."""
    wanting = [p.arena.slug for p in plan.arenas if p.arena.name_model]
    found = []
    for one in abilities():
        needed = one.what == NAMES and wanting
        if one.ok or needed:
            cure = one.cure and f"{one.cure}; wanted by {', '.join(wanting)}"
            found.append(Finding(one.what, one.ok, one.detail, cure))
        else:
            found.append(Finding(one.what, True, f"{one.detail}; more with: {one.cure}"))
    return found


def _challenge(settings: Settings, plan: Plan) -> Finding:
    limits = settings.limits
    own = {p.arena.slug: p.arena.challenge for p in plan.arenas if p.arena.challenge is not None}
    told = {
        "off": "not asked for",
        "sessions": "before a session",
        "battles": "before each battle",
    }[limits.challenge]
    exceptions = [f"{slug}: {'before each battle' if on else 'off'}" for slug, on in own.items()]
    detail = "; ".join([told, *exceptions])
    if limits.challenge != "off" or any(own.values()):
        detail += f"; about {limits.challenge_difficulty // 2:,} hashes each"
    return Finding("proof of work", True, detail)


async def _moderation(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    table = settings.moderation
    if table.words is None and table.endpoint is None:
        return [Finding("moderation", True, "off: no word list, no endpoint")]
    found = []
    if table.words is not None:
        try:
            count = len(word_list(table, settings.root))
        except ConfigError as error:
            found.append(Finding("moderation words", False, str(error), "correct [moderation]"))
        else:
            found.append(Finding("moderation words", True, f"{table.words}, {count} entries"))
    if table.endpoint is not None:
        found.append(await _endpoint(table, environ))
    return found


async def _endpoint(table: Moderation, environ: Mapping[str, str]) -> Finding:
    what, given = "moderation endpoint", table.endpoint
    if given is None:
        raise ValueError("there is no endpoint to look at")
    if missing := unset_key(what, given.key.env if given.key else None, environ):
        return missing
    does = "messages pass" if table.on_failure == "pass" else "messages are held back"
    cure = f"start it, or correct [moderation.endpoint] url; until then {does}"
    return await reached(what, given.url, unsent="no text", cure=cure)


def _retention(plan: Plan) -> list[Finding]:
    arenas = [p.arena for p in plan.arenas if not p.arena.read_only]
    if not arenas:
        return []
    kept = {a.slug: a.retention_days for a in arenas}
    for_ever = [slug for slug, days in kept.items() if days is None]
    told = [f"{slug} {days} days" for slug, days in kept.items() if days is not None]
    if for_ever:
        told.append(f"for ever: {', '.join(for_ever)}")
    return [Finding("retention of texts", True, "; ".join(told))]
