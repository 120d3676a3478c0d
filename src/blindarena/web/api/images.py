"""Pictures of messages: for their voter, and for readers of a shared battle."""

import asyncio
from binascii import a2b_base64
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from blindarena.bootstrap import App
from blindarena.domain.chat import Image
from blindarena.domain.images import Picture
from blindarena.errors import ArenaError, InvalidInputError
from blindarena.web.api.schemas.images import ImageOut
from blindarena.web.deps import COOKIE, EMBEDDED_COOKIE, AppDep
from blindarena.web.pages.share import UNLISTED

router = APIRouter(prefix="/api", tags=["images"])
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/png", "image/jpeg", "image/webp")
        }
    }
}
_ALONE = {
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
"""A browser that opens the address itself shows a picture and can do nothing else with it."""


@router.get("/battles/{battle_id}/images/{image_id}", response_class=Response, responses=_BYTES)
async def read_image(battle_id: UUID, image_id: UUID, request: Request, app: AppDep) -> Response:
    """Return a picture of an own battle.

    An element `img` can send no header: the session of a framed page is known by its cookie here.
    """
    return _shown(await _mine(app, request, battle_id, image_id))


@router.get("/shares/{token}/images/{image_id}", response_class=Response, responses=_BYTES)
async def read_shared_image(token: str, image_id: UUID, app: AppDep) -> Response:
    """Return a picture of a shared battle to whoever has its link."""
    return _shown(await app.images.shared(token, image_id), UNLISTED)


async def files_in(images: Sequence[str]) -> list[bytes]:
    """Decode the pictures of a message; megabytes, so not on the event loop.

    Raises:
        InvalidInputError: one is no base64.
    """
    return await asyncio.to_thread(_decoded, images) if images else []


def _decoded(images: Sequence[str]) -> list[bytes]:
    files = []
    for number, text in enumerate(images, 1):
        try:
            files.append(a2b_base64(text, strict_mode=True))
        except ValueError as error:
            raise InvalidInputError(
                f"picture {number} is no base64 text; encode the file's bytes as RFC 4648 says"
            ) from error
    return files


def images_out(pictures: Iterable[Picture]) -> list[ImageOut]:
    """Present what is known of the pictures of a message."""
    return [ImageOut(id=p.id, width=p.width, height=p.height) for p in pictures]


async def images_of(app: App, battle_id: UUID, *, any_: bool) -> Mapping[int, Sequence[Picture]]:
    """Return a battle's pictures by number of the message; where it takes none, without asking."""
    return await app.images.listed(battle_id) if any_ else {}


async def _mine(app: App, request: Request, battle_id: UUID, image_id: UUID) -> Image:
    secrets = [request.cookies.get(name) for name in (COOKIE, EMBEDDED_COOKIE)]
    known = [secret for secret in secrets if secret is not None]
    for secret in known[:-1]:
        with suppress(ArenaError):  # perhaps it is the other session's
            session = await app.sessions.require(secret)
            return await app.images.mine(session, battle_id, image_id)
    return await app.images.mine(
        await app.sessions.require(known[-1] if known else None), battle_id, image_id
    )


def _shown(image: Image, headers: Mapping[str, str] | None = None) -> Response:
    """Return the bytes; their kind was read from the bytes themselves when they came."""
    return Response(image.data, media_type=image.media_type, headers={**_ALONE, **(headers or {})})
