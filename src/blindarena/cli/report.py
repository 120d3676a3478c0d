"""`blindarena report`: the decision report of an arena."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from blindarena.errors import ConfigError


def report(
    slug: Annotated[str, typer.Argument(help="The arena's name in addresses.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there instead.")
    ] = None,
    output: Annotated[
        Literal["html", "json"] | None,
        typer.Option("--format", help="How to write it [default: by the name of --out, or html]."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    version: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Of what is compared [default: the current one]."),
    ] = None,
    with_comments: Annotated[
        bool,
        typer.Option("--with-comments", help="Tell what voters wrote, word for word."),
    ] = False,
    config: Annotated[
        Path, typer.Option("--config", "-c", help="The server's configuration file.")
    ] = Path("blindarena.toml"),
) -> None:
    """Write what the votes of an arena decide, how surely, and how that was found.

    One HTML file that needs no network and no script, for the screen and for A4, or JSON of the
    same facts. A server may be running. The board behind it is kept, so that it can be verified.

    Example: blindarena report support --out report.html
    """
    from blindarena.bootstrap.reports import report_beside
    from blindarena.settings import load_server

    settings = load_server(config, environ=os.environ)
    target = None if out is None else out.resolve()
    os.chdir(settings.root)  # a relative database is meant from the configuration's folder
    made = asyncio.run(report_beside(slug, settings, version=version, with_comments=with_comments))
    chosen = "json" if as_json else output
    if chosen is None:
        chosen = "json" if target is not None and target.suffix.lower() == ".json" else "html"
    if chosen == "json":
        from blindarena.leaderboard.reporting.making import json_of

        text = json_of(made)
    else:
        from blindarena.leaderboard.reporting.page import html_of

        text = html_of(made)
    if target is None:
        typer.echo(text, nl=False)
        return
    try:
        target.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written ({error.strerror})") from error
    typer.echo(f"wrote {out}", err=True)
    typer.echo(made.recommendation.sentence, err=True)
