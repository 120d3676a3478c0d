"""What a voter's page receives while a turn runs; nothing here says who answers."""

from dataclasses import dataclass

from blindarena.arena.screening_ports import Restorer
from blindarena.domain.battles import Side
from blindarena.errors import ProviderFault

PIECE = 4
"""Characters per delta. Cutting at fixed places hides each upstream's own pieces (its tokens)."""


@dataclass(frozen=True, slots=True)
class Delta:
    """The next characters of one side's answer."""

    side: Side
    text: str


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """The message as it is stored and sent, where personal data in it were replaced.

    Attributes:
        replaced: in words, such as "2 names"; no values.
    """

    content: str
    replaced: str


@dataclass(frozen=True, slots=True)
class SideDone:
    """One side's answer is complete."""

    side: Side


@dataclass(frozen=True, slots=True)
class TurnDone:
    """Both answers are complete and stored; the battle can be voted on."""

    turn: int


@dataclass(frozen=True, slots=True)
class TurnError:
    """A side, or with no side the whole turn, failed; the words are ours, never a vendor's."""

    side: Side | None
    title: str
    detail: str


TurnEvent = MessageChanged | Delta | SideDone | TurnDone | TurnError

_CAUSES: dict[ProviderFault, str] = {
    "refused": "Its server could not be reached.",
    "reset": "The connection to it broke off.",
    "timeout": "It took too long.",
    "malformed": "Its reply could not be read.",
    "auth": "Its server refused our request.",
    "rate_limit": "Its server is too busy.",
    "bad_request": "Its server refused our request.",
    "server": "Its server reported an error.",
    "empty": "It sent an empty answer.",
    "unavailable": "It is not ready at the moment.",
    "declined": "It declined to answer.",
}
NOT_COUNTED = "This battle does not count; nothing you did is lost."


def side_error(side: Side, fault: ProviderFault) -> TurnError:
    """Tell a failed side in neutral words, the same for every provider."""
    return TurnError(
        side=side,
        title=f"{side.upper()} could not answer.",
        detail=f"{_CAUSES[fault]} {NOT_COUNTED}",
    )


class Cutter:
    """Cuts a growing text into deltas of `PIECE` characters, wherever the upstream's pieces end.

    Args:
        restorer: puts values in the place of placeholders first.
    """

    def __init__(self, restorer: Restorer | None = None) -> None:
        self._rest = ""
        self._restorer = restorer

    def feed(self, text: str) -> list[str]:
        """Return the full pieces that are complete with `text`."""
        text = self._rest + (self._restorer.feed(text) if self._restorer else text)
        full = len(text) - len(text) % PIECE
        self._rest = text[full:]
        return [text[i : i + PIECE] for i in range(0, full, PIECE)]

    def flush(self) -> list[str]:
        """Return what is left at the end of the answer."""
        held = self._restorer.end() if self._restorer else ""
        rest, self._rest = self._rest + held, ""
        return [rest[i : i + PIECE] for i in range(0, len(rest), PIECE)]
