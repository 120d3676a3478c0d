"""What every request passes: size limit, cross-site check, security headers. Plain ASGI."""

import re
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from blindarena.web.problems import ProblemResponse

NOBODY = ("'none'",)
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)


def content_security_policy(ancestors: Sequence[str] = ()) -> str:
    """Return the policy of a page that only these origins may show in a frame; none by default."""
    return f"{_POLICY}; frame-ancestors {' '.join(ancestors or NOBODY)}"


CONTENT_SECURITY_POLICY = content_security_policy()
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), interest-cohort=()"),
)
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_TURN = re.compile(r"/api/battles/[^/]+/turns")
_UPLOAD = re.compile(r"/api/owner/arenas/[^/]+/imports")
_SAME = frozenset({"same-origin", "none"})


class Guard:
    """Adds security headers, refuses bodies over the limit and changes asked by other sites.

    Args:
        app: what comes behind.
        max_body: bytes.
        max_upload: bytes of a file of prompts, which only the owner may send.
        max_images: bytes of a message's pictures, as they are encoded.
    """

    def __init__(
        self, app: ASGIApp, *, max_body: int, max_upload: int = 0, max_images: int = 0
    ) -> None:
        self._app = app
        self._max_body = max_body
        self._max_upload = max_upload
        self._max_images = max_images

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in _HEADERS if pair[0] not in own),
                ]
            await send(message)

        limit = self._limit(scope)
        refusal = self._refusal(scope, limit)
        if refusal is not None:
            await refusal(scope, receive, send_secured)
            return
        await self._app(scope, _LimitedBody(receive, limit), send_secured)

    def _limit(self, scope: Scope) -> int:
        if scope["method"] == "POST" and _UPLOAD.fullmatch(scope["path"]):
            return max(self._max_body, self._max_upload)
        if scope["method"] == "POST" and _TURN.fullmatch(scope["path"]):
            return self._max_body + self._max_images
        return self._max_body

    def _refusal(self, scope: Scope, limit: int) -> ProblemResponse | None:
        if scope["method"] not in _UNSAFE:
            return None
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site")
        if site is not None and site not in _SAME:
            return ProblemResponse(
                403, "forbidden", "Not allowed", "Another site may not change anything here."
            )
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > limit:
            return self._too_large(limit)
        return None

    def _too_large(self, limit: int) -> ProblemResponse:
        refusal = ProblemResponse(
            413,
            "too-large",
            "The request is too large",
            _too_large_words(limit),
        )
        # The body is not read: what came next on this connection would be taken for it.
        refusal.headers["Connection"] = "close"
        return refusal


class _LimitedBody:
    """Counts a body that came without a length; too long a one is the problem 413."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise HTTPException(413, _too_large_words(self._limit))
        return message


def _too_large_words(limit: int) -> str:
    return f"The body is larger than {limit // 1024} KB; please shorten it."
