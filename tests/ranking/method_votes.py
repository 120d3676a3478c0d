"""The 600 simulated votes of tests/data/method_votes.json, made by make_method_golden.py."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from blindarena.ranking.arrays import FloatArray, IntArray
from blindarena.ranking.vote_arrays import VoteArrays

NAMES = ("tokens", "headers", "lists", "bold")


@dataclass(frozen=True, eq=False)
class MethodVotes:
    votes: VoteArrays
    category: IntArray
    style_a: FloatArray
    style_b: FloatArray
    golden: dict[str, Any]


def read_method_votes(root: Path) -> MethodVotes:
    golden = json.loads((root / "tests/data/method_votes.json").read_text(encoding="utf-8"))
    a, b, outcome, category, *style = np.array(golden["votes"]).T
    return MethodVotes(
        votes=VoteArrays(5, a, b, outcome),
        category=category,
        style_a=np.stack(style[:4], axis=1).astype(float),
        style_b=np.stack(style[4:], axis=1).astype(float),
        golden=golden,
    )
