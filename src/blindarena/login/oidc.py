"""An OpenID Connect provider: where to send a browser, and who comes back."""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp

from blindarena.errors import LoginError
from blindarena.login.id_token import checked_claims

_TIMEOUT_S = 10.0
_LARGEST = 1_000_000
_KEPT_S = 600.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OidcProvider:
    """One provider, found by its issuer; authorisation code flow with PKCE.

    Args:
        issuer: its address, without a slash at the end unless it has one itself.
        client_id: what it calls this server.
        client_secret: None for a client without one.
        scopes: what is asked for.
        now: the time, in UTC.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        scopes: tuple[str, ...],
        now: Callable[[], datetime],
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._now = now
        self._described: tuple[float, dict[str, Any]] | None = None

    async def authorize_url(
        self, *, redirect_uri: str, state: str, nonce: str, verifier: str
    ) -> str:
        """Return the address to which a browser goes to log in.

        Raises:
            LoginError: the provider does not answer as it should.
        """
        endpoint = _safe(await self._description(), "authorization_endpoint")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client_id,
                "redirect_uri": redirect_uri,
                "scope": " ".join(self._scopes),
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            }
        )
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{query}"

    async def claims(
        self, code: str, *, redirect_uri: str, verifier: str, nonce: str
    ) -> dict[str, Any]:
        """Exchange a code for the checked claims of its ID token.

        Raises:
            LoginError: the provider refused, or its ID token is not valid.
        """
        described = await self._description()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {}
        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if self._client_secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in methods:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        reply = await _json("POST", _safe(described, "token_endpoint"), form, headers)
        token = reply.get("id_token")
        if not isinstance(token, str):
            raise LoginError("the provider sent no ID token; is the scope openid allowed?")
        keys = await _json("GET", _safe(described, "jwks_uri"))
        return checked_claims(
            token,
            keys,
            issuer=self.issuer,
            client_id=self._client_id,
            nonce=nonce,
            now=self._now(),
        )

    async def _description(self) -> dict[str, Any]:
        if self._described is not None and time.monotonic() - self._described[0] < _KEPT_S:
            return self._described[1]
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await _json("GET", url)
        if found.get("issuer") != self.issuer:
            raise LoginError(
                f"{url} is of the issuer {found.get('issuer')!r:.200}, not {self.issuer!r}; "
                "write the issuer exactly so in [login.oidc]"
            )
        self._described = (time.monotonic(), found)
        return found


def _safe(described: Mapping[str, Any], key: str) -> str:
    """Return an endpoint of the provider's description, which must be encrypted or local."""
    url = described.get(key)
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return str(url)
    raise LoginError(f"the provider's {key} is {url!r:.200}, which is no https:// address")


async def _json(
    method: str,
    url: str,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Ask the provider; what it says is told in the log only, and codes and secrets never."""
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S), trust_env=False
            ) as http,
            http.request(method, url, data=form, headers=headers, allow_redirects=False) as reply,
        ):
            body = await reply.content.read(_LARGEST)
            while len(body) < _LARGEST and (more := await reply.content.read(_LARGEST)):
                body += more
            found = _object(body)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise LoginError(f"the provider does not answer at {url}: {error!r:.200}") from error
    if reply.status != 200:
        said = found.get("error_description") or found.get("error") or ""
        raise LoginError(f"the provider answered {url} with {reply.status} {said!s:.200}")
    return found


def _object(body: bytes) -> dict[str, Any]:
    """Read a JSON object; anything else is an empty one."""
    import msgspec

    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
