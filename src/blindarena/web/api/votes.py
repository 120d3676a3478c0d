"""The vote: the one route whose own cost counts, so nothing stands between request and use-case."""

from typing import Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from blindarena.errors import NotFoundError
from blindarena.web.api.ballots import ballot_schemas, read_ballot
from blindarena.web.api.schemas import RevealOut, VoteIn
from blindarena.web.deps import get_app, secret_of

router = APIRouter(prefix="/api", tags=["battles"])
_encode = msgspec.json.Encoder().encode


SCHEMAS = ballot_schemas(VoteIn)
"""Models that only this route's own description names; `create_api` adds them to OpenAPI."""

# FastAPI would solve five dependencies and build two models for each vote, which costs more than
# storing it. The route tells OpenAPI itself what it takes and gives.
_OPENAPI: dict[str, Any] = {
    "parameters": [
        {
            "name": "battle_id",
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"},
        },
        {
            "name": "x-csrf-token",
            "in": "header",
            "required": False,
            "description": "csrf_token of the session",
            "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/VoteIn"}}},
    },
}


@router.post(
    "/battles/{battle_id}/vote",
    response_class=Response,
    responses={200: {"model": RevealOut}},
    openapi_extra=_OPENAPI,
)
async def vote(request: Request) -> Response:
    """Store the one decisive vote, durably, and reveal the contestants."""
    app = await get_app(request)
    session = await app.sessions.require_change(
        secret_of(request), csrf=request.headers.get("x-csrf-token")
    )
    battle_id = _battle_id(request.path_params["battle_id"])
    ballot = read_ballot(await request.body())
    reveal = await app.voting.vote(
        session,
        battle_id,
        outcome=ballot.outcome,
        reasons=ballot.reasons,
        comment=ballot.comment,
        usable=ballot.both_sides(),
    )
    return Response(_encode(reveal), media_type="application/json")


def _battle_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundError(f"there is no battle {text!r:.60}") from error
