"""What the doorkeeper tells clients: one line, what is wrong and what helps; never a secret."""

from datetime import UTC, datetime

from blindarena.domain.key_counters import NANO
from blindarena.errors import GatewayError
from blindarena.gateway.limits.meters import TOKENS, Meter


def no_key() -> GatewayError:
    """Answer a request without a key."""
    return _unknown("no API key was sent: send the header 'Authorization: Bearer ba-...'")


def unknown_key() -> GatewayError:
    """Answer a request with a key that is not one."""
    return _unknown("this API key is not known here: check it, or ask the owner for a new one")


def revoked_key(name: str) -> GatewayError:
    """Answer a request with a key that was withdrawn."""
    return _unknown(f"the API key {name!r} was revoked: ask the owner for a new one")


def expired_key(name: str, at: float) -> GatewayError:
    """Answer a request with a key whose time is over; `at` is in seconds since 1970."""
    when = datetime.fromtimestamp(at, UTC).isoformat(timespec="minutes")
    return _unknown(f"the API key {name!r} ended at {when}: ask the owner for a new one")


def forbidden_model(name: str, model: str) -> GatewayError:
    """Answer a request for a model that the key may not use."""
    return GatewayError(
        f"the API key {name!r} may not use the model {model!r:.100}: GET /v1/models lists those "
        "that it may",
        status=403,
        type="permission_error",
        code="model_not_allowed",
        param="model",
    )


def unknown_price(name: str, model: str) -> GatewayError:
    """Answer a request whose cost nobody can foretell, with a key that has a budget."""
    return GatewayError(
        f"the API key {name!r} has a spend budget, and the price of the model {model!r:.100} is "
        "unknown: the owner sets input_price and output_price of its deployments in "
        "blindarena.toml (0 where it is free)",
        status=403,
        type="permission_error",
        code="price_unknown",
        param="model",
    )


def too_large(name: str, meter: Meter, amount: int) -> GatewayError:
    """Answer a request that is more than the whole limit, so that waiting does not help."""
    cure = "lower max_tokens or shorten the prompt" if meter.kind != "requests" else "ask the owner"
    return GatewayError(
        f"this request may use {_amount(meter, amount)}, more than the {_limit(meter)} of the API "
        f"key {name!r}: {cure}",
        status=400,
        type="invalid_request_error",
        code="request_over_limit",
        param="max_tokens",
    )


def limit_reached(name: str, meter: Meter, seconds: float) -> GatewayError:
    """Answer a request for which there is no room; there may be in so many seconds."""
    is_money = meter.kind in ("day", "month")
    return GatewayError(
        f"the {_limit(meter)} of the API key {name!r} are used up: try again in "
        f"{max(1, round(seconds))} s",
        status=429,
        type="rate_limit_error",
        code="insufficient_quota" if is_money else "rate_limit_exceeded",
        retry_after_s=max(1.0, seconds),
    )


def unreachable() -> GatewayError:
    """Answer a request whose key or limits cannot be looked up at the moment."""
    return GatewayError(
        "API keys and limits cannot be checked at the moment: try again in 2 s",
        status=503,
        type="api_error",
        code="keys_unavailable",
        retry_after_s=2.0,
    )


def _unknown(message: str) -> GatewayError:
    return GatewayError(message, status=401, type="authentication_error", code="invalid_api_key")


def _limit(meter: Meter) -> str:
    per = {"requests": "minute", "tokens": "minute", "day": "day", "month": "month"}[meter.kind]
    return f"{_amount(meter, meter.limit)} per {per}"


def _amount(meter: Meter, amount: int) -> str:
    if meter.kind in ("day", "month"):
        return f"{amount / NANO:.6g} USD"
    return f"{amount} {'tokens' if meter.what == TOKENS else 'requests'}"
