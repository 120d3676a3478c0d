"""Boards that need every single vote, computed from the rows that the owner can export."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from blindarena.domain.arenas import Arena
from blindarena.domain.exclusions import NEVER_COUNTED
from blindarena.errors import InputError
from blindarena.leaderboard.background import in_thread
from blindarena.leaderboard.options import Interval, Method, Options
from blindarena.leaderboard.ports import VoteRows

if TYPE_CHECKING:
    import pyarrow as pa

Cluster = Literal["none", "voter", "prompt"]
MOST_ROWS = 1_000_000
"""So many votes are ranked in the server; more are for `blindarena rank` and their export."""
MOST_ELO_ROWS = 200_000
"""Elo goes over each vote 200 times, without Numba in plain Python: 9 s that pages feel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Which board of an arena, computed from its vote rows.

    Attributes:
        categories: one more board for each category; a contextual one always has them.
        weighted: a vote weighs one over the probability with which its pair was drawn.
        with_excluded: count the votes too that are excluded; such a board is not kept.
    """

    method: Method = "bt"
    style: bool = False
    cluster: Cluster = "none"
    interval: Interval | None = None
    categories: bool = False
    weighted: bool = False
    with_excluded: bool = False

    def options(self, arena: Arena) -> Options:
        """Return how `rank` computes it, the anchor without regard to whether it has votes.

        Raises:
            InputError: what is asked for does not go together; says the cure.
        """
        by = "category" if self.categories or self.method == "contextual" else None
        return Options(
            method=self.method,
            style=self.style,
            by=by,
            cluster=None if self.cluster == "none" else self.cluster,
            interval=self.interval,
            anchor=arena.anchor,
            margin=None if self.method == "elo" else arena.margin,
            min_votes=arena.min_votes,
            propensity="probability" if self.weighted else None,
            unconnected="skip",
        )


async def document_of(rows: VoteRows, arena: Arena, ask: Ask, *, now: datetime) -> str:
    """Return a board as the JSON that `blindarena rank --verify` reads.

    Raises:
        InputError: there are no votes, too many, or too few for what is asked.
        RankingError: the method has no finite result on these votes.
    """
    options = ask.options(arena)
    data = await rows.votes_parquet(arena.id, version=arena.version)

    def work() -> str:
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq  # takes long to import, and most boards need no rows

        from blindarena.leaderboard.public import rank_with

        table = pq.read_table(BytesIO(data))
        if ask.with_excluded:
            never = pc.is_in(table["excluded"].cast(pa.string()), pa.array(NEVER_COUNTED))
            table = table.filter(pc.invert(never)).drop_columns(["excluded"])
        board = rank_with(table, _checked(table, options), now=now)
        return replace(board, files=(f"{arena.slug}-votes.parquet",)).to_json()

    return await in_thread(work)


def same_options(kept: Mapping[str, Any], asked: Options) -> bool:
    """Say whether a kept board was computed as is asked; its anchor may have had no votes."""
    wanted = dict(msgspec.to_builtins(asdict(asked)))
    return {**kept, "anchor": None} == {**wanted, "anchor": None} and (
        kept.get("anchor") in (None, list(asked.anchor or ()))
    )


def _checked(table: "pa.Table", options: Options) -> Options:
    """Return the options that these votes allow.

    Raises:
        InputError: there are no votes that count, or too many.
    """
    most = MOST_ELO_ROWS if options.method == "elo" else MOST_ROWS
    if table.num_rows > most:
        raise InputError(
            f"{table.num_rows:,} votes are more than the {most:,} that the server ranks one by "
            "one; export them and use `blindarena rank`"
        )
    if "excluded" in table.column_names:
        table = table.filter(table["excluded"].is_null())
    if not table.num_rows:
        raise InputError("there are no votes yet")
    if options.by is not None and not any(table["category"].unique().to_pylist()):
        raise InputError("no vote has a category")
    models = {name for side in "ab" for name in table[f"model_{side}"].unique().to_pylist()}
    if options.anchor is not None and options.anchor[0] not in models:
        return replace(options, anchor=None)
    return options
