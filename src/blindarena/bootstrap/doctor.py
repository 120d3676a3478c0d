"""Checks before a start: configuration, port, database, keys, contestants."""

import importlib.util
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.doctor_texts import texts
from blindarena.bootstrap.engine_start import engine_found
from blindarena.bootstrap.findings import Finding
from blindarena.bootstrap.folders import models_dir
from blindarena.bootstrap.plan import Plan
from blindarena.bootstrap.provider_doors import host_of, title_of
from blindarena.bootstrap.reaching import opens, reached, unset_key
from blindarena.engines.models import resolve_model
from blindarena.errors import BlindArenaError
from blindarena.settings import Deployment, Oidc, Settings, load_settings
from blindarena.storage.database import Database


async def examine(config: Path, *, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """Look at everything that a start needs; a broken configuration ends the look."""
    try:
        settings = load_settings(config, environ=environ)
        plan = plan_of(settings)
    except BlindArenaError as error:
        return [Finding("configuration", False, str(error), "correct the file and run this again")]
    findings = [
        Finding(
            "configuration", True, f"{len(plan.arenas)} arenas, {len(plan.deployments)} deployments"
        ),
        _port(settings),
        await _database(settings),
    ]
    if not plan.arenas:
        findings.append(
            Finding("arenas", False, "none in arenas/", "`blindarena arena new NAME` writes one")
        )
    entered = await entered_keys(settings)
    for name, deployment in settings.deployments.items():
        findings.append(await _deployment(name, deployment, environ, entered))
    if settings.login.oidc is not None:
        needed = [arena.slug for arena in settings.arenas if arena.require_login]
        findings.append(_login(settings.login.oidc, environ, needed))
    findings += _contestants(plan, {f.what.partition(" ")[2] for f in findings if not f.ok})
    findings += await texts(plan, environ=environ)
    return findings


def _port(settings: Settings) -> Finding:
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return Finding(
                f"port {port}",
                False,
                f"{host}: {error.strerror}",
                "change [server] port, or --port",
            )
    return Finding(f"port {port}", True, f"free at {host}")


async def _database(settings: Settings) -> Finding:
    url = settings.server.database
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        path = settings.root / url.removeprefix("sqlite:///")
        if not path.exists():
            ok = os.access(path.parent, os.W_OK)
            return Finding(
                "database",
                ok,
                f"{path} will be made" if ok else f"{path.parent} can't be written to",
            )
        url = f"sqlite:///{path}"
    try:
        database = await Database.open(url)
    except BlindArenaError as error:
        return Finding("database", False, str(error), "check [server] database")
    try:
        version = await database.schema_version()
        await database.check()
    except BlindArenaError as error:
        return Finding("database", False, str(error), "check [server] database")
    finally:
        await database.close()
    return Finding("database", True, f"{database.kind}, schema {version or 'not made yet'}")


async def entered_keys(settings: Settings) -> frozenset[str]:
    """Return the names of the keys in the database; none where it cannot be asked."""
    keys = [d.key for d in settings.deployments.values() if d.key is not None and d.key.vault]
    if not keys:
        return frozenset()
    url = settings.server.database
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        url = f"sqlite:///{settings.root / url.removeprefix('sqlite:///')}"
    try:
        database = await Database.open(url, create=False)
        try:
            return frozenset(await database.secrets.all())
        finally:
            await database.close()
    except BlindArenaError:
        return frozenset()


def _login(oidc: Oidc, environ: Mapping[str, str], needed: list[str]) -> Finding:
    what = "login by OpenID Connect"
    if importlib.util.find_spec("joserfc") is None:
        return Finding(what, False, "joserfc is missing", "pip install 'blindarena[oidc]'")
    variable = oidc.client_secret.env if oidc.client_secret else None
    if variable is not None and not environ.get(variable):
        return Finding(what, False, f"{variable} is not set", f"export {variable}=...")
    if needed:
        return Finding(what, True, f"{oidc.issuer}; required in {', '.join(needed)}")
    return Finding(what, True, oidc.issuer)


async def _deployment(
    name: str, deployment: Deployment, environ: Mapping[str, str], entered: frozenset[str]
) -> Finding:
    what = f"deployment {name}"
    if deployment.replay is not None:
        return Finding(what, True, f"replays {deployment.replay}")
    if deployment.engine is not None:
        return _engine(what, deployment, environ)
    return await _provider(what, deployment, environ, entered)


def _engine(what: str, deployment: Deployment, environ: Mapping[str, str]) -> Finding:
    if deployment.engine != "llamacpp":
        return engine_found(what, deployment)
    if importlib.util.find_spec("xllamacpp") is None:
        return Finding(what, False, "llama.cpp is not installed", "pip install 'blindarena[local]'")
    try:
        path = resolve_model(deployment.model, models_dir=models_dir(environ))
    except BlindArenaError as error:
        return Finding(what, False, str(error), 'change "model"')
    if path is None:
        cure = f"blindarena models pull {deployment.model}"
        return Finding(what, False, f"{deployment.model} is not pulled yet", cure)
    return Finding(what, True, str(path))


async def _provider(
    what: str, deployment: Deployment, environ: Mapping[str, str], entered: frozenset[str]
) -> Finding:
    try:
        host = host_of(what.partition(" ")[2], deployment)
    except BlindArenaError as error:
        return Finding(what, False, str(error), 'change "provider"')
    row = host.row
    variable = deployment.key.env if deployment.key else (row.key_env if row else None)
    if missing := unset_key(what, variable, environ):
        return missing
    vault = deployment.key.vault if deployment.key else None
    if vault is not None and vault not in entered:
        cure = "enter it on the owner's page, section Keys"
        return Finding(what, False, f"the key {vault} is not entered yet", cure)
    if (unreadable := opens(what, deployment, host)) is not None:
        return unreadable
    url = host.base_url
    if url is None:
        return Finding(what, True, f"{title_of(deployment, host)}: it knows its own address")
    cure = "start it, or correct base_url; a proxy or firewall may be in the way"
    return await reached(what, url, unsent="no request", cure=cure)


def _contestants(plan: Plan, broken: set[str]) -> list[Finding]:
    findings: list[Finding] = []
    for arena_plan in plan.arenas:
        able = [
            c
            for c in arena_plan.contestants
            if c.enabled and any(name not in broken for name in c.deployments)
        ]
        ok = len(able) >= 2
        findings.append(
            Finding(
                f"arena {arena_plan.arena.slug}",
                ok,
                f"{len(able)} of {len(arena_plan.contestants)} contestants can answer",
                "" if ok else "a battle needs two: mend a deployment above, or enable a contestant",
            )
        )
    return findings
