"""`blindarena arena`: the file of an arena, and the versions it has had."""

import asyncio
import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from blindarena.errors import ArenaFileError, ConfigError, FileProblem

if TYPE_CHECKING:
    from blindarena.bootstrap.arena_report import ArenaReport
    from blindarena.settings import Settings

app = typer.Typer(help="Write, check and look at the files of arenas.", no_args_is_help=True)

ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", help="The server's configuration file.")
]
SlugArgument = Annotated[str, typer.Argument(help="The arena's name in addresses.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
_WEEKS = 4


@app.command()
def new(
    slug: SlugArgument,
    template: Annotated[
        Literal["customer-service", "open-questions"],
        typer.Option("--from", help="What to begin with."),
    ] = "customer-service",
    config: ConfigOption = Path("blindarena.toml"),
) -> None:
    """Write arenas/SLUG.toml with comments, beside blindarena.toml; nothing is overwritten.

    Example: blindarena arena new parcel-support
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", slug):
        raise ConfigError(
            f'"{slug}" is no name of an arena: small letters, digits and hyphens, such as "support"'
        )
    target = config.parent / "arenas" / f"{slug}.toml"
    if target.exists():
        raise ConfigError(
            f"{target} exists already; edit it, give another name, or remove it first"
        )
    deployments = list(_settings(config).deployments)
    if not deployments:
        raise ConfigError(f"{config} defines no [deployments.NAME]; an arena needs at least one")
    source = resources.files("blindarena.cli") / "templates" / f"{template}.toml"
    text = source.read_text(encoding="utf-8")
    given = {
        "SLUG": slug,
        "TITLE": slug.replace("-", " ").capitalize(),
        "DEADLINE": f"{datetime.now(UTC).date() + timedelta(weeks=_WEEKS)}",
        "ONE": deployments[0],
        "TWO": deployments[1 if len(deployments) > 1 else 0],
    }
    text = re.sub(rf"\b({'|'.join(given)})\b", lambda found: given[found[1]], text)
    target.parent.mkdir(exist_ok=True)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{target} can't be written: {error.strerror or error}") from error
    typer.echo(f"wrote {target}")
    typer.echo("Next: edit it, then")
    typer.echo("  blindarena arena check")
    typer.echo("  blindarena up")


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Arena files; without any, all of arenas/.")
    ] = None,
    config: ConfigOption = Path("blindarena.toml"),
) -> None:
    """Say every problem of arena files, each with its line; the database is not asked.

    Exit code 0 when all is well, 2 when there is a problem.

    Example: blindarena arena check
    """
    settings = _settings(config)
    paths = files or sorted((config.parent / "arenas").glob("*.toml"))
    if not paths:
        folder = config.parent / "arenas"
        raise ConfigError(f"there is no arena in {folder}; `blindarena arena new NAME` writes one")
    wrong = False
    slugs: dict[str, Path] = {}
    for path in paths:
        problems = _problems(path, settings, slugs)
        wrong = wrong or bool(problems)
        for problem in problems:
            typer.echo(str(replace(problem, file=str(path))))
        if not problems:
            typer.echo(f"{path}: ok")
    if wrong:
        raise typer.Exit(2)


@app.command()
def show(
    slug: SlugArgument, config: ConfigOption = Path("blindarena.toml"), as_json: JsonOption = False
) -> None:
    """Print what an arena's file says and which versions it has had; nothing is changed.

    Example: blindarena arena show parcel-support
    """
    report = _report(slug, config)
    if as_json:
        typer.echo(json.dumps(report.as_dict(), indent=2))
    else:
        typer.echo("\n".join(report.lines()))


@app.command()
def versions(
    slug: SlugArgument, config: ConfigOption = Path("blindarena.toml"), as_json: JsonOption = False
) -> None:
    """Print the versions of what an arena compares, with their votes; nothing is changed.

    Example: blindarena arena versions parcel-support
    """
    report = _report(slug, config)
    if as_json:
        typer.echo(json.dumps(report.as_dict()["versions"], indent=2))
    else:
        typer.echo("\n".join(report.history()))


@app.command()
def invite(
    slug: SlugArgument,
    group: Annotated[
        str | None, typer.Option("--group", help="One of the arena's voter groups.")
    ] = None,
    expires: Annotated[
        int | None, typer.Option("--expires", min=1, max=3650, help="Days until the link closes.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The server's address as people reach it.")
    ] = None,
    config: ConfigOption = Path("blindarena.toml"),
    as_json: JsonOption = False,
) -> None:
    """Make an invite link to an arena's review queue and print it, this once.

    Whoever opens it takes part, without an account. Without --url the link begins with the
    configuration's public_url, or with the address that the server listens on.

    Example: blindarena arena invite parcel-support --group "night shift" --expires 14
    """
    from blindarena.bootstrap.arena_report import find_arena
    from blindarena.bootstrap.inviting import make_invite

    settings = _settings(config)
    file = find_arena(slug, settings)
    os.chdir(settings.root)  # a relative file name is meant from the configuration's folder
    server = settings.server
    base = url or server.public_url or f"http://{server.host}:{server.port}"
    made = asyncio.run(make_invite(file, settings, group=group, expires_days=expires, base=base))
    until = made.card.invite.expires_at
    if as_json:
        said = {"link": made.link, "group": group, "expires_at": until and until.isoformat()}
        typer.echo(json.dumps(said, indent=2))
        return
    typer.echo(made.link)
    who = f'the group "{group}"' if group else "people of no group"
    typer.echo(f"for {who}, {f'until {until:%Y-%m-%d}' if until else 'without an end'}", err=True)


@app.command()
def answers(
    slug: SlugArgument,
    contestant: Annotated[str, typer.Option("--contestant", help="Whose answers.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write; it must not exist.")],
    config: ConfigOption = Path("blindarena.toml"),
) -> None:
    """Write a contestant's imported or generated answers as a file for `replay`.

    A deployment with `replay = "FILE"` then gives these answers in battles, with no model running.
    Prompts and answers are as the arena stores them, placeholders included.

    Example: blindarena arena answers support --contestant strict --out strict.json
    """
    from blindarena.bootstrap.arena_report import find_arena
    from blindarena.bootstrap.replays import answers_of

    settings = _settings(config)
    file, target = find_arena(slug, settings), out.absolute()
    if target.exists():
        raise ConfigError(f"{out} exists already; give another name, or remove it first")
    os.chdir(settings.root)  # a relative file name is meant from the configuration's folder
    found = asyncio.run(answers_of(file, settings, contestant))
    try:
        text = json.dumps(found, indent=1, ensure_ascii=False)
        target.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{out} can't be written: {error.strerror or error}") from error
    typer.echo(f"wrote {out}: {len(found)} answers of {contestant}")


def _settings(config: Path) -> "Settings":
    from blindarena.settings import load_server

    return load_server(config, environ=os.environ)


def _problems(path: Path, settings: "Settings", slugs: dict[str, Path]) -> tuple[FileProblem, ...]:
    """Return what is wrong with one file; `slugs` are those of the files before it."""
    from blindarena.bootstrap.arena_files import take
    from blindarena.settings import read_text

    try:
        parsed, _ = take(read_text(path), path, settings)
    except ArenaFileError as error:
        return error.problems
    if parsed.slug in slugs:
        said = f'slug "{parsed.slug}" is also that of {slugs[parsed.slug]}'
        return (FileProblem(path.name, None, "slug", repr(parsed.slug), said),)
    slugs[parsed.slug] = path
    return ()


def _report(slug: str, config: Path) -> "ArenaReport":
    from blindarena.bootstrap.arena_report import find_arena, report_of

    settings = _settings(config)
    file = find_arena(slug, settings)
    os.chdir(settings.root)  # a relative file name is meant from the configuration's folder
    return asyncio.run(report_of(file, settings))
