"""Chatbot Arena, 14 August 2024: the real votes as a board that takes no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import TYPE_CHECKING
from uuid import UUID

from blindarena.demo.pairs import ordered_pair_counts
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.boards import PairCount
from blindarena.domain.consent import consent_of
from blindarena.domain.ids import uuid7

if TYPE_CHECKING:  # NumPy and the file are read when the board is asked for, not at import
    from blindarena.votes.counts_csv import IntArray, PairTable

SLUG = "chatbot-arena-2024-08-14"
TITLE = "Chatbot Arena, 14 August 2024"
ANCHOR = ("mixtral-8x7b-instruct-v0.1", 1114.0)
SOURCE = (
    "LMSYS Chatbot Arena, anonymous and de-duplicated votes of 14 August 2024 "
    "(clean_battle_20240814_public.json), as pair counts of the package leaderbot 0.4.3 "
    "(S. Ameli, S. Zhuang, I. Stoica, M. W. Mahoney; BSD-3-Clause)."
)


@dataclass(frozen=True, slots=True)
class PublishedDemo:
    """A published board: contestants, and counts instead of battles."""

    arena: Arena
    contestants: tuple[Contestant, ...]
    table: "PairTable"

    @property
    def counts(self) -> list[PairCount]:
        """The pair counts under the ids of `contestants`."""
        return self.counts_for({c.name: c.id for c in self.contestants})

    @property
    def votes(self) -> int:
        """How many votes the counts hold."""
        return int(sum(column.sum() for column in _columns(self.table)))

    def counts_for(self, ids: Mapping[str, UUID]) -> list[PairCount]:
        """Return the pair counts under other ids, by name: the lasting ones of the store."""
        table = self.table
        by_index = [ids[name] for name in table.models]
        ends = zip(table.first.tolist(), table.second.tolist(), strict=True)
        numbers = zip(*(column.tolist() for column in _columns(table)), strict=True)
        return ordered_pair_counts(
            PairCount(by_index[i], by_index[j], *row)
            for (i, j), row in zip(ends, numbers, strict=True)
        )


def load_chatbot_arena_2024_08_14() -> PublishedDemo:
    """Read the shipped pair counts; ids are new at each call.

    Raises:
        VoteFileError: the shipped file is damaged.
    """
    from blindarena.votes.counts_csv import read_pair_counts

    shipped = files("blindarena.demo") / "data" / "chatbot_arena_20240814_counts.csv"
    with as_file(shipped) as path:
        table = read_pair_counts(path)
    arena = Arena(
        id=uuid7(),
        slug=SLUG,
        title=TITLE,
        kind="published",
        consent=consent_of(
            SLUG,
            text="A published board to look at: nothing is asked of you, and no vote is kept.",
            recipients=(),
        ),
        question="How far can a million votes be thinned before the ranks dissolve?",
        description="129 models and 1,670,250 real votes. Thin them to 100 and watch the ranks.",
        notice="Published votes, read-only.",
        read_only=True,
        follow_ups=False,
        anchor=ANCHOR,
        source=SOURCE,
    )
    contestants = tuple(
        Contestant(id=uuid7(), arena_id=arena.id, name=name, aliases=(name,))
        for name in table.models
    )
    return PublishedDemo(arena=arena, contestants=contestants, table=table)


def _columns(table: "PairTable") -> "tuple[IntArray, ...]":
    return table.wins_first, table.wins_second, table.ties, table.both_bad
