"""Every check of an ID token, each with a token that only it refuses."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from blindarena.errors import LoginError
from blindarena.login.id_token import checked_claims

from .provider import CLIENT, KEY, SECRET, Claims

NOW = datetime(2026, 1, 5, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER = "https://id.example"
GOOD: Claims = {
    "iss": ISSUER,
    "sub": "anna",
    "aud": CLIENT,
    "iat": AT - 5,
    "exp": AT + 300,
    "nonce": "n",
}


def check(token: str) -> Claims:
    keys = {"keys": [KEY.as_dict(private=False)]}
    return checked_claims(token, keys, issuer=ISSUER, client_id=CLIENT, nonce="n", now=NOW)


def signed(claims: Claims, *, key: RSAKey = KEY, kid: str = "one") -> str:
    return jwt.encode({"alg": "RS256", "kid": kid}, claims, key)


@pytest.mark.parametrize(
    "more", [{}, {"aud": [CLIENT]}, {"azp": CLIENT}, {"aud": [CLIENT, "x"], "azp": CLIENT}]
)
def test_a_right_one_is_taken(more: Claims) -> None:
    assert check(signed(GOOD | more)) == GOOD | more


@pytest.mark.parametrize(
    "more",
    [
        {"nonce": "other"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": AT - 61},
        {"iat": AT + 3600, "exp": AT + 7200},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_wrong_claims(more: Claims) -> None:
    with pytest.raises(LoginError, match="not valid"):
        check(signed(GOOD | more))


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_missing_claims(missing: str) -> None:
    with pytest.raises(LoginError, match="not valid"):
        check(signed({name: value for name, value in GOOD.items() if name != missing}))


def unsigned(claims: Claims) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


def by_stranger(claims: Claims) -> str:
    return signed(claims, key=RSAKey.generate_key(2048, {"kid": "one"}))


def by_shared_secret(claims: Claims) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET * 3))


def by_public_key(claims: Claims) -> str:
    """Sign with the public key as if it were a secret, as naive checks of old accepted."""
    pem = KEY.as_pem(private=False)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    mac = hmac.new(pem, head + b"." + body, hashlib.sha256).digest()
    return b".".join([head, body, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        by_stranger,
        by_shared_secret,
        by_public_key,
        lambda claims: signed(claims, kid="two"),
        lambda claims: signed(claims)[:-6] + "AAAAAA",
        lambda claims: "no.token",
        lambda claims: "",
    ],
)
def test_wrong_signatures(forge: Callable[[Claims], str]) -> None:
    with pytest.raises(LoginError, match="not valid"):
        check(forge(GOOD))
