"""Categories of prompts: the file's own, else by the owner's keywords; none is invented."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from blindarena.errors import InputError
from blindarena.pipeline.phrases import Phrases


@dataclass(frozen=True, slots=True)
class Category:
    """A label and where it came from.

    Args:
        name: None where neither the file nor a keyword gave one.
        source: `given` by the file, by a `keyword`, or `none`.
    """

    name: str | None
    source: Literal["given", "keyword", "none"]


class Categories:
    """The owner's keywords by category.

    Args:
        keywords: words or phrases by category, in the order in which ties are settled; a `*` at the
            end stands for any ending: `refund*`.

    Raises:
        InputError: a category has no keyword.
    """

    def __init__(self, keywords: Mapping[str, Iterable[str]]) -> None:
        self._phrases = {name: Phrases(words) for name, words in keywords.items()}
        for name, phrases in self._phrases.items():
            if not phrases:
                raise InputError(f"category {name!r} has no keyword; give at least one word")

    def of(self, text: str, *, given: str | None = None) -> Category:
        """Label one text.

        Args:
            text: the prompt.
            given: what the file says; blank is as good as nothing.

        Returns:
            The given label; else the category with the most different keywords in the text, the
            earlier one where two have as many; else none.
        """
        if given is not None and given.strip():
            return Category(given.strip(), "given")
        best, most = None, 0
        for name, phrases in self._phrases.items():
            found = len({hit.entry for hit in phrases.hits(text)})
            if found > most:
                best, most = name, found
        return Category(best, "keyword" if best is not None else "none")
