"""Whether the categories of an arena need boards of their own, read from a dated board."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from blindarena.leaderboard.dated import Found
from blindarena.leaderboard.result import HeldOut
from blindarena.leaderboard.row_boards import Ask
from blindarena.leaderboard.text_tables import verdict_of_loss

CATEGORIES = Ask(categories=True)
"""The dated board that has it: Bradley-Terry, and one for each category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFit:
    """How a category's own board predicts votes that it has not seen, in nats per vote.

    Attributes:
        n: votes of the category.
        enough: there are two ranked contestants in it.
        log_loss_category, log_loss_global: mean over held-out votes that both boards can predict;
            None where there are none.
        gain, gain_lower, gain_upper: by how much the category's own is better, with 95 % bounds.
    """

    category: str
    n: int
    enough: bool
    log_loss_category: float | None = None
    log_loss_global: float | None = None
    gain: float | None = None
    gain_lower: float | None = None
    gain_upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoriesFit:
    """All categories, and whether one ranking suffices; None where nothing tells."""

    status: Literal["ready", "computing", "none"]
    computed_at: datetime | None = None
    n: int = 0
    categories: tuple[CategoryFit, ...] = ()
    one_ranking_suffices: bool | None = None
    sentence: str


def categories_fit_of(found: Found | None) -> CategoriesFit:
    """Return what the dated board CATEGORIES tells; None is being computed."""
    if found is None:
        return CategoriesFit(status="computing", sentence="It is being computed.")
    if found.content is None:
        return CategoriesFit(status="none", sentence=found.failed or "There are no votes yet.")
    content = found.content
    names = {field.name for field in fields(HeldOut)}
    held_out = [
        HeldOut(**{name: value for name, value in one.items() if name in names})
        for one in content["held_out"]
    ]
    own = {one.category: one for one in held_out[1:] if one.category}
    categories = tuple(
        _fit(board, own.get(board["category"])) for board in content["boards"] if board["category"]
    )
    suffices: bool | None = None
    sentence = "There are not enough votes with a category to compare boards."
    if held_out:
        suffices = not any(one.wins for one in held_out)
        sentence = verdict_of_loss(held_out)
    return CategoriesFit(
        status="ready",
        computed_at=datetime.fromisoformat(content["computed_at"]),
        n=content["n"],
        categories=categories,
        one_ranking_suffices=suffices,
        sentence=sentence,
    )


def _fit(board: Mapping[str, Any], loss: HeldOut | None) -> CategoryFit:
    enough = sum(row["rank"] is not None for row in board["rows"]) > 1
    name, n = board["category"], board["n"]
    if loss is None:
        return CategoryFit(category=name, n=n, enough=enough)
    return CategoryFit(
        category=name,
        n=n,
        enough=enough,
        log_loss_category=loss.category_board,
        log_loss_global=loss.one_board,
        gain=loss.gain,
        gain_lower=loss.lower,
        gain_upper=loss.upper,
    )
