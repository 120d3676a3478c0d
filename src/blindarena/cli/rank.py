"""`blindarena rank`: a leaderboard from files of votes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from blindarena.cli.rank_values import anchor_of, columns_of, worth_of
from blindarena.cli.vote_sources import sources_of
from blindarena.errors import ConfigError, InputError, RankingError

if TYPE_CHECKING:
    from blindarena.leaderboard.result import Leaderboard
    from blindarena.votes.sources import Source

Output = Literal["table", "json", "csv", "html", "md"]


def rank(
    votes: Annotated[
        list[Path],
        typer.Argument(help="Parquet, CSV, JSON or JSONL, a folder of Parquet, or a judged run."),
    ],
    method: Annotated[
        Literal["bt", "elo", "davidson", "rao-kupper", "four-outcome", "contextual"],
        typer.Option(help="How to rate; contextual needs --by."),
    ] = "bt",
    style: Annotated[
        bool, typer.Option("--style", help="Take the style of the answers into account.")
    ] = False,
    by: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="One more board for each of its values.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Votes with the same value hang together: voter."),
    ] = None,
    interval: Annotated[
        Literal["sandwich", "cluster", "bootstrap", "anytime", "posterior"] | None,
        typer.Option(
            help="How to tell uncertainty [default: cluster with --cluster, bootstrap for elo, "
            "posterior for contextual, else sandwich]."
        ),
    ] = None,
    anchor: Annotated[
        str | None,
        typer.Option(metavar="MODEL=RATING", help="Hold a model there [default: mean 1000]."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(metavar="ELO", help="Smallest difference that matters: can we decide yet?"),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OURS=THEIRS", help="A column's name in the files."),
    ] = None,
    on_bad_rows: Annotated[
        Literal["error", "skip"], typer.Option(help="Stop at a wrong row, or count and skip it.")
    ] = "error",
    unconnected: Annotated[
        Literal["error", "skip"],
        typer.Option(help="Stop where a model has no finite rating, or leave it unrated."),
    ] = "error",
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn at random.")] = 0,
    min_votes: Annotated[int, typer.Option(min=0, help="Votes that a model needs for a rank.")] = 0,
    rank_sets: Annotated[
        bool, typer.Option(help="Give the ranks that the votes leave open, all at once.")
    ] = True,
    costs: Annotated[
        bool, typer.Option("--costs", help="Set cost and speed of the answers beside the ratings.")
    ] = False,
    value_of_100_elo: Annotated[
        str | None,
        typer.Option(
            metavar="AMOUNT",
            help="What 100 Elo are worth in an answer, such as 0.01USD: rating and cost in one "
            "order.",
        ),
    ] = None,
    votes_to_flip: Annotated[
        bool,
        typer.Option(
            "--votes-to-flip", help="Say how few votes change the order of two neighbours."
        ),
    ] = False,
    first_position: Annotated[
        bool,
        typer.Option("--first-position", help="Estimate what being side a is worth; take it out."),
    ] = False,
    weights: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="How much each vote counts.")
    ] = None,
    propensity: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Probability of the vote's pair; the vote weighs 1 over it."
        ),
    ] = None,
    voter_test: Annotated[
        bool,
        typer.Option("--voter-test", help="Test voters (column voter) for voting without looking."),
    ] = False,
    exclude_flagged: Annotated[
        bool,
        typer.Option("--exclude-flagged", help="Leave out the votes of those the test flags."),
    ] = False,
    max_votes_per_voter: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Count the first N votes of each voter."),
    ] = None,
    output: Annotated[Output, typer.Option("--format", help="How to write the board.")] = "table",
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write there instead.")
    ] = None,
    compat: Annotated[
        Literal["fastchat"] | None, typer.Option(help="Give the numbers that FastChat gives.")
    ] = None,
    judge_votes: Annotated[
        Literal["include", "exclude", "only"] | None,
        typer.Option(
            help="Votes of language models (voter judge:NAME): with those of people, not at "
            "all, or alone [default: an error where there are both]."
        ),
    ] = None,
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--verify", metavar="SNAPSHOT", help="Compute a board from --format json again."
        ),
    ] = None,
) -> None:
    """Rank models from files of pairwise votes, with intervals.

    With --verify the options are those of the snapshot; the exit code is 1 where it does not
    follow from the votes.

    Example: blindarena rank votes.parquet --cluster voter --format html --out board.html

    Example: blindarena rank votes.parquet --value-of-100-elo 0.01USD --votes-to-flip

    Example: blindarena rank votes.parquet --method contextual --by topic

    Example: blindarena rank votes.parquet --voter-test --exclude-flagged --max-votes-per-voter 200
    """
    paths = sources_of(votes)
    if snapshot is not None:
        _verify(snapshot, paths, as_json=as_json or output == "json")
        return
    from blindarena.leaderboard.public import rank as rank_votes

    with _one_line(), _progress() as say:
        board = rank_votes(
            paths,
            method=method,
            style=style,
            by=by,
            cluster=cluster,
            interval=interval,
            anchor=anchor_of(anchor),
            margin=margin,
            seed=seed,
            min_votes=min_votes,
            rank_sets=rank_sets,
            costs=costs,
            value_of_100_elo=worth_of(value_of_100_elo),
            votes_to_flip=votes_to_flip,
            first_position=first_position,
            weights=weights,
            propensity=propensity,
            voter_test=voter_test,
            exclude_flagged=exclude_flagged,
            max_votes_per_voter=max_votes_per_voter,
            unconnected=unconnected,
            on_bad_rows=on_bad_rows,
            columns=columns_of(mapped or []),
            compat=compat,
            judge_votes=judge_votes,
            say=say,
        )
    _write(board, "json" if as_json else output, out)


def _verify(snapshot: Path, votes: "list[Source]", *, as_json: bool) -> None:
    """Compare a snapshot with the votes; exit with 1 where they differ."""
    import json
    from dataclasses import asdict

    from blindarena.leaderboard.public import verify_snapshot

    with _one_line(), _progress() as say:
        found = verify_snapshot(snapshot, votes, say=say)
    if as_json:
        facts = {"holds": found.holds, "verdict": found.verdict, **asdict(found)}
        typer.echo(json.dumps(facts, indent=1, ensure_ascii=False))
    else:
        typer.echo(found.verdict)
        for line in found.changed_versions:
            typer.echo(f"  version of {line}")
        for line in found.differences:
            typer.echo(f"  {line}")
    if not found.holds:
        raise typer.Exit(1)


def _write(board: "Leaderboard", output: Output, out: Path | None) -> None:
    """Write the board to a file, or to standard output."""
    if output == "table":
        from blindarena.cli.rank_table import print_board

        if out is None:
            print_board(board)
            return
        with _file_errors(out), out.open("w", encoding="utf-8") as file:
            print_board(board, file=file)
    else:
        makers: dict[str, Callable[[], str]] = {
            "json": board.to_json,
            "csv": board.to_csv,
            "html": board.to_html,
            "md": board.to_markdown,
        }
        text = makers[output]()
        if out is None:
            typer.echo(text, nl=False)
            return
        with _file_errors(out):
            out.write_text(text, encoding="utf-8", newline="")
    typer.echo(f"wrote {out}", err=True)


@contextmanager
def _one_line() -> Iterator[None]:
    """Make votes that cannot be ranked a wrong input: one clear line, exit code 2."""
    try:
        yield
    except RankingError as error:
        raise InputError(str(error)) from error


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn what the file system raises into one clear line."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"--out {path}: cannot be written ({error.strerror})") from error


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show what is being done on a terminal's standard error."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage: None
        return
    with console.status("Reading votes") as status:
        yield lambda stage: status.update(stage)
