"""`blindarena judge show|report|import|export`: what runs say, and files of other tools."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from blindarena.errors import ConfigError, InputError

if TYPE_CHECKING:
    from blindarena.domain.judging import Protocol
    from blindarena.judge.judged_run import JudgedRun
    from blindarena.judge.scoring.summary import RunScores

Mode = Literal["single", "pairwise-all", "pairwise-baseline"]
RunArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the run.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
ModeOption = Annotated[
    Mode | None,
    typer.Option(help="Only grades; only pairs; only comparisons with --baseline [default: all]."),
]
BaselineOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Compare with this contestant.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to `blindarena judge`."""
    app.command()(show)
    app.command()(report)
    app.command("import")(import_)
    app.command()(export)


def show(
    run: Annotated[
        Path, typer.Argument(metavar="DIR", help="A run, or with --compat a result folder.")
    ],
    mode: ModeOption = None,
    baseline: BaselineOption = None,
    compat: Annotated[
        Literal["fastchat"] | None,
        typer.Option(help="Read FastChat's files and give the numbers of its show_result."),
    ] = None,
    output: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to print.")
    ] = "table",
    as_json: JsonOption = False,
) -> None:
    """Show what the judges of a run say, and what speaks against them.

    Example: blindarena judge show runs/support

    Example: blindarena judge show data/mt_bench --compat fastchat --mode pairwise-all --json
    """
    plain = as_json or output == "json"
    if compat is not None:
        _show_fastchat(run, mode, baseline, plain=plain)
        return
    scores = _scores(run, mode, baseline)
    from blindarena.judge.reporting.texts import json_of, print_report

    if plain:
        typer.echo(json_of(scores), nl=False)
    else:
        print_report(scores)


def report(
    run: RunArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it.")],
    output: Annotated[
        Literal["html", "json", "md"] | None,
        typer.Option("--format", help="How to write it [default: by the ending of --out]."),
    ] = None,
    mode: ModeOption = None,
    baseline: BaselineOption = None,
) -> None:
    """Write a report on a run: what is wrong with the judge first, then the tables.

    The page needs no network and no script.

    Example: blindarena judge report runs/support --out report.html
    """
    kind = output or out.suffix.lower().lstrip(".")
    if kind not in ("html", "json", "md"):
        raise ConfigError(f"--out {out}: end it in .html, .json or .md, or give --format")
    scores = _scores(run, mode, baseline)
    from blindarena.judge.reporting.page import html_of
    from blindarena.judge.reporting.texts import json_of, markdown_of

    text = {"html": html_of, "json": json_of, "md": markdown_of}[kind](scores)
    try:
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written ({error.strerror})") from error
    typer.echo(f"wrote {out}", err=True)


