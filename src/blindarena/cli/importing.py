"""`blindarena import`: prompts from a file into an arena, and answers to them."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from blindarena.errors import ConfigError

if TYPE_CHECKING:
    from blindarena.bootstrap import App
    from blindarena.bootstrap.importing import ImportOptions
    from blindarena.cli.import_report import Report
    from blindarena.domain.arenas import Arena


def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV, TSV, JSON, JSONL or text; the page on import has examples.")
    ],
    arena: Annotated[
        str, typer.Option(metavar="SLUG", help="The arena that takes the prompts: its file's name.")
    ],
    pii: Annotated[
        Literal["off", "warn", "redact", "block"] | None,
        typer.Option(help="What to do about personal data [default: the arena's, or warn]."),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OURS=THEIRS", help="A column's name: prompt=Question."),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Take so many prompts, each category its share.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the sample.")] = 0,
    on_bad_rows: Annotated[
        Literal["error", "skip"], typer.Option(help="Stop at a wrong row, or count and skip it.")
    ] = "error",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be taken, and store nothing.")
    ] = False,
    generate: Annotated[
        bool, typer.Option("--generate", help="Ask every contestant for its missing answers.")
    ] = False,
    max_spend: Annotated[
        float | None, typer.Option(min=0, metavar="USD", help="Stop generating at this cost.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="Answers to ask for at the same time.")
    ] = 4,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before spending.")] = False,
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file.")
    ] = Path("blindarena.toml"),
    output: Annotated[
        Literal["table", "json"], typer.Option("--format", help="How to print.")
    ] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Take prompts from a file into an arena, with the answers in it; or generate answers.

    The same file again updates what it brought and never doubles it. Generating goes on where it
    was stopped. A server that is running shows the prompts at its next start.

    Example: blindarena import tickets.csv --arena support --pii redact --dry-run
    """
    from blindarena.bootstrap.importing import ImportOptions
    from blindarena.cli.import_report import Report

    options = ImportOptions(
        pii=pii,
        columns=_columns(mapped or []),
        sample=sample,
        seed=seed,
        skip_bad=on_bad_rows == "skip",
    )
    if max_spend is not None and not generate:
        raise ConfigError("--max-spend only goes with --generate")
    plain = as_json or output == "json"
    spend = _Spend(max_spend, concurrency, asks=not (yes or dry_run))
    if generate and spend.asks and (plain or not sys.stdin.isatty()):
        raise ConfigError("--generate asks before it spends; give --yes where nobody can answer")
    with Report(quiet=plain) as report:
        told = asyncio.run(
            _run(file.resolve(), arena, config, options, report, dry_run, generate, spend)
        )
    if plain:
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    if told.get("made", {}).get("failed"):
        raise typer.Exit(1)


class _Spend:
    """What may be spent, and whether somebody is asked first."""

    def __init__(self, limit: float | None, concurrency: int, *, asks: bool) -> None:
        self.limit, self.concurrency, self.asks = limit, concurrency, asks


async def _run(
    file: Path,
    slug: str,
    config: Path,
    options: "ImportOptions",
    report: "Report",
    dry_run: bool,
    generate: bool,
    spend: _Spend,
) -> dict[str, Any]:
    from dataclasses import asdict

    from blindarena.bootstrap.beside import only, open_beside
    from blindarena.bootstrap.configured import plan_of
    from blindarena.settings import load_settings

    settings = load_settings(config, environ=os.environ)
    os.chdir(settings.root)  # relative database and file names are meant from the file's folder
    plan = only(plan_of(settings), slug)
    starts = generate and not dry_run
    async with open_beside(plan, engines=starts, keep=not dry_run) as (app, arena):
        prepared, preview = await app.importer.preview(arena, file, options, say=report.reading)
        try:
            report.preview(preview)
            told: dict[str, Any] = {"preview": asdict(preview), "import": None}
            if dry_run:
                costs = app.importer.would_cost(plan.arenas[0].contestants, preview)
                report.estimates(costs)
                report.line("nothing was stored (--dry-run)")
                return told | {"estimates": [asdict(cost) for cost in costs]}
            made = await app.importer.stage(arena, prepared, preview)
        finally:
            prepared.close()
        await app.importer.finish(made.id, who="Command line")
        report.line(f"{preview.taken:,} prompts are in the arena {slug}")
        told["import"] = str(made.id)
        if generate:
            arena = await app.pool.by_slug(slug)
            told |= await _generate(app, arena, options, report, spend)
        return told


async def _generate(
    app: "App", arena: "Arena", options: "ImportOptions", report: "Report", spend: _Spend
) -> dict[str, Any]:
    from dataclasses import asdict

    from blindarena.bootstrap.beside import wait_until_loaded

    wanted, costs = await app.importer.missing(arena, pii=options.pii)
    told: dict[str, Any] = {"estimates": [asdict(cost) for cost in costs]}
    report.estimates(costs)
    if not wanted:
        return told
    if spend.asks:
        report.pause()
        typer.confirm("Generate them?", abort=True)
    used = {name for one in wanted for name in one.contestant.deployments}
    await wait_until_loaded(app, sorted(used))
    app.importer.maker.concurrency = spend.concurrency
    making = await app.importer.make(arena, wanted, max_spend=spend.limit, say=report.making)
    report.made(making, spend.limit)
    return told | {
        "made": {
            "made": making.made,
            "failed": making.failed,
            "left": making.left,
            "spent_usd": making.spent_usd,
            "unpriced": making.unpriced,
            "faults": [[who, why, n] for (who, why), n in making.faults.items()],
            "given_up": sorted(making.given_up),
            "capped": making.capped,
        }
    }


def _columns(pairs: list[str]) -> dict[str, str]:
    """Read each OURS=THEIRS."""
    columns = {}
    for pair in pairs:
        ours, mark, theirs = pair.partition("=")
        if not (mark and ours.strip() and theirs.strip()):
            raise ConfigError(f"--map is {pair!r}; write OURS=THEIRS, such as prompt=Question")
        columns[ours.strip()] = theirs.strip()
    return columns
