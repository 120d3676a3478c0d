"""What a vote says, read from a request's body; the battle's and the queue's route share it."""

from typing import Annotated, Any

import msgspec
from pydantic import BaseModel

from blindarena.domain.battles import Outcome
from blindarena.domain.usable import Send, SideUse, Usable
from blindarena.errors import InvalidInputError


class SideBallot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`schemas.SideUseIn`."""

    send: Send
    breaks_policy: bool = False


class UsableBallot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`schemas.UsableIn`."""

    a: SideBallot
    b: SideBallot


class Ballot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`schemas.VoteIn`, read ten times as fast; a test compares the two."""

    outcome: Outcome
    reasons: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=20)
    ] = msgspec.field(default_factory=list)
    comment: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    usable: UsableBallot | None = None

    def both_sides(self) -> Usable | None:
        """Return what it says of both sides, in the domain's words."""
        if self.usable is None:
            return None
        return {"a": _use(self.usable.a), "b": _use(self.usable.b)}


_decode = msgspec.json.Decoder(Ballot).decode


def read_ballot(body: bytes) -> Ballot:
    """Read a vote.

    Raises:
        InvalidInputError: it is no vote; says where.
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"the vote can't be read: {error}") from error


def ballot_schemas(model: type[BaseModel]) -> dict[str, Any]:
    """Return a body's JSON schema and those that it refers to, by name, for OpenAPI."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    inner: dict[str, Any] = schema.pop("$defs", {})
    return {model.__name__: schema, **inner}


def _use(side: SideBallot) -> SideUse:
    return SideUse(side.send, side.breaks_policy)
