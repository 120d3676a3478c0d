"""Judged pairs as votes that `blindarena rank` reads, marked as a judge's."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from blindarena.domain.judging import FiveWay
from blindarena.domain.style import Style, style_of
from blindarena.errors import ConfigError
from blindarena.judge.judged_run import JudgedRun
from blindarena.judge.scoring.games import Games, games_of, winner_of
from blindarena.votes.judges import JUDGE_MARK

if TYPE_CHECKING:
    import pyarrow as pa

_WINNER: Final[dict[FiveWay, str]] = {
    "A>>B": "model_a",
    "A>B": "model_a",
    "A=B": "tie",
    "B>A": "model_b",
    "B>>A": "model_b",
}
_STYLE: Final = ("words", "headers", "lists", "bold")


def vote_table(run: JudgedRun) -> "pa.Table":
    """Return one vote per judged pair: what both orders say, a tie where they differ.

    A strong verdict is one vote. A pair without a verdict in one of its orders is no vote.
    Repeats and turns are votes of their own on the same `question_id`.

    Raises:
        ConfigError: the run has no judged pair.
    """
    import pyarrow as pa

    styles: dict[tuple[str, str, int], Style] = {}
    for name, given in run.answers.items():
        for number, answer in given.items():
            for turn, said in enumerate(answer.turns, 1):
                styles[name, number, turn] = style_of(said.text)
    rows = [
        row
        for judge in run.spec.judges
        for games in games_of([one for one in run.judgments if one.judge == judge])
        if (row := _vote(games, styles)) is not None
    ]
    if not rows:
        raise ConfigError(
            f"{run.name}: no judged pair with a verdict in both orders; judge with --protocol pair "
            "or baseline"
        )
    columns = dict.fromkeys(key for row in rows for key in row)
    return pa.table({key: [row.get(key) for row in rows] for key in columns})


def write_votes(table: "pa.Table", out: Path) -> None:
    """Write votes as the file's ending says: .parquet, .csv or .jsonl.

    Raises:
        ConfigError: another ending, or the file cannot be written.
    """
    kind = out.suffix.lower()
    if kind not in (".parquet", ".csv", ".jsonl"):
        raise ConfigError(f"--out {out}: end it in .parquet, .csv or .jsonl")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if kind == ".parquet":
            from pyarrow import parquet

            parquet.write_table(table, out)
        elif kind == ".csv":
            from pyarrow import csv

            csv.write_csv(table, out)
        else:
            import msgspec

            out.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in table.to_pylist()))
    except OSError as error:
        raise ConfigError(f"--out {out}: cannot be written ({error.strerror})") from error


def _vote(games: Games, styles: dict[tuple[str, str, int], Style]) -> dict[str, Any] | None:
    verdict = winner_of(games)
    some = next(game for game in games if game is not None)
    if verdict is None:
        return None
    row: dict[str, Any] = {
        "model_a": some.contestants[0],
        "model_b": some.contestants[1],
        "winner": _WINNER[verdict],
        "voter": f"{JUDGE_MARK}{some.judge}",
        "question_id": some.question_id,
        "category": some.category,
        "turn": some.turn,
        "tstamp": max(game.tstamp for game in games if game is not None),
    }
    found = [styles.get((name, some.question_id, max(some.turn, 1))) for name in some.contestants]
    for side, style in zip("ab", found, strict=True):
        for name in _STYLE:
            row[f"style_{name}_{side}"] = None if style is None else getattr(style, name)
    return row
