"""The running gateway on the owner's page: how it is, draining, one tiny request, a playground."""

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from blindarena.bootstrap import App
from blindarena.bootstrap.gateway_states import DeploymentRow
from blindarena.bootstrap.switchboard import Switchboard
from blindarena.errors import GatewayError, InvalidInputError
from blindarena.web.api.schemas.gateway import (
    AskedOut,
    DeploymentIn,
    GatewayDeployment,
    GatewayModel,
    GatewayOut,
    GatewayWorker,
    PlaygroundIn,
)
from blindarena.web.deps import AppDep, OwnerChangeDep, ReviewerDep, base_url
from blindarena.web.openai.playground import PlaygroundReply

router = APIRouter(prefix="/api/owner/gateway", tags=["owner"])


@router.get("")
async def read_gateway(app: AppDep, session: ReviewerDep, request: Request) -> GatewayOut:
    """Return deployments, models and workers as they are now.

    A reviewer gets no addresses and no texts of errors.
    """
    board = _board(app)
    workers = await board.workers()
    rows = board.deployments(workers)
    gateway = app.gateway
    joining = gateway.workers
    return GatewayOut(
        at=app.now(),
        enabled=gateway.settings.enabled,
        require_key=gateway.settings.require_key,
        base_url=f"{base_url(app, request)}/v1",
        workers_may_join=joining is not None and joining.enabled,
        deployments=[_deployment(row, told=session.is_owner) for row in rows],
        models=[GatewayModel(**asdict(model)) for model in board.models(rows)],
        workers=[GatewayWorker.model_validate(w, from_attributes=True) for w in workers],
    )


@router.post("/drain")
async def drain_deployment(
    body: DeploymentIn, app: AppDep, owner: OwnerChangeDep
) -> GatewayDeployment:
    """Give a deployment nothing new, in every gateway of the database and over restarts."""
    await _board(app).drain(body.deployment, who="Owner")
    return await _one(app, body.deployment)


@router.post("/undrain")
async def undrain_deployment(
    body: DeploymentIn, app: AppDep, owner: OwnerChangeDep
) -> GatewayDeployment:
    """Let a drained deployment take requests again."""
    await _board(app).undrain(body.deployment, who="Owner")
    return await _one(app, body.deployment)


@router.post("/ask")
async def ask_deployment(body: DeploymentIn, app: AppDep, owner: OwnerChangeDep) -> AskedOut:
    """Send one tiny request to a deployment, drained or not, and say what came of it."""
    return AskedOut(**asdict(await _board(app).ask(body.deployment, who="Owner")))


@router.post("/playground", response_class=Response)
async def ask_playground(body: PlaygroundIn, app: AppDep, owner: OwnerChangeDep) -> Response:
    """Ask a model through the gateway, as /v1/chat/completions does, as server-sent events.

    Unnamed events are those of /v1; "reply" is a reply in one piece, "failed" an error before the
    first byte, and "used", the last one, says what was used: tokens, cost, seconds, deployment.
    """
    if not app.gateway.settings.enabled:
        raise InvalidInputError("the gateway is switched off: gateway.enabled in blindarena.toml")
    try:
        return PlaygroundReply(app.gateway, _chat(body))
    except GatewayError as error:
        raise InvalidInputError(str(error)) from error


def _chat(body: PlaygroundIn) -> dict[str, Any]:
    """Return the request in OpenAI's format."""
    messages = [message.model_dump() for message in body.messages]
    if body.system:
        messages.insert(0, {"role": "system", "content": body.system})
    chat: dict[str, Any] = {"model": body.model, "messages": messages, "stream": body.stream}
    if body.stream:
        chat["stream_options"] = {"include_usage": True}
    for name in ("temperature", "max_tokens"):
        if (value := getattr(body, name)) is not None:
            chat[name] = value
    return chat


def _board(app: App) -> Switchboard:
    board = app.gateway.switchboard
    if board is None:
        raise TypeError("the application was made without a switchboard")
    return board


async def _one(app: App, name: str) -> GatewayDeployment:
    board = _board(app)
    rows = board.deployments(await board.workers())
    return next(_deployment(row, told=True) for row in rows if row.name == name)


def _deployment(row: DeploymentRow, *, told: bool) -> GatewayDeployment:
    if not told:
        row = replace(row, base_url=None, last_error=None)
    return GatewayDeployment(**asdict(row))
