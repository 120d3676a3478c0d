"""Reads the published judge data (BLINDARENA_PARITY_DATA/judge) into the arrays of `analysis`."""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blindarena.analysis.agreement import Counts, FloatArray
from blindarena.analysis.verdicts import FIRST, SECOND, TIE, Codes, count_verdicts

CODE = {"model_a": FIRST, "model_b": SECOND}
PRD = ("bard", "claude", "gpt35", "gpt4", "vicuna-13b")
OF_SCORE = {"1": FIRST, "2": SECOND, "3": TIE}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    yield from map(json.loads, text.decode("utf-8").splitlines())


@dataclass(frozen=True)
class Votes:
    """Votes with an item each: question, turn and unordered pair, contestants by name."""

    items: list[tuple[Any, ...]]
    rater: NDArray[np.str_]
    item: Codes
    verdict: Codes
    label: NDArray[np.str_]

    def counts(self, *raters: str) -> Counts:
        """Return (items, 3) verdicts of the raters whose names begin so."""
        mine = np.array([name.startswith(raters) for name in self.rater])
        return count_verdicts(self.item[mine], self.verdict[mine], items=len(self.items))

    @property
    def question(self) -> Codes:
        return np.unique([item[0] for item in self.items], return_inverse=True)[1]


def oriented(one: str, two: str, verdict: int) -> tuple[str, str, int]:
    return (one, two, verdict) if one < two else (two, one, SECOND - verdict)


def votes(found: Iterable[tuple[str, tuple[Any, ...], int, str]]) -> Votes:
    raters, items, verdicts, labels = zip(*found, strict=True)
    names = sorted(set(items))
    place = {name: number for number, name in enumerate(names)}
    return Votes(
        names,
        np.array(raters),
        np.array([place[item] for item in items]),
        np.array(verdicts),
        np.array(labels),
    )


def mt_bench(judge: Path) -> Votes:
    """Return human votes and GPT-4 verdicts in one, on the same items."""

    def read() -> Iterator[tuple[str, tuple[Any, ...], int, str]]:
        for name in ("human.jsonl", "gpt4_pair.jsonl"):
            for row in rows(judge / "mtbench_human" / name):
                winner = row["winner"]
                verdict = TIE if winner.startswith("tie") else CODE[winner]
                one, two, verdict = oriented(row["model_a"], row["model_b"], verdict)
                yield row["judge"], (row["question_id"], row["turn"], one, two), verdict, winner

    return votes(read())


@dataclass(frozen=True)
class Shown:
    """Verdicts of PRD as they were shown, FIRST being what stood first."""

    judge: Codes
    question: Codes
    first: Codes
    second: Codes
    verdict: Codes


def prd_judges(judge: Path) -> Shown:
    found = [
        (
            PRD.index(row["judge"]),
            int(row["question_id"]),
            PRD.index(row["model_1"]),
            PRD.index(row["model_2"]),
            OF_SCORE[str(row["score"])],
        )
        for row in rows(judge / "prd_vicuna80" / "llm_judgments.jsonl.gz")
        if "answer-" not in row["file"]
    ]
    return Shown(*np.array(found).T)


def prd_humans(judge: Path) -> Shown:
    """Return the votes on four contestants; those on Claude's rows are not used."""
    known = set(PRD) - {"claude"}
    found = [
        (
            0,
            int(row["question_id"]),
            PRD.index(row["model_1"]),
            PRD.index(row["model_2"]),
            OF_SCORE[str(row["score"])],
        )
        for row in rows(judge / "prd_vicuna80" / "human_votes.jsonl.gz")
        if {row["model_1"], row["model_2"]} <= known
    ]
    return Shown(*np.array(found).T)


@dataclass(frozen=True)
class Bench:
    """Scores of the same 20 contestants with intervals; `draws` of each contestant."""

    score: FloatArray
    lower: FloatArray
    upper: FloatArray
    draws: Sequence[FloatArray]


def arena_hard(judge: Path) -> tuple[Bench, dict[str, Bench]]:
    """Return Arena of 2024-03-29 and the four benchmarks of Arena-Hard's quality table."""
    folder = judge / "arena_hard_quality"

    def names(file: str) -> dict[str, str]:
        return dict(json.loads((folder / file).read_text(encoding="utf-8")))

    hard, mt = names("arena_to_arena_hard.json"), names("arena_to_mt_bench.json")
    alpaca = {arena: name for name, arena in names("alpaca_to_arena.json").items()}
    order = sorted(hard)
    with (folder / "arena_elo_20240329.csv").open(encoding="utf-8", newline="") as lines:
        table = {row["index"]: row for row in csv.DictReader(lines)}
    ends = ("rating", "rating_q025", "rating_q975")
    columns = np.array([[float(table[name][key]) for key in ends] for name in order]).T
    arena = Bench(*columns, draws=())

    def bench(file: str, aliases: dict[str, str]) -> Bench:
        found = {
            row["model"].lower(): row for row in rows(folder / f"bootstrap_stats_{file}.jsonl")
        }
        kept = [found[aliases[name].lower()] for name in order]
        score, lower, upper = (
            np.array([float(row[key]) for row in kept]) for key in ("score", "lower", "upper")
        )
        return Bench(score, lower, upper, [np.array(row["results"]) for row in kept])

    return arena, {
        "arena_hard": bench("arena_hard", hard),
        "mt_bench": bench("mt_bench", mt),
        "alpaca2_lc": bench("alpaca_LC", alpaca),
        "alpaca2": bench("alpaca", alpaca),
    }
