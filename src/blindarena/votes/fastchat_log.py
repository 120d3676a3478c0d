"""FastChat's conversation log: a line per action of a visitor, votes among them."""

from collections.abc import Iterable, Iterator
from typing import Any

from blindarena.domain.style import style_of
from blindarena.votes.blocks import LeftOut

VOTES = ("leftvote", "rightvote", "tievote", "bothbad_vote")
Row = dict[str, Any]


class Logs:
    """Turns log lines into rows of votes; addresses become `voter 1`, `voter 2`, ...

    One object serves all files of a reading, so that a voter is the same in each.
    """

    def __init__(self) -> None:
        self._voters: dict[str, str] = {}

    def votes(
        self, where: str, rows: Iterable[tuple[int, Row]], left_out: LeftOut
    ) -> Iterator[tuple[int, Row]]:
        """Yield rows as they are, but a log's votes as votes; its other lines are left out."""
        for number, row in rows:
            if "type" not in row or not ("states" in row or "state" in row):
                yield number, row
            elif row["type"] not in VOTES:
                left_out.note(f"not a vote: {row['type']}")
            elif _is_empty(row):
                left_out.note("not a vote: no message")
            else:
                try:
                    vote = self._vote(row)
                except _WrongLine as error:
                    left_out.bad(where, number, error.reason, f", column {error}")
                else:
                    yield number, vote

    def _vote(self, row: Row) -> Row:
        states = row.get("states")
        if not (isinstance(states, list) and [type(state) for state in states] == [dict, dict]):
            raise _WrongLine("malformed line", "states", states, "write the two conversations")
        model_a, model_b, anonymous = _models(row, states)
        vote = {
            "model_a": model_a,
            "model_b": model_b,
            "winner": row["type"],
            "voter": self._voter(row.get("ip")),
            "question_id": states[0].get("conv_id"),
            "anony": anonymous,
            "tstamp": row.get("tstamp"),
        }
        for side, state in zip("ab", states, strict=True):
            texts = _messages(state)
            vote["turn"] = max(1, len(texts) // 2)
            style = style_of("\n".join(text for text in texts[1::2] if isinstance(text, str)))
            vote |= {f"{name}_{side}": getattr(style, name) for name in style.__slots__}
        return vote

    def _voter(self, address: object) -> str | None:
        if not address:
            return None
        return self._voters.setdefault(str(address), f"voter {len(self._voters) + 1}")


class _WrongLine(Exception):
    """A vote's line that cannot be read."""

    def __init__(self, reason: str, column: str, value: object, cure: str) -> None:
        super().__init__(f"{column!r}: {repr(value)[:80]}: {cure}")
        self.reason = reason


def _models(row: Row, states: list[Any]) -> tuple[str | None, str | None, bool]:
    """Return the names, and whether the voter did not see them.

    A blind battle shows no names, or "Model A" and "Model B"; the conversations then know them.
    Where names were shown they must be those of the conversations.
    """
    shown = [_shown(name) for name in row.get("models") or (None, None)]
    hidden = [state.get("model_name") for state in states]
    if len(shown) != 2:
        raise _WrongLine("malformed line", "models", row["models"], "write the two names")
    blind = shown[0] in ("", None, "Model A") and shown[1] in ("", None, "Model B")
    if blind:
        return hidden[0], hidden[1], True
    if hidden[0] is not None and hidden != shown:
        cure = f"the conversations are of {hidden[0]} and {hidden[1]}; remove the line"
        raise _WrongLine("names differ", "models", shown, cure)
    return shown[0], shown[1], False


def _shown(name: object) -> str | None:
    """Return a name without the heading in which some versions showed it after the vote."""
    if not isinstance(name, str):
        return None
    text = name.strip().removeprefix("<h3>").removesuffix("</h3>").removeprefix("### ").strip()
    if text.startswith(("Model A: ", "Model B: ")):
        return text[len("Model A: ") :]
    return text


def _is_empty(row: Row) -> bool:
    """Say whether a vote was cast before there was a conversation."""
    first = (row.get("states") or [None])[0]
    return isinstance(first, dict) and "messages" in first and not _messages(first)


def _messages(state: Row) -> list[Any]:
    """Return the texts of the conversation, the visitor's and the model's in turn."""
    messages = state.get("messages") or []
    return [
        message[1]
        for message in messages[state.get("offset") or 0 :]
        if isinstance(message, list) and len(message) > 1
    ]