def import_(
    source: Annotated[
        Path, typer.Argument(metavar="DIR|FILE", help="Of FastChat, Arena-Hard or AlpacaEval.")
    ],
    run: Annotated[
        Path, typer.Option("--run", metavar="DIR", help="The run to write, or to add to.")
    ],
    baseline: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of Arena-Hard, where its files do not name it."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Turn questions, answers and judgments of other tools into a run.

    What a file is, is told by its rows, not by its name. Importing again adds what is new.

    Example: blindarena judge import data/mt_bench --run runs/mt-bench
    """
    from dataclasses import asdict

    from blindarena import __version__
    from blindarena.judge.formats.gathering import gather
    from blindarena.judge.formats.importing import write_run

    if not source.exists():
        raise InputError(f"{source}: there is no such file or folder")
    done = write_run(gather(source, baseline=baseline), run, version=__version__)
    if as_json:
        typer.echo(json.dumps(asdict(done), indent=1, ensure_ascii=False))
        return
    typer.echo(
        f"{done.questions:,} questions, {done.added_answers:,} of {done.answers:,} answers and "
        f"{done.added_judgments:,} of {done.judgments:,} judgments were new; judged by "
        f"{', '.join(done.judges) or 'nobody'}"
    )
    for path in done.skipped:
        typer.echo(f"skipped {path}: not a file of questions, answers or judgments", err=True)


def export(
    run: RunArgument,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR|FILE", help="A new folder, or the file of the votes."),
    ],
    output: Annotated[
        Literal["fastchat", "votes"],
        typer.Option("--format", help="FastChat's files; or judged pairs as votes, one each."),
    ] = "fastchat",
    prompts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="FastChat's judge_prompts.jsonl, to write what judges were asked."
        ),
    ] = None,
) -> None:
    """Write a run as FastChat's files, or its judged pairs as votes for `blindarena rank`.

    Votes are marked: the voter is judge:NAME. The ending says how: .parquet, .csv or .jsonl.

    Example: blindarena judge export runs/support --format votes --out judged.parquet
    """
    from blindarena.judge.judged_run import read_judged_run

    found = read_judged_run(run)
    if output == "votes":
        from blindarena.judge.formats.votes import vote_table, write_votes

        table = vote_table(found)
        write_votes(table, out)
        typer.echo(f"{len(table):,} votes of judges written to {out}")
        return
    _export_fastchat(found, out, prompts)


def _export_fastchat(run: "JudgedRun", out: Path, prompts: Path | None) -> None:
    from blindarena.judge.formats.exporting import write_fastchat
    from blindarena.judge.prompting import read_fastchat_prompts

    known = read_fastchat_prompts(prompts) if prompts is not None else None
    done = write_fastchat(run, out, prompts=known)
    typer.echo(
        f"{done.questions:,} questions, {done.answers:,} answers, {done.single:,} single and "
        f"{done.pairs:,} pair judgments written to {out}"
    )
    losses = (
        (done.strong, "strong verdicts became plain ones: FastChat has no others"),
        (done.rubric, "judgments of checklists are left out: FastChat has none"),
        (done.without_prompt, "judgments are without what was asked: the prompt is not known"),
    )
    for number, what in losses:
        if number:
            typer.echo(f"{number:,} {what}", err=True)


def _scores(root: Path, mode: Mode | None, baseline: str | None) -> "RunScores":
    from blindarena.judge.judged_run import read_judged_run
    from blindarena.judge.scoring.summary import score_run

    protocols: dict[Mode | None, tuple[Protocol, ...]] = {
        None: ("baseline", "pair", "single", "rubric"),
        "single": ("single",),
        "pairwise-all": ("pair",),
        "pairwise-baseline": ("baseline", "pair") if baseline is not None else ("baseline",),
    }
    run = read_judged_run(root)
    if baseline is not None and baseline not in run.spec.contestants:
        known = ", ".join(run.spec.contestants)
        raise ConfigError(f"--baseline {baseline!r} is not in this run; there are: {known}")
    scores = score_run(run, protocols=protocols[mode], baseline=baseline)
    if not scores.protocols:
        what = "judgments" if mode is None else f"judgments for --mode {mode}"
        raise ConfigError(f"{root}: no {what} yet; make some with `blindarena judge run`")
    return scores


def _show_fastchat(source: Path, mode: Mode | None, baseline: str | None, *, plain: bool) -> None:
    from dataclasses import asdict

    from blindarena.judge.formats.gathering import gather
    from blindarena.judge.scoring.compat import fastchat_pairs, fastchat_single

    if not source.exists():
        raise InputError(f"{source}: there is no such file or folder")
    if mode == "pairwise-baseline" and baseline is None:
        baseline = "gpt-3.5-turbo"  # FastChat's own default
    gathered = gather(source)
    told: dict[str, list[dict[str, Any]]] = {"single": [], "pairwise": []}
    for judge in gathered.judges:
        mine = [one for one in gathered.judgments if one.judge == judge]
        if mode in (None, "single") and any(one.protocol == "single" for one in mine):
            told["single"].append(asdict(fastchat_single(judge, mine)))
        if mode != "single" and any(one.protocol == "pair" for one in mine):
            pairs = fastchat_pairs(judge, mine, baseline=baseline)
            told["pairwise"].append(asdict(pairs))
    told = {name: found for name, found in told.items() if found}
    if not told:
        raise InputError(f"{source}: no judgments for --mode {mode or 'single or pairwise-all'}")
    if plain:
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
        return
    from blindarena.cli.judge_compat import print_fastchat

    print_fastchat(told)
