"""Keys of providers: entered and deleted by the owner, never read back."""

from dataclasses import asdict

from fastapi import APIRouter

from blindarena.bootstrap import App
from blindarena.web.api.schemas.keys import KeyIn, KeyOut, KeysOut
from blindarena.web.deps import AppDep, OwnerChangeDep, OwnerDep

router = APIRouter(prefix="/api/owner/keys", tags=["owner"])


@router.get("")
async def list_keys(app: AppDep, owner: OwnerDep) -> KeysOut:
    """List the keys that `blindarena.toml` names and since when they are set."""
    return await _keys(app)


@router.post("/{name}")
async def enter_key(name: str, body: KeyIn, app: AppDep, owner: OwnerChangeDep) -> KeysOut:
    """Encrypt and store a key; its deployments use it from now on."""
    await app.keys.set(name, body.value)
    return await _keys(app)


@router.delete("/{name}")
async def delete_key(name: str, app: AppDep, owner: OwnerChangeDep) -> KeysOut:
    """Delete a key; its deployments are down until there is another."""
    await app.keys.forget(name)
    return await _keys(app)


async def _keys(app: App) -> KeysOut:
    return KeysOut(
        keys=[KeyOut(**asdict(key)) for key in await app.keys.list()], problem=app.keys.problem
    )
