"""Keys with which programs use the gateway: listed, made, changed and revoked by the owner."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.web.api.schemas.gateway_keys import (
    GatewayKeyIn,
    GatewayKeyMade,
    GatewayKeyOut,
    GatewayKeysOut,
)
from blindarena.web.deps import AppDep, OwnerChangeDep, OwnerDep

router = APIRouter(prefix="/api/owner/gateway/keys", tags=["owner"])


@router.get("")
async def read_gateway_keys(app: AppDep, owner: OwnerDep) -> GatewayKeysOut:
    """Return every key of the gateway, revoked ones too."""
    return GatewayKeysOut(keys=[GatewayKeyOut(**_facts(key)) for key in await app.key_book.list()])


@router.post("", status_code=201)
async def create_gateway_key(
    body: GatewayKeyIn, app: AppDep, owner: OwnerChangeDep
) -> GatewayKeyMade:
    """Make a key; its secret is told this once."""
    key, secret = await app.key_book.create(body.name, _limits(body), who="Owner")
    return GatewayKeyMade(secret=secret, **_facts(key))


@router.put("/{key_id}")
async def change_gateway_key(
    key_id: UUID, body: GatewayKeyIn, app: AppDep, owner: OwnerChangeDep
) -> GatewayKeyOut:
    """Give a key another name and other limits; what is not sent is no limit."""
    key = await app.key_book.change(key_id, body.name, _limits(body), who="Owner")
    return GatewayKeyOut(**_facts(key))


@router.delete("/{key_id}")
async def revoke_gateway_key(key_id: UUID, app: AppDep, owner: OwnerChangeDep) -> GatewayKeyOut:
    """Withdraw a key for ever; its usage stays."""
    return GatewayKeyOut(**_facts(await app.key_book.revoke(key_id, who="Owner")))


def _limits(body: GatewayKeyIn) -> KeyLimits:
    return KeyLimits(**body.model_dump(exclude={"name"}))


def _facts(key: ApiKey) -> dict[str, Any]:
    facts = asdict(key)
    limits: dict[str, Any] = facts.pop("limits")
    return facts | limits
