"""`/metrics`, for Prometheus: to this machine, to whoever has the token, or to all."""

from ipaddress import ip_address
from typing import Final

from starlette.types import Receive, Scope, Send

from blindarena.bootstrap.metrics import MetricsDesk

PATH: Final = "/metrics"
_FORWARDED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})
_TEXT: Final = "text/plain; charset=utf-8"


async def serve_metrics(
    desk: MetricsDesk | None, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a request for the metrics."""
    if desk is None or desk.access == "off":
        await _say(send, 404, b"not found\n", _TEXT)
    elif scope["method"] not in ("GET", "HEAD"):
        await _say(send, 405, b"use GET\n", _TEXT, (b"allow", b"GET, HEAD"))
    elif desk.is_token(_bearer(scope)) or desk.access == "open" or _is_local(scope):
        body, content_type = await desk.page(accept=_header(scope, b"accept"))
        await _say(send, 200, body, content_type, head=scope["method"] == "HEAD")
    elif desk.has_token:
        text = b"send the metrics token: Authorization: Bearer TOKEN\n"
        await _say(send, 401, text, _TEXT, (b"www-authenticate", b"Bearer"))
    else:
        text = b"only this machine may read the metrics; see [gateway] metrics and metrics_token\n"
        await _say(send, 403, text, _TEXT)


def _is_local(scope: Scope) -> bool:
    """Say whether a program of this machine asks, and not somebody behind a proxy or a web page.

    A proxy on this machine looks like it, but says for whom it asks, or speaks HTTP/1.0, as nginx
    does that was told nothing else; a page whose name was made to point here (DNS rebinding) has
    that name in `Host`.
    """
    if scope.get("http_version") == "1.0":
        return False
    client = scope.get("client")
    if client is None or not _is_loopback(client[0]):
        return False
    if any(name in _FORWARDED for name, _ in scope["headers"]):
        return False
    host = _header(scope, b"host")
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower() == "localhost" or _is_loopback(name)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _bearer(scope: Scope) -> str | None:
    kind, _, token = _header(scope, b"authorization").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _header(scope: Scope, wanted: bytes) -> str:
    found: bytes = next((value for name, value in scope["headers"] if name == wanted), b"")
    return found.decode("latin-1")


async def _say(
    send: Send,
    status: int,
    body: bytes,
    content_type: str,
    *more: tuple[bytes, bytes],
    head: bool = False,
) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
