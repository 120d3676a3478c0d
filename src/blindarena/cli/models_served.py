"""Show what is served, and how it answers: tables for people, JSON for programs."""

import dataclasses
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import typer

from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.models_ask import ask_configured, ask_gateway
from blindarena.bootstrap.models_list import ListedDeployment, listed
from blindarena.errors import ConfigError
from blindarena.gateway.probe import Probed
from blindarena.settings import load_server, load_settings


async def rows_of(config: Path) -> list[dict[str, Any]]:
    """Return the deployments of a configuration, for JSON."""
    settings = load_server(config, environ=os.environ)
    return [dataclasses.asdict(row) for row in await listed(settings)]


def show_deployments(rows: Sequence[dict[str, Any]]) -> None:
    """Write a table of deployments."""
    from rich.console import Console
    from rich.table import Table

    heads = ("deployment", "served as", "provider", "model", "price", "key")
    table = Table(*heads, box=None, pad_edge=False)
    for facts in rows:
        row = ListedDeployment(**facts)
        cells = (row.name, ", ".join(row.models), row.provider, row.model)
        table.add_row(*cells, row.price or "unknown", row.key)
    Console().print(table)


async def ask(
    names: Sequence[str], *, config: Path, url: str | None, key_env: str, as_json: bool
) -> list[Probed]:
    """Ask for real, and tell each result as soon as it is there.

    Raises:
        ConfigError, ProviderError: nothing could be asked.
    """
    asked: AsyncIterator[Probed]
    if url is None:
        settings = load_settings(config, environ=os.environ)
        os.chdir(settings.root)  # relative database and file names are meant from there
        asked = ask_configured(plan_of(settings), names)
    else:
        asked = ask_gateway(url, names, key=os.environ.get(key_env) or None)
    results = []
    async for result in asked:
        results.append(result)
        if not as_json:
            typer.echo(_line(result))
    if not results:
        raise ConfigError("there is nothing to ask: no deployment but prepared answers")
    return results


def _line(result: Probed) -> str:
    kind = "stream" if result.stream else "reply"
    if result.error is not None:
        return f"failed  {result.name}  {kind}  {result.error}"
    parts = [f"{result.seconds:.2f} s"]
    if result.first_s is not None:
        parts.append(f"first token {result.first_s:.2f} s")
    if result.prompt_tokens is not None:
        parts.append(f"{result.prompt_tokens} + {result.completion_tokens} tokens")
    if result.cost_usd is not None:
        parts.append(f"{result.cost_usd:.6f} USD")
    return f"ok      {result.name}  {kind}  {', '.join(parts)}"
