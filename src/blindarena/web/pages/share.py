"""The page behind a link to a revealed battle: the built front-end, kept out of search engines."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from blindarena.web.pages.spa import index

UNLISTED: Mapping[str, str] = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Headers of everything a link shows: its address is its secret, and it may be withdrawn."""

router = APIRouter(include_in_schema=False)


@router.get("/s/{token}")
async def shared(token: str) -> Response:
    """Return the page; it asks for the battle itself."""
    return index(UNLISTED)
