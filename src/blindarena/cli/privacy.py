"""`blindarena privacy`: export, erase, sweep, and the record of processing."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from blindarena.cli.db import ConfigOption, JsonOption, UrlOption, configured_url
from blindarena.errors import ConfigError

app = typer.Typer(help="Export and delete what is stored about voters.", no_args_is_help=True)

VoterArgument = Annotated[
    str, typer.Argument(help="The pseudonym, or its first 8 digits or more.", show_default=False)
]
ArenaOption = Annotated[str | None, typer.Option("--arena", help="Only this arena.")]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write there, not to the terminal.")
]


@app.command()
def export(
    voter: VoterArgument,
    arena: ArenaOption = None,
    out: OutOption = None,
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
) -> None:
    """Write all that is stored about a voter as JSON.

    Example: blindarena privacy export 3f9c01ab --arena support --out voter.json
    """
    from blindarena.bootstrap.privacy import open_privacy

    out = out and out.absolute()

    async def run() -> str:
        async with open_privacy(configured_url(config, database)) as (privacy, _):
            rater = await privacy.raters.find(voter) if arena is None else None
            if rater is not None:
                export = await privacy.raters.export(rater)
            else:
                found, pseudonym = await privacy.find(voter, slug=arena)
                export = await privacy.export(found, pseudonym)
            return json.dumps(export, indent=2, ensure_ascii=False)

    _write(asyncio.run(run()), out)


@app.command()
def erase(
    voter: VoterArgument,
    arena: ArenaOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a voter's texts and comments, and the link between votes and browser.

    The votes stay, without anything that leads to a person. It cannot be undone.

    Example: blindarena privacy erase 3f9c01ab --arena support
    """
    from blindarena.bootstrap.privacy import open_privacy

    async def run() -> None:
        async with open_privacy(configured_url(config, database)) as (privacy, _):
            rater = await privacy.raters.find(voter) if arena is None else None
            if rater is not None:
                if not yes:
                    typer.confirm(f"Erase {rater} for ever?", abort=True, err=True)
                rows = await privacy.erase_rater(rater, who="Command line")
                told = {"arena": None, "battles": 0, "votes": rows}
                said = f"judged pairs: cut {rows} votes loose from their rater"
                typer.echo(json.dumps(told) if as_json else said)
                return
            found, pseudonym = await privacy.find(voter, slug=arena)
            if not yes:
                typer.confirm(f"Erase {pseudonym} of {found.slug} for ever?", abort=True, err=True)
            done = await privacy.erase(found, pseudonym, who="Command line")
            if as_json:
                facts = {"arena": found.slug, "battles": done.battles, "votes": done.votes}
                typer.echo(json.dumps(facts))
            else:
                typer.echo(f"{found.slug}: erased the texts of {done}")

    asyncio.run(run())


@app.command()
def sweep(
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete now what is older than each arena's retention; a running server does so hourly.

    Example: blindarena privacy sweep
    """
    from blindarena.bootstrap.privacy import open_privacy

    async def run() -> None:
        async with open_privacy(configured_url(config, database)) as (privacy, _):
            done = await privacy.sweep(force=True)
        if as_json:
            counts = {
                slug: {"battles": one.battles, "votes": one.votes} for slug, one in done.items()
            }
            typer.echo(json.dumps(counts))
        elif not done:
            typer.echo("nothing is too old")
        for slug, one in () if as_json else done.items():
            typer.echo(f"{slug}: deleted the texts of {one}")

    asyncio.run(run())


@app.command()
def record(
    arena: ArenaOption = None,
    out: OutOption = None,
    output: Annotated[
        Literal["md", "json"], typer.Option("--format", help="A page, or JSON.")
    ] = "md",
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Write the record of processing, for the data-protection officer.

    Example: blindarena privacy record --out record.md
    """
    from blindarena.arena.record import as_json as to_json
    from blindarena.arena.record import as_markdown
    from blindarena.bootstrap.privacy import processing_of

    out = out and out.absolute()
    found = asyncio.run(processing_of(configured_url(config, database), slug=arena))
    at = datetime.now(UTC)
    if as_json or output == "json":
        _write(json.dumps(to_json(found, at=at), indent=2, ensure_ascii=False), out)
    else:
        _write(as_markdown(found, at=at).rstrip(), out)


def _write(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written ({error.strerror})") from error
    typer.echo(f"wrote {out}", err=True)
