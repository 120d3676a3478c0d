"""A list of words and phrases, found in texts at word borders in one pass."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry of the list at `text[start:end]`."""

    entry: str
    start: int
    end: int


class Phrases:
    """Words and phrases, ignoring case and what stands between the words.

    The cost of a look does not grow with the number of entries.

    Args:
        entries: words or phrases; a `*` at the end stands for any ending of the last word. Entries
            without a letter or digit are left out.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        self._whole: defaultdict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
        self._begun: defaultdict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
        for entry in dict.fromkeys(entry.strip() for entry in entries):
            words = tuple(_folded(word) for word in _WORD.findall(entry))
            if not words:
                continue
            begun = entry.endswith("*")
            first = "" if begun and len(words) == 1 else words[0]
            (self._begun if begun else self._whole)[first].setdefault(words, entry)
        every = [words for kind in (self._whole, self._begun) for t in kind.values() for words in t]
        self._longest = max((len(words) for words in every), default=0)
        self._longest_end = max(
            (len(words[-1]) for table in self._begun.values() for words in table), default=0
        )

    def __len__(self) -> int:
        """Return how many different entries there are."""
        return sum(len(t) for kind in (self._whole, self._begun) for t in kind.values())

    def __bool__(self) -> bool:
        return self._longest > 0

    def hits(self, text: str) -> Iterator[Hit]:
        """Yield each entry at each place where it stands."""
        if not self:
            return
        spans = [match.span() for match in _WORD.finditer(text)]
        words = [_folded(text[start:end]) for start, end in spans]
        for at, word in enumerate(words):
            for count in range(1, min(self._longest, len(words) - at) + 1):
                here = tuple(words[at : at + count])
                entries = {self._whole.get(word, {}).get(here), *self._endings(word, here)}
                for entry in sorted(entry for entry in entries if entry is not None):
                    yield Hit(entry, spans[at][0], spans[at + count - 1][1])

    def _endings(self, first: str, here: tuple[str, ...]) -> Iterator[str | None]:
        table = self._begun.get("" if len(here) == 1 else first)
        if table:
            for length in range(1, min(len(here[-1]), self._longest_end) + 1):
                yield table.get((*here[:-1], here[-1][:length]))


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()
