"""`blindarena gate`: may the candidate replace the baseline? For people and for CI."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from blindarena.errors import ConfigError

if TYPE_CHECKING:
    from blindarena.bootstrap.gating import Gate


def gate(
    baseline: Annotated[str, typer.Option(metavar="NAME", help="The contestant in use.")],
    candidate: Annotated[str, typer.Option(metavar="NAME", help="The one that may replace it.")],
    max_loss: Annotated[
        str,
        typer.Option(metavar="LOSS", help="The largest acceptable loss: 20elo, or 3% of votes."),
    ],
    votes: Annotated[
        list[str] | None,
        typer.Option("--votes", metavar="FILE", help="Votes of people: a file, or arena:SLUG."),
    ] = None,
    judge_run: Annotated[
        list[str] | None,
        typer.Option(
            "--judge-run", metavar="DIR", help="Votes of a judge: a run, or a file of judgments."
        ),
    ] = None,
    alpha: Annotated[
        float, typer.Option(min=0.001, max=0.499, help="Chance of passing what is too bad.")
    ] = 0.05,
    power: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="Chance of passing an equal, for --max-loss.")
    ] = 0.8,
    alias: Annotated[
        list[str] | None,
        typer.Option(metavar="THIS=THAT", help="A name in the votes that stands for another."),
    ] = None,
    aliases: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Many of them: a line or a JSON entry each.")
    ] = None,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML there.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Markdown there.")
    ] = None,
    output: Annotated[Literal["table", "json"], typer.Option("--format", help="How to print.")] = (
        "table"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file, for arena:.")
    ] = Path("blindarena.toml"),
) -> None:
    """Test whether a candidate is worse than the baseline by less than a stated loss.

    The exit code is 0: passed, 1: failed, 3: not enough data, and how many votes are missing.
    Votes of people and of a judge are never mixed.

    Example: blindarena gate --baseline small --candidate large --max-loss 20elo --votes votes.csv

    Example: blindarena gate --baseline v1 --candidate v2 --max-loss 3% --judge-run runs/v2
    """
    from blindarena.bootstrap.evaluations.asked import aliases_of, parse
    from blindarena.bootstrap.gating import parse_margin, run_gate
    from blindarena.settings import load_server

    if bool(votes) == bool(judge_run):
        raise ConfigError(
            "give --votes for votes of people or --judge-run for those of a judge, one of the two: "
            "they are never mixed"
        )
    kind: Literal["people", "judge"] = "people" if votes else "judge"
    asked = [parse(text) for text in votes or judge_run or ()]
    settings = None
    if any(one.arena for one in asked):
        settings = load_server(config, environ=os.environ)
    found = run_gate(
        asked,
        baseline=baseline,
        candidate=candidate,
        margin=parse_margin(max_loss),
        kind=kind,
        aliases=aliases_of(alias or (), aliases),
        settings=settings,
        alpha=alpha,
        power=power,
    )
    from blindarena.cli.gate_output import facts_of, junit_of, markdown_of

    for path, make in ((junit, junit_of), (markdown, markdown_of)):
        if path is not None:
            _write(path, make, found)
    if as_json or output == "json":
        typer.echo(json.dumps(facts_of(found), indent=1, ensure_ascii=False))
    else:
        typer.echo(found.sentence)
    raise typer.Exit(found.exit_code)


def _write(path: Path, make: "Callable[[Gate], str]", found: "Gate") -> None:
    try:
        path.write_text(make(found), encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})") from error
