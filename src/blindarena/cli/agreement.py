"""`blindarena agreement`: how far two or more evaluations of the same models agree."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from blindarena.errors import AnalysisError, ConfigError, InputError

if TYPE_CHECKING:
    from blindarena.analysis.comparison.comparing import Comparison

Output = Literal["table", "json", "html", "md"]


def agreement(
    evaluations: Annotated[
        list[str],
        typer.Argument(
            metavar="[NAME=][people:|judge:|benchmark:]PATH[#PART] | arena:SLUG",
            help="Two or more: files of votes, judge runs, judgments, tables of scores, arenas.",
        ),
    ],
    alias: Annotated[
        list[str] | None,
        typer.Option(
            metavar="THIS=THAT",
            help="A contestant's name that stands for another; NAME:THIS is one in that evaluation "
            "only.",
        ),
    ] = None,
    aliases: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Many of them: a line or a JSON entry each.")
    ] = None,
    score: Annotated[
        Literal["rating", "win-rate"],
        typer.Option(help="What votes score contestants by."),
    ] = "rating",
    epsilon: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="By how much people may be better and a judge still replace them: 0.2 for "
            "experts, 0.15 for skilled people, 0.1 for a crowd.",
        ),
    ] = 0.15,
    precision: Annotated[
        list[float] | None,
        typer.Option(min=0.1, metavar="ELO", help="State the human labels needed for it."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn at random.")] = 0,
    output: Annotated[
        Output | None,
        typer.Option("--format", help="How to write it [default: by --out's name, or table]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there instead.")
    ] = None,
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file, for arena:.")
    ] = Path("blindarena.toml"),
) -> None:
    """Say how far evaluations of the same models agree, and whether a judge may replace people.

    PART is a pattern of raters' names for votes, or the column of scores for a table. The first
    evaluation of people, or else the first one, is the reference of the others.

    Example: blindarena agreement votes.parquet judge:gpt4.jsonl --out report.html

    Example: blindarena agreement people:arena.csv bench.csv 'w=wild.json#WB Elo' --aliases a.json

    Example: blindarena agreement arena:support runs/judge --json
    """
    from blindarena.analysis.comparison.combining import HALF_WIDTHS
    from blindarena.analysis.comparison.comparing import compare
    from blindarena.bootstrap.evaluations.asked import aliases_of, parse
    from blindarena.bootstrap.evaluations.opening import open_evaluations
    from blindarena.settings import load_server

    asked = [parse(text) for text in evaluations]
    settings = None
    if any(one.arena for one in asked):
        settings = load_server(config, environ=os.environ)
    found = open_evaluations(asked, settings=settings, score=score, seed=seed)
    try:
        result = compare(
            found,
            aliases=aliases_of(alias or (), aliases),
            epsilon=epsilon,
            half_widths=tuple(precision) if precision else HALF_WIDTHS,
            seed=seed,
        )
    except AnalysisError as error:
        raise InputError(str(error)) from error
    _write(result, _format(output, out, as_json=as_json), out)


def _format(output: Output | None, out: Path | None, *, as_json: bool) -> Output:
    if as_json:
        return "json"
    if output is not None:
        return output
    suffix = "" if out is None else out.suffix.lower()
    known: dict[str, Output] = {".html": "html", ".json": "json", ".md": "md"}
    return known.get(suffix, "table")


def _write(result: "Comparison", output: Output, out: Path | None) -> None:
    from blindarena.leaderboard.comparing.texts import json_of, markdown_of, print_comparison

    if output == "table" and out is None:
        print_comparison(result)
        return
    try:
        if output == "table" and out is not None:
            with out.open("w", encoding="utf-8") as file:
                print_comparison(result, file=file)
        else:
            from blindarena.leaderboard.comparing.page import html_of

            text = {"json": json_of, "md": markdown_of, "html": html_of}[output](result)
            if out is None:
                typer.echo(text, nl=False)
                return
            out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written ({error.strerror})") from error
    typer.echo(f"wrote {out}", err=True)
