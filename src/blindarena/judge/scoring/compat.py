"""The numbers that FastChat's `show_result.py` prints, by its own rules.

Source: FastChat `fastchat/llm_judge/show_result.py` (Apache-2.0).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blindarena.domain.judging import Judgment
from blindarena.errors import InputError
from blindarena.judge.scoring.games import STRENGTH, games_of, winner_of

Means = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class FastChatSingle:
    """Mean scores by model, highest first; without any in a turn, none."""

    judge: str
    first_turn: Means
    second_turn: Means
    average: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class FastChatPairRow:
    """One model's games; where the two orders differ it is a tie."""

    model: str
    win: int
    loss: int
    tie: int
    win_rate: float
    loss_rate: float
    win_rate_adjusted: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FastChatPairs:
    """All models by adjusted win rate; `baseline` is not among them."""

    judge: str
    baseline: str | None
    rows: tuple[FastChatPairRow, ...]


def fastchat_single(judge: str, judgments: Sequence[Judgment]) -> FastChatSingle:
    """Return what `show_result --mode single` prints.

    Args:
        judge: its name.
        judgments: its own; those without a score are left out.
    """
    scored = [one for one in judgments if one.protocol == "single" and one.score is not None]
    return FastChatSingle(
        judge=judge,
        first_turn=_means([one for one in scored if one.turn == 1]),
        second_turn=_means([one for one in scored if one.turn == 2]),
        average=_means(scored),
    )


def fastchat_pairs(
    judge: str, judgments: Sequence[Judgment], *, baseline: str | None = None
) -> FastChatPairs:
    """Return what `show_result --mode pairwise-all` or `pairwise-baseline` prints.

    Args:
        judge: its name.
        judgments: its own; comparisons without a verdict in one order are left out.
        baseline: only comparisons with this model.

    Raises:
        InputError: no comparison has the baseline.
    """
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for games in games_of(judgments):
        some = next(game for game in games if game is not None)
        verdict = winner_of(games)
        if verdict is None or (baseline is not None and baseline not in some.contestants):
            continue
        strength = STRENGTH[verdict]
        for name, points in zip(some.contestants, (strength, -strength), strict=True):
            found[name][0 if points > 0 else 1 if points < 0 else 2] += 1
    if baseline is not None and baseline not in found:
        raise InputError(f"no comparison of {judge} has the baseline {baseline!r}")
    rows = []
    for name, (win, loss, tie) in found.items():
        total = win + loss + tie
        if name != baseline:
            rows.append(
                FastChatPairRow(
                    model=name,
                    win=win,
                    loss=loss,
                    tie=tie,
                    win_rate=win / total,
                    loss_rate=loss / total,
                    win_rate_adjusted=(win + 0.5 * tie) / total,
                )
            )
    rows.sort(key=lambda row: (-row.win_rate_adjusted, row.model))
    return FastChatPairs(judge=judge, baseline=baseline, rows=tuple(rows))


def _means(scored: Sequence[Judgment]) -> Means:
    groups: dict[str, list[float]] = defaultdict(list)
    for one in scored:
        if one.score is not None:
            groups[one.contestants[0]].append(one.score)
    means = {name: float(np.mean(values)) for name, values in groups.items()}
    return dict(sorted(means.items(), key=lambda each: (-each[1], each[0])))
