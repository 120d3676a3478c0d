"""`blindarena db`: the schema of the database."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from blindarena.storage import Database

app = typer.Typer(help="Look at and upgrade the database's schema.", no_args_is_help=True)

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="The server's configuration file.")
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--database", help="sqlite:///PATH or postgresql://...; without it, as configured."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


@app.command()
def upgrade(
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the schema to the version that this program knows; data stay.

    The server does so itself when it starts.

    Example: blindarena db upgrade --database sqlite:///blindarena.db
    """

    async def run(opened: "Database") -> None:
        before = await opened.schema_version()
        after = await opened.migrate()
        if as_json:
            typer.echo(json.dumps({"database": opened.kind, "before": before, "schema": after}))
        elif before == after:
            typer.echo(f"{opened.kind}: schema {after} already")
        else:
            typer.echo(f"{opened.kind}: schema {before or 'empty'} -> {after}")

    asyncio.run(_with(configured_url(config, database), run, create=True))


@app.command()
def password(
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
) -> None:
    """Make a new owner's password and print it once; the old one is void at once.

    Example: blindarena db password --database sqlite:///blindarena.db
    """
    from blindarena.arena.sessions import new_password

    async def run(opened: "Database") -> None:
        await opened.migrate()
        typer.echo(await new_password(opened.vault))

    asyncio.run(_with(configured_url(config, database), run, create=False))


@app.command()
def rotate_secret(config: ConfigOption = Path("blindarena.toml")) -> None:
    """Encrypt the keys of providers with a new master key, all or none.

    The file secret.key is made new. With BLINDARENA_SECRET_KEY, set the new one there and the old
    one as BLINDARENA_OLD_SECRET_KEY.

    Example: blindarena db rotate-secret
    """
    from blindarena.bootstrap.keys import rotate
    from blindarena.settings import load_settings

    settings = load_settings(config, environ=os.environ)
    folder = settings.server.data_dir or settings.root

    async def run(opened: "Database") -> None:
        await opened.migrate()
        number = await rotate(opened, folder, os.environ)
        typer.echo(f"{number} keys are encrypted with the new master key")

    asyncio.run(_with(configured_url(config, None), run, create=False))


@app.command()
def current(
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the schema version of the database and the newest one; nothing is changed.

    Example: blindarena db current --json
    """

    async def run(opened: "Database") -> None:
        here, newest = await opened.schema_version(), opened.newest_schema()
        if as_json:
            typer.echo(json.dumps({"database": opened.kind, "schema": here, "newest": newest}))
        else:
            cure = "" if here == newest else "; `blindarena db upgrade` brings it there"
            typer.echo(f"{opened.kind}: schema {here or 'empty'}, newest {newest}{cure}")

    asyncio.run(_with(configured_url(config, database), run, create=False))


def configured_url(config: Path, database: str | None) -> str:
    """Return the address given, or the configured one as the server would read it."""
    if database is not None:
        return database
    from blindarena.settings import load_settings

    settings = load_settings(config, environ=os.environ)
    os.chdir(settings.root)  # a relative file name is meant from the configuration's folder
    return settings.server.database


async def _with(url: str, run: Callable[["Database"], Awaitable[None]], *, create: bool) -> None:
    from blindarena.storage import Database

    database = await Database.open(url, create=create)
    try:
        await run(database)
    finally:
        await database.close()
