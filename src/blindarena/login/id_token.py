"""Checks an ID token: signature, issuer, audience, times and nonce."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from blindarena.errors import LoginError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed with a private key that only the provider has: never `none`, never a shared secret."""
_LEEWAY_S = 60


def checked_claims(
    token: str,
    keys: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    now: datetime,
) -> dict[str, Any]:
    """Return the claims of an ID token.

    Args:
        token: as the provider sent it.
        keys: its JSON web key set.
        issuer: that must have issued it.
        client_id: that it must be for.
        nonce: of this login.
        now: the time, in UTC.

    Raises:
        LoginError: a check failed; the message says which.

    Source: OpenID Connect Core 1.0, section 3.1.3.7.
    """
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=_LEEWAY_S,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        decoded = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        rules.validate(decoded.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise LoginError(f"the provider's ID token is not valid: {error}") from error
    claims = dict(decoded.claims)
    party = claims.get("azp")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or party is not None) and party != client_id:
        raise LoginError("the provider's ID token is not valid: it is for another program (azp)")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise LoginError("the provider's ID token is not valid: it names nobody (sub)")
    return claims
