"""Who wins how often, by FastChat's rule and against a baseline by Arena-Hard's."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from blindarena.analysis.agreement import FloatArray
from blindarena.analysis.clusters import Share, share_of, sum_by
from blindarena.analysis.verdicts import FIRST, MISSING, SECOND, TIE, Codes
from blindarena.judge.scoring.pairs import PairTable

STRONG: Final = 3.0
"""Games that a strong verdict counts for in Arena-Hard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRow:
    """One contestant's comparisons; a win needs both orders, else it is a tie.

    Attributes:
        win_rate: wins of all.
        adjusted: wins and half the ties of all; as all shares, clustered by question.
    """

    contestant: str
    wins: int
    losses: int
    ties: int
    win_rate: Share
    adjusted: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRow:
    """One contestant's score against the baseline; both intervals are clustered by question.

    Attributes:
        weighted: a strong verdict counts as STRONG games, as in Arena-Hard.
        plain: a strong verdict counts as one game.
        strong_wins, wins, ties, losses, strong_losses: games, in either order.
        unparsed: comparisons that are left out, as one order has no verdict.
    """

    contestant: str
    weighted: Share
    plain: Share
    strong_wins: int
    wins: int
    ties: int
    losses: int
    strong_losses: int
    unparsed: int


def win_rows(table: PairTable, *, among: Codes | None = None) -> tuple[WinRow, ...]:
    """Return all contestants by adjusted win rate, highest first.

    Args:
        table: comparisons of one judge, or of a panel.
        among: (n,) whether each comparison counts; None is all.

    Source: FastChat `show_result.py`, `display_result_pairwise`.
    """
    given = table.verdict != MISSING
    if among is not None:
        given &= among.astype(np.bool_)
    rows = []
    for number, name in enumerate(table.contestants):
        win = given & _says(table, number, FIRST)
        loss = given & _says(table, number, SECOND)
        tie = given & ((table.first == number) | (table.second == number)) & (table.verdict == TIE)
        mine = win | loss | tie
        if not mine.any():
            continue
        rows.append(
            WinRow(
                contestant=name,
                wins=int(win.sum()),
                losses=int(loss.sum()),
                ties=int(tie.sum()),
                win_rate=_share(win[mine].astype(float), table.question[mine]),
                adjusted=_share((win + 0.5 * tie)[mine], table.question[mine]),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.adjusted.value or 0.0, reverse=True))


def baseline_rows(table: PairTable, baseline: str) -> tuple[BaselineRow, ...]:
    """Return the scores against a baseline, highest first.

    Against one opponent the mean of the games is the win rate that Bradley-Terry gives, so it is
    not fitted. The sums of a question are drawn, or left out, as one, so however often a verdict
    counts, its question is one question.

    Args:
        table: comparisons of one judge.
        baseline: of which one side is.

    Source: arena-hard-auto `show_result.py` v0.1 and v2.0; that a comparison without a verdict in
        one order is left out is v2.0's.
    """
    rows = []
    against = table.contestants.index(baseline) if baseline in table.contestants else -1
    for number, name in enumerate(table.contestants):
        turned = (table.second == number) & (table.first == against)
        mine = turned | ((table.first == number) & (table.second == against))
        if not mine.any() or number == against:
            continue
        strength = np.where(turned[:, np.newaxis], -table.strength, table.strength)[mine]
        soft = np.where(turned, 1 - table.preferred, table.preferred)[mine]
        whole = ~np.isnan(strength).any(axis=1)
        strength, soft, question = strength[whole], soft[whole], table.question[mine][whole]
        points = (np.sign(strength) + 1) / 2
        points = np.where(np.isnan(soft)[:, np.newaxis], points, soft[:, np.newaxis])
        weight = np.where(np.abs(strength) > 1, STRONG, 1.0)
        # A judgment whose order is unknown stands in both columns, and is one game.
        games = np.column_stack([np.ones(len(strength)), table.ordered[mine][whole]]) > 0
        counts = [int((strength[games] == step).sum()) for step in (2, 1, 0, -1, -2)]
        rows.append(
            BaselineRow(
                contestant=name,
                weighted=_ratio(points * weight * games, weight * games, question),
                plain=_ratio(points * games, games.astype(float), question),
                strong_wins=counts[0],
                wins=counts[1],
                ties=counts[2],
                losses=counts[3],
                strong_losses=counts[4],
                unparsed=int((~whole).sum()),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.weighted.value or 0.0, reverse=True))


def _says(
    table: PairTable, number: int, verdict: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return where the verdict, turned to see the contestant first, is this one."""
    as_first = (table.first == number) & (table.verdict == verdict)
    return np.asarray(as_first | ((table.second == number) & (table.verdict == SECOND - verdict)))


def _share(values: FloatArray, question: Codes) -> Share:
    return _ratio(values[:, np.newaxis], np.ones((len(values), 1)), question)


def _ratio(count: FloatArray, total: FloatArray, question: Codes) -> Share:
    sums = sum_by(np.column_stack([count.sum(axis=1), total.sum(axis=1)]), question)
    return share_of(sums[:, 0], sums[:, 1])
