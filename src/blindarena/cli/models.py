"""`blindarena models`: pull model files, say what is there and served, and ask it for real."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Pull, list and test models.", no_args_is_help=True)

DirOption = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        envvar="BLINDARENA_MODELS_DIR",
        help="Models directory [default: blindarena/models in the user's data directory].",
    ),
]
_CONFIG = "blindarena.toml"
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]


@app.command()
def pull(
    model: Annotated[
        str,
        typer.Argument(help="A name of `models list`, or ORG/REPO[:FILE.gguf] of the hub."),
    ],
    models_dir: DirOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a model file, checked; one that is there already is not fetched again.

    Example: blindarena models pull smollm2-135m
    """
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from blindarena.engines.models import parse_model
    from blindarena.engines.pull import pull_model

    parse_model(model)  # a name that means nothing is told before a progress bar is drawn
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    # On standard error, so that standard output is the file's path and nothing else.
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(model, total=None, start=True)
        path = asyncio.run(
            pull_model(
                model,
                models_dir=_folder(models_dir),
                env=os.environ,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
        )
        size = path.stat().st_size
        bar.update(task, completed=size, total=size)
    if as_json:
        typer.echo(json.dumps({"model": model, "path": str(path), "size": size}))
    else:
        typer.echo(str(path))


@app.command("list")
def list_models(
    models_dir: DirOption = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The server's file [default: blindarena.toml]."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the local models, and the configured deployments with price, provider and key.

    A key is shown as set or missing, never itself. Nobody is asked.

    Example: blindarena models list --config blindarena.toml --json
    """
    from blindarena.engines.models import installed_models, known_models, resolve_model

    folder = _folder(models_dir)
    rows: list[dict[str, str | int | None]] = []
    for known in known_models().values():
        path = resolve_model(known.name, models_dir=folder)
        rows.append(
            {
                "model": known.name,
                "title": known.title,
                "organization": known.organization,
                "license": known.license,
                "size": known.size,
                "path": str(path) if path else None,
            }
        )
    for found in installed_models(folder):
        if found.name not in known_models():
            unknown = {"title": None, "organization": None, "license": None}
            rows.append(
                {"model": found.name, **unknown, "size": found.size, "path": str(found.path)}
            )
    deployments = None
    if config is not None or Path(_CONFIG).exists():
        from blindarena.cli.models_served import rows_of, show_deployments

        deployments = asyncio.run(rows_of(config or Path(_CONFIG)))
    if as_json:
        facts: dict[str, object] = {"models_dir": str(folder), "models": rows}
        if deployments is not None:
            facts["deployments"] = deployments
        typer.echo(json.dumps(facts, indent=2))
        return
    _show(rows, folder)
    if deployments:
        typer.echo("")
        show_deployments(deployments)


@app.command("test")
def ask_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Models or deployments; without any, all.", show_default=False),
    ] = None,
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file.")
    ] = Path(_CONFIG),
    url: Annotated[
        str | None,
        typer.Option("--url", help="Ask through a running gateway at this address."),
    ] = None,
    key_env: Annotated[
        str, typer.Option("--key-env", help="The variable with the gateway's key, for --url.")
    ] = "BLINDARENA_API_KEY",
    as_json: JsonOption = False,
) -> None:
    """Ask each deployment one tiny question for real, as one reply and as a stream.

    It costs a few tokens each. Local engines are started for it. The exit code is 1 if one fails.

    Example: blindarena models test small --url http://127.0.0.1:8000 --key-env GATEWAY_KEY
    """
    from blindarena.cli.models_served import ask

    results = asyncio.run(
        ask(names or [], config=config, url=url, key_env=key_env, as_json=as_json)
    )
    if as_json:
        import msgspec

        typer.echo(json.dumps({"tests": msgspec.to_builtins(results)}, indent=2))
    if any(result.error is not None for result in results):
        raise typer.Exit(1)


def _show(rows: list[dict[str, str | int | None]], folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "licence", "size", "file", box=None, pad_edge=False)
    for row in rows:
        size = f"{int(row['size'] or 0) / 1e6:,.0f} MB"
        file = str(row["path"] or "not pulled yet")
        short = file.removeprefix(f"{folder}{os.sep}")
        table.add_row(str(row["model"]), str(row["license"] or "see its page"), size, short)
    console = Console()
    console.print(table)
    console.print(f"Models directory: {folder}", highlight=False, markup=False, soft_wrap=True)


def _folder(models_dir: Path | None) -> Path:
    from blindarena.engines.models import default_models_dir

    return (models_dir or default_models_dir(os.environ)).expanduser()
