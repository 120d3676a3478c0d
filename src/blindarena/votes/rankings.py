"""Rankings of several models as votes on their pairs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from blindarena.ranking.arrays import BoolArray
from blindarena.ranking.vote_arrays import A_WINS, B_WINS, TIE
from blindarena.votes.blocks import Sieve

_SIGN = re.compile(r"\s+([>=])\s+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models of the ranking in one row."""

    row: int
    a: str
    b: str
    outcome: int


def expand(column: Any, sieve: Sieve) -> list[Pair]:
    """Return a vote for each pair of each row, k (k-1) / 2 of a ranking of k models.

    A ranking is `a > b = c > d` with spaces around the signs, or a list, best first, in which a
    list is a tie. A ranking has no sides: `a` is the name that sorts first, so that the side
    says nothing about the outcome.
    """
    rows = [_tiers(cell.as_py() if hasattr(cell, "as_py") else cell) for cell in column]
    _check(rows, sieve)
    return [
        pair for row, tiers in enumerate(rows) if sieve.keep[row] for pair in _pairs(row, tiers)
    ]


def _tiers(ranking: object) -> list[tuple[str, int]]:
    """Return each name with its place; equal places are a tie."""
    if isinstance(ranking, str):
        parts = _SIGN.split(ranking)
        places = np.cumsum([0, *(sign == ">" for sign in parts[1::2])]).tolist()
        return [(name.strip(), place) for name, place in zip(parts[::2], places, strict=True)]
    if not isinstance(ranking, list):
        return []
    return [
        (str(name or "").strip(), place)
        for place, tier in enumerate(ranking)
        for name in (tier if isinstance(tier, list) else [tier])
    ]


def _check(rows: list[list[tuple[str, int]]], sieve: Sieve) -> None:
    names = [[name for name, _ in tiers] for tiers in rows]
    few: BoolArray = np.array([len(row) < 2 for row in names], dtype=np.bool_)
    cure = "fewer than two models; write `a > b = c` with spaces around the signs, or a list"
    sieve.reject(few, "not a ranking", "ranking", cure)
    unnamed = np.array([not all(row) for row in names], dtype=np.bool_)
    sieve.reject(unnamed, "missing model", "ranking", "a model has no name; write one")
    twice = np.array([len(set(row)) < len(row) for row in names], dtype=np.bool_)
    sieve.reject(twice, "self-pair", "ranking", "a model is there twice; name each once")


def _pairs(row: int, tiers: list[tuple[str, int]]) -> Iterator[Pair]:
    for (a, place_a), (b, place_b) in combinations(sorted(tiers), 2):
        outcome = TIE if place_a == place_b else A_WINS if place_a < place_b else B_WINS
        yield Pair(row, a, b, outcome)
