"""What a report is made from, gathered beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from blindarena.domain.arenas import Arena, Prompt
from blindarena.leaderboard.board import Row
from blindarena.leaderboard.kpis import KpiValues
from blindarena.leaderboard.reporting.ballots import Ballot
from blindarena.leaderboard.views import View


@dataclass(frozen=True, slots=True)
class Computed:
    """A board computed from vote rows.

    Attributes:
        content: its document, read; None where there is none.
        failed: why there is none; "" where there is.
    """

    content: Mapping[str, Any] | None
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything of one arena's version that a report tells about.

    Attributes:
        arena: as of the version that is reported.
        view: Bradley-Terry on all votes that count.
        rows: of its board, with rank sets.
        kpis: of its board.
        rows_with: of the board that counts the excluded votes too.
        ballots: the votes that count.
        board: with categories, where votes have any.
        clustered: the same board, votes of one voter hanging together.
        snapshot: under which `board` is kept; None where it is not.
        prompts: the prepared ones.
        with_comments: tell what voters wrote.
    """

    arena: Arena
    view: View
    rows: tuple[Row, ...]
    kpis: KpiValues
    rows_with: tuple[Row, ...]
    ballots: Sequence[Ballot]
    board: Computed
    clustered: Computed
    snapshot: UUID | None
    prompts: Sequence[Prompt]
    with_comments: bool
    now: datetime
