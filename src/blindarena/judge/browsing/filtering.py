"""Which items are asked for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from blindarena.judge.browsing.items import Flag, Item, Says, flags_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an item must be; what is left empty is not asked about.

    Attributes:
        category: of the question.
        contestants: that must be among the item's.
        judge: who must have said something; flags are then about this judge's words, but for
            "split", which takes more than one.
        flags: any of them will do.
        words: that stand in a question, an answer or a judge's text, whatever their case.
        voted: whether this person voted on it.
    """

    category: str = ""
    contestants: tuple[str, ...] = ()
    judge: str = ""
    flags: tuple[Flag, ...] = ()
    words: str = ""
    voted: bool | None = None


def chosen(items: Iterable[Item], wanted: Wanted, *, voted: Collection[str] = ()) -> list[Item]:
    """Return the items that are asked for, in their order.

    Args:
        items: of a run.
        wanted: what they must be.
        voted: keys of the items on which this person voted.
    """
    words = wanted.words.strip().casefold()
    return [
        item
        for item in items
        if (not wanted.category or item.category == wanted.category)
        and set(wanted.contestants) <= set(item.contestants)
        and (wanted.voted is None or wanted.voted == (item.key in voted))
        and (not wanted.judge or any(one.judge == wanted.judge for one in item.said))
        and (not wanted.flags or bool(_flags(item, wanted.judge) & set(wanted.flags)))
        and (not words or _holds(item, words))
    ]


def _flags(item: Item, judge: str) -> set[Flag]:
    if not judge:
        return set(item.flags)
    mine: list[Says] = [one for one in item.said if one.judge == judge]
    found = set(flags_of(mine))
    if "split" in item.flags:
        found.add("split")
    return found


def _holds(item: Item, words: str) -> bool:
    texts = [item.question.id, *item.question.turns, item.question.system or ""]
    texts += [turn.text for one in item.answers if one is not None for turn in one.turns]
    texts += [one.text for says in item.said for one in says.judgments]
    return any(words in text.casefold() for text in texts)
