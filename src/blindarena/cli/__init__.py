"""The command line: thin; parse, call one use-case, present."""

import sys
from typing import Annotated

import typer

from blindarena import __version__
from blindarena.cli import (
    agreement,
    arena,
    db,
    gate,
    gateway,
    importing,
    judge,
    judge_show,
    keys,
    models,
    privacy,
    questions,
    rank,
    report,
    serve,
    serving,
    setup,
)
from blindarena.errors import BlindArenaError, InputError

app = typer.Typer(
    name="blindarena",
    help="Your own Chatbot Arena: choose a model on your own tasks, blind.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve.demo)
app.command()(serve.up)
app.command()(gateway.gateway)
app.command()(serving.serve)
app.command()(setup.init)
app.command()(setup.doctor)
app.command()(rank.rank)
app.command("import")(importing.import_)
app.command()(report.report)
app.command()(agreement.agreement)
app.command()(gate.gate)
app.add_typer(arena.app, name="arena")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(db.app, name="db")
app.add_typer(privacy.app, name="privacy")
judge_show.register(judge.app)
app.add_typer(judge.app, name="judge")
app.add_typer(questions.app, name="questions")


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Your own Chatbot Arena: choose a model on your own tasks, blind."""
    if version:
        typer.echo(f"BlindArena {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; bad input is one clear line and exit code 2."""
    try:
        app()
    except InputError as error:
        _fail(str(error), 2)
    except BlindArenaError as error:
        _fail(str(error), 1)


def _fail(message: str, code: int) -> None:
    print(f"blindarena: {message}", file=sys.stderr)  # noqa: T201
    raise SystemExit(code)
