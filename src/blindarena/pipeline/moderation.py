"""A hook before a prompt is shown or sent: the owner's words, then an endpoint, if there is one.

We ship no list of words: what is out of place differs from one arena to the next.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from blindarena.errors import InputError, ProviderError
from blindarena.pipeline.phrases import Phrases

OnFailure = Literal["pass", "flag"]
Post = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Sends a JSON body to an endpoint's `moderations` and gives the reply; it raises ProviderError."""


@dataclass(frozen=True, slots=True)
class Moderation:
    """What was said of one text.

    Args:
        flagged: it should not be shown or sent.
        by: who said so: `words`, the endpoint's name, or "" where nobody did.
        categories: the endpoint's categories that hold; empty for the word list.
        entries: entries of the word list that stand in the text. Not shown by `repr`.
        failed: the endpoint did not answer, so that the owner's choice decided.
    """

    flagged: bool
    by: str = ""
    categories: tuple[str, ...] = ()
    entries: tuple[str, ...] = field(default=(), repr=False)
    failed: bool = False


PASSED = Moderation(flagged=False)


class Moderator(Protocol):
    """Says whether a text should be held back."""

    async def __call__(self, text: str) -> Moderation:
        """Look at one text."""
        ...


class WordList:
    """The owner's words, matched at word borders, ignoring case.

    Spellings that dodge a list, such as digits for letters, are not undone.

    Args:
        words: words or phrases; `*` at the end stands for any ending.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._phrases = Phrases(words)

    @classmethod
    def from_file(cls, path: Path) -> "WordList":
        """Read a UTF-8 file with one entry a line; `#` begins a comment.

        Raises:
            InputError: it cannot be read, or is not UTF-8.
        """
        try:
            content = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise InputError(f"word list {path}: {error.strerror}; check the path") from error
        except UnicodeDecodeError as error:
            raise InputError(f"word list {path}: byte {error.start} is not UTF-8") from error
        return cls(line.partition("#")[0] for line in content.splitlines())

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._phrases)

    def look(self, text: str) -> Moderation:
        """Look at one text."""
        entries = tuple(dict.fromkeys(hit.entry for hit in self._phrases.hits(text)))
        return Moderation(flagged=True, by="words", entries=entries) if entries else PASSED

    async def __call__(self, text: str) -> Moderation:
        """Look at one text, as a `Moderator`."""
        return self.look(text)


class Endpoint:
    """A moderation endpoint that speaks the OpenAI format.

    Args:
        post: sends the body and gives the reply's JSON; time-outs are its affair.
        name: shown in results.
        model: named in the request; None names none.
        on_failure: what holds where it does not answer: let the text `pass`, or `flag` it.
    """

    def __init__(
        self, post: Post, *, name: str, model: str | None = None, on_failure: OnFailure = "flag"
    ) -> None:
        self._post, self._name, self._model, self._on_failure = post, name, model, on_failure

    async def __call__(self, text: str) -> Moderation:
        """Ask about one text; a failure is a result, not an exception."""
        body = {"input": text} | ({"model": self._model} if self._model else {})
        try:
            flagged, categories = read_reply(await self._post(body))
        except ProviderError:
            return Moderation(flagged=self._on_failure == "flag", by=self._name, failed=True)
        return Moderation(flagged=flagged, by=self._name, categories=categories)


def read_reply(reply: Mapping[str, Any]) -> tuple[bool, tuple[str, ...]]:
    """Read a reply of the OpenAI format: whether any result is flagged, and its categories.

    Raises:
        ProviderError: it is of another shape.
    """
    results = reply.get("results")
    if not isinstance(results, list) or not results:
        raise ProviderError("the moderation reply has no results", fault="malformed")
    flagged, categories = False, []
    for result in results:
        if not isinstance(result, Mapping) or not isinstance(result.get("flagged"), bool):
            raise ProviderError(
                "a moderation result says not whether it is flagged", fault="malformed"
            )
        flagged |= result["flagged"]
        named = result.get("categories")
        if isinstance(named, Mapping):
            categories += [str(name) for name, holds in named.items() if holds is True]
    return flagged, tuple(dict.fromkeys(categories))


async def moderate(text: str, *moderators: Moderator) -> Moderation:
    """Ask moderators in turn until one flags the text.

    Returns:
        The first result that is flagged; else one that failed, if any; else that the text passed.
    """
    outcome = PASSED
    for moderator in moderators:
        result = await moderator(text)
        if result.flagged:
            return result
        if result.failed:
            outcome = result
    return outcome
