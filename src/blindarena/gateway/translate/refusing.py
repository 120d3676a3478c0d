"""What a client asks that a format cannot say: refused in one clear line."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from blindarena.errors import GatewayError


def unsupported(param: str, what: str) -> GatewayError:
    """Build the error for a feature that the upstream's format lacks."""
    return GatewayError(
        f"{param}: {what}",
        status=400,
        type="invalid_request_error",
        code="unsupported_feature",
        param=param,
    )


def invalid(param: str | None, what: str) -> GatewayError:
    """Build the error for a field that is wrong in itself."""
    return GatewayError(
        what if param is None else f"{param}: {what}",
        status=400,
        type="invalid_request_error",
        code="invalid_request",
        param=param,
    )


@contextmanager
def readable() -> Iterator[None]:
    """Turn a body of the wrong shape into a 400 that names the place."""
    try:
        yield
    except (msgspec.MsgspecError, RecursionError) as error:
        what, _, place = str(error).partition(" - at `$")
        param = place.rstrip("`").lstrip(".") or None
        raise invalid(param, what) from error


def given(raw: msgspec.Raw) -> bool:
    """Say whether a field was there and not null; msgspec has no `Raw | None`."""
    return bytes(raw) not in (b"", b"null")
