"""What a board tells beside its rows, as titled tables that every format shows alike."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blindarena.leaderboard.robustness import FLIPS

if TYPE_CHECKING:
    from blindarena.leaderboard.result import Leaderboard
    from blindarena.leaderboard.robustness import CrossCheck, Flip
    from blindarena.leaderboard.screening import VoterCheck
    from blindarena.leaderboard.utility import UtilityOrder

SHOWN_SUSPECTS = 20
KINDS = {"random": "random clicks", "never_tie": "never a tie", "reversed": "votes for the loser"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table with a title and what it says in words; text stands in the first `words` columns."""

    title: str
    caption: str
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    words: int = 1


def sections_of(board: "Leaderboard", *, cross_check: bool = True) -> Iterator[Section]:
    """Yield what there is: utility, votes to flip, voters, and mean win rates.

    Args:
        board: what to tell of.
        cross_check: whether mean win rates are among it.
    """
    if board.utility is not None:
        yield _utility(board.utility)
    if board.flips:
        yield _flips(board.flips)
    if board.voters is not None:
        yield from _voters(board.voters)
    if cross_check and board.cross_check:
        yield _cross_check(board.cross_check)


def _utility(order: "UtilityOrder") -> Section:
    digits = _digits([(row.upper - row.lower) / 2 for row in order.rows])
    unknown = f" Cost unknown: {', '.join(order.unknown)}." if order.unknown else ""
    return Section(
        title=f"Worth less cost, 100 Elo being worth {order.value_of_100_elo:g} {order.currency}",
        caption=f"Per answer, in {order.currency}, relative to the mean rating's worth. The order "
        f"follows from the value that was stated; the intervals hold rating and cost.{unknown}",
        head=("Rank", "Model", "Worth less cost", "95 % interval", "Cost"),
        rows=tuple(
            (
                str(row.rank),
                row.contestant,
                f"{row.value:+.{digits}f}",
                f"{row.lower:+.{digits}f} to {row.upper:+.{digits}f}",
                f"{row.cost:.{digits}f}",
            )
            for row in order.rows
        ),
        words=2,
    )


def _flips(flips: "tuple[Flip, ...]") -> Section:
    first = f" The first {FLIPS} pairs." if len(flips) == FLIPS else ""
    return Section(
        title="Votes to flip",
        caption="So few votes, taken away, put the lower of two neighbours ahead: a fit without "
        "them has been made. That no smaller set does is likely, not proved. It is about single "
        f"votes, not about chance.{first}",
        head=("Ahead", "Behind", "Votes", "Of all votes", "Lead without them"),
        rows=tuple(
            (
                flip.ahead,
                flip.behind,
                "none found" if flip.votes is None else f"{flip.votes:,}",
                "-" if flip.share is None else f"{flip.share:.2%}",
                "-" if flip.gap is None else f"{flip.gap:.2g} Elo",
            )
            for flip in flips
        ),
        words=2,
    )


def _voters(check: "VoterCheck") -> Iterator[Section]:
    found = ", ".join(f"{share:.0%} after {n}" for n, share in check.power.items())
    enough = (
        f"from {check.enough} votes on it finds 85 % of random clickers"
        if check.enough is not None
        else "within 100 votes it does not find 85 % of random clickers, so nobody is flagged"
    )
    out = "which are left out" if check.excluded else "which are not left out"
    flagged = f"{check.flagged:,} flagged with {check.flagged_votes:,} votes, {out}"
    caption = (
        f"{check.voters:,} voters tested, {len(check.suspects):,} suspect, "
        f"{flagged if check.flagged else 'nobody flagged'}. Measured on this board: {enough} "
        f"({found}); of honest voters {check.honest:.1%} are suspected within 100 votes. Suspects "
        "who are not flagged are for you to judge."
    )
    yield Section(
        title="Voters",
        caption=caption,
        head=("Voter", "Looks like", "Flagged", "Votes", "Evidence (power of ten)"),
        rows=tuple(
            (
                one.voter,
                KINDS[one.kind],
                "yes" if one.flagged else "no",
                f"{one.votes:,}",
                f"{one.log10_e:.1f}",
            )
            for one in check.suspects[:SHOWN_SUSPECTS]
        ),
        words=3,
    )
    if check.rows:
        yield Section(
            title="With and without flagged voters",
            caption="The board with all votes, and without those of flagged voters.",
            head=("Model", "Rank, all", "Rank, without", "Rating, all", "Rating, without", "Moves"),
            rows=tuple(
                (
                    row.contestant,
                    _whole(row.rank),
                    _whole(row.rank_without),
                    _whole(row.rating),
                    _whole(row.rating_without),
                    "-"
                    if row.rating is None or row.rating_without is None
                    else f"{row.rating_without - row.rating:+.1f}",
                )
                for row in check.rows
            ),
        )


def _cross_check(checks: "tuple[CrossCheck, ...]") -> Section:
    return Section(
        title="Cross-check: mean win rate",
        caption="Share of votes won, averaged over the opponents met, beside what the ratings "
        "expect with these opponents. It needs no model and is no ranking: where the two differ by "
        "more than three standard errors, one line of ratings fits the model badly.",
        head=("Model", "Mean win rate", "Expected", "Place", "Place expected", "Differs"),
        rows=tuple(
            (
                one.contestant,
                f"{one.mean_win_rate:.1%}",
                f"{one.expected:.1%}",
                str(one.place),
                str(one.expected_place),
                "yes" if one.far else "no",
            )
            for one in checks
        ),
    )


def _digits(widths: Sequence[float]) -> int:
    """Return how many decimals show the narrowest interval in two digits."""
    known = [width for width in widths if width > 0]
    return max(2, 1 - math.floor(math.log10(min(known)))) if known else 4


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
