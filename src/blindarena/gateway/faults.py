"""Turn every way in which an upstream can fail into one ProviderError."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec

from blindarena.errors import ProviderError, ProviderFault
from blindarena.gateway.sse import SSEOverflowError

_MAX_QUOTE = 300
_DECLINED = re.compile(
    rb'"(?:code|type)"\s*:\s*'
    rb'"(?:content_filter|content_policy_violation|data_inspection_failed|moderation_blocked)"'
)
"""What hosts write in a refusal of the message itself: Azure and OpenAI, OpenAI, DashScope."""
_BEARER = re.compile(r"\b(?:(?:sk|gsk|xai|key)-[A-Za-z0-9_*-]{6,}|AIza[A-Za-z0-9_*-]{6,})")
_NO_KEY = re.compile(rb'"API_KEY_INVALID"|API key not valid')
"""Google answers a wrong key with 400."""
_RETRY_DELAY = re.compile(rb'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')
"""Google's wish in the body of a 429; it sends no header."""


@contextmanager
def provider_errors(deployment: str, *, secret: str | None = None) -> Iterator[None]:
    """Raise ProviderError in place of whatever HTTP, JSON or the operating system raise.

    Args:
        deployment: the name that the error carries.
        secret: the key; it is blotted out should a message quote it.
    """

    def fail(fault: ProviderFault, what: str, error: BaseException) -> ProviderError:
        detail = quote(str(error) or type(error).__name__, secret=secret)
        return ProviderError(f"{deployment}: {what}: {detail}", fault=fault, deployment=deployment)

    try:
        yield
    except TimeoutError as error:
        raise fail("timeout", "timed out", error) from error
    except aiohttp.InvalidURL as error:
        raise fail("bad_request", "not a usable address", error) from error
    except (aiohttp.ClientConnectorError, aiohttp.ClientSSLError) as error:
        raise fail("refused", "no connection", error) from error
    except aiohttp.ClientResponseError as error:
        raise fail("malformed", "not a valid HTTP reply", error) from error
    except (aiohttp.ClientError, OSError) as error:
        raise fail("reset", "the connection broke", error) from error
    except (msgspec.MsgspecError, UnicodeError, SSEOverflowError, RecursionError) as error:
        raise fail("malformed", "the reply cannot be read", error) from error


def error_of_status(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    deployment: str,
    secret: str | None = None,
) -> ProviderError:
    """Build the error for an HTTP status other than 200.

    A 404 may be cured by asking another deployment of the same contestant (this one lacks the
    model), so it counts as retryable; other refusals of the request itself do not.
    """
    fault: ProviderFault
    match status:
        case _ if status in (401, 402, 403) or (status == 400 and _NO_KEY.search(body)):
            fault, retryable, what = "auth", False, "the key was refused"
        case 429:
            fault, retryable, what = "rate_limit", True, "too many requests"
        case 408:
            fault, retryable, what = "timeout", True, "the upstream gave up waiting"
        case _ if status >= 500:
            fault, retryable, what = "server", True, "the upstream failed"
        case _ if status >= 400 and _DECLINED.search(body):
            fault, retryable, what = "declined", False, "the provider's filter refused the message"
        case _ if status >= 400:
            fault, retryable, what = "bad_request", status == 404, "the request was refused"
        case _ if status >= 300:
            what = f"a redirect to {headers.get('Location', '?')}, which is not followed"
            fault, retryable = "malformed", False
        case _:
            fault, retryable, what = "malformed", True, "an unexpected status"
    detail = quote(body.decode("utf-8", "replace"), secret=secret)
    return ProviderError(
        f"{deployment}: HTTP {status}, {quote(what, secret=secret)}"
        + (f": {detail}" if detail else ""),
        fault=fault,
        deployment=deployment,
        status=status,
        retryable=retryable,
        retry_after_s=_retry_delay(body) if (after := retry_after(headers)) is None else after,
        said=body.replace(secret.encode(), b"***") if secret else body,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the upstream's own wish in seconds; a date is taken relative to the reply's own Date."""
    value = headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            until = parsedate_to_datetime(value)
            seconds = (until - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
        except (TypeError, ValueError):  # absent, not a date, or dates with and without a zone
            return None
    return seconds if 0 <= seconds < float("inf") else None


def _retry_delay(body: bytes) -> float | None:
    found = _RETRY_DELAY.search(body)
    return float(found[1]) if found else None


def quote(text: str, *, secret: str | None = None) -> str:
    """Shorten foreign text to one line for a log, without keys."""
    if secret:
        text = text.replace(secret, "***")
    line = " ".join(_BEARER.sub("***", text).split())
    return line if len(line) <= _MAX_QUOTE else line[: _MAX_QUOTE - 1] + "…"
