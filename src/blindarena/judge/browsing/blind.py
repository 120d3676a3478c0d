"""An item as one person sees it: the sides shuffled, who and what judges say hidden at first."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from blindarena.domain.battles import Outcome
from blindarena.domain.judge_votes import JudgeVote
from blindarena.domain.judging import Judgment
from blindarena.judge.browsing.items import Item, Result

Side = Literal["a", "b"]
SideResult = Literal["a", "b", "tie", "flipped", "unparsed", "failed", "waiting"]
_TURNED: Final[dict[Outcome, Outcome]] = {
    "model_a": "model_b",
    "model_b": "model_a",
    "tie": "tie",
    "both_bad": "both_bad",
}


@dataclass(frozen=True, slots=True)
class View:
    """How one person sees an item.

    Attributes:
        swapped: the item's first contestant is on side b.
        revealed: names and verdicts are shown.
        mine: this person's vote that counts.
        others: how many votes of others have each outcome, about the sides as shown.
    """

    item: Item
    swapped: bool
    revealed: bool
    mine: JudgeVote | None
    others: dict[Outcome, int]

    def turned(self, outcome: Outcome) -> Outcome:
        """Turn an outcome about the contestants as named into one about the sides, or back."""
        return _TURNED[outcome] if self.swapped else outcome

    def result(self, result: Result) -> SideResult:
        """Return what a judge says about the sides as shown."""
        if result == "first":
            return "b" if self.swapped else "a"
        if result == "second":
            return "a" if self.swapped else "b"
        return result

    def shown_first(self, judgment: Judgment) -> Side | None:
        """Return the side that the judge saw first; None for a grade."""
        if len(judgment.contestants) < 2:
            return None
        first = judgment.contestants[1 if judgment.order == "ba" else 0]
        named_first = first == self.item.contestants[0]
        return "a" if named_first != self.swapped else "b"


def view_of(item: Item, *, rater: str, votes: list[JudgeVote], open_: bool) -> View:
    """Return how a person sees an item.

    Args:
        item: of a run.
        rater: the person's pseudonym, from which the sides are shuffled.
        votes: on the run that count.
        open_: show names and verdicts before the vote too.
    """
    swapped = is_swapped(item.key, rater) and len(item.contestants) > 1
    here = [vote for vote in votes if vote.item == item.key]
    mine = next((vote for vote in here if vote.rater == rater), None)
    view = View(item, swapped, open_ or mine is not None or len(item.contestants) < 2, mine, {})
    for vote in here:
        if vote.rater != rater:
            outcome = view.turned(vote.outcome)
            view.others[outcome] = view.others.get(outcome, 0) + 1
    return view


def is_swapped(item: str, rater: str) -> bool:
    """Draw the sides: the same for one person and item, whenever it is looked at."""
    return bool(hashlib.sha256(f"{rater} {item}".encode()).digest()[0] & 1)
