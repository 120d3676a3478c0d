"""`blindarena init` and `blindarena doctor`."""

import asyncio
import json
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

import typer

from blindarena.errors import ConfigError


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where to write; made where it is missing.")
    ] = Path(),
    bare: Annotated[
        bool, typer.Option("--bare", help="Write blindarena.toml only, without the example arena.")
    ] = False,
) -> None:
    """Write a commented blindarena.toml and an arena as an example; nothing is overwritten.

    Your own arena comes from `blindarena arena new NAME`.

    Example: blindarena init my-arena
    """
    starter = resources.files("blindarena.cli") / "starter"
    files = dict(_files(starter, Path()))
    if bare:
        files = {name: file for name, file in files.items() if name.parent == Path()}
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise ConfigError(f"{folder / taken[0]} exists already; give another folder, or remove it")
    for name, file in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        typer.echo(f"wrote {target}")
    inside = "" if folder == Path() else f"cd {folder} && "
    typer.echo("Next:")
    typer.echo(f"  {inside}blindarena models pull smollm2-135m")
    if bare:
        typer.echo(f"  {inside}blindarena arena new NAME")
    typer.echo(f"  {inside}blindarena doctor")
    typer.echo(f"  {inside}blindarena up")


def doctor(
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file.")
    ] = Path("blindarena.toml"),
    output: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to print.")
    ] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Check port, database, keys and contestants, and say what to fix.

    Exit code 0 when everything is well, 1 when something is to be fixed.

    Example: blindarena doctor --config blindarena.toml
    """
    from blindarena.bootstrap.doctor import examine

    findings = asyncio.run(examine(config))
    if as_json or output == "json":
        typer.echo(json.dumps([finding.as_dict() for finding in findings], indent=2))
    else:
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'FIX'} {finding.what:<34} {finding.detail}")
            if finding.cure:
                typer.echo(f"    {finding.cure}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _files(folder: Traversable, path: Path) -> list[tuple[Path, Traversable]]:
    found: list[tuple[Path, Traversable]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = path / entry.name
        found += _files(entry, name) if entry.is_dir() else [(name, entry)]
    return found
