"""Sessions, consent and pseudonyms."""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from blindarena.arena.ports import Arenas, AuditLog, Clock, Sessions, Vault
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Role, Session
from blindarena.domain.ids import uuid7
from blindarena.errors import ConsentError, ForbiddenError

_CACHED = 20_000
_SALT_HOLDS = timedelta(minutes=1)
"""Another process may destroy the key of an arena's pseudonyms when its retention ends."""
_PASSWORD = "owner-password"  # noqa: S105 - the name of the secret
_WORDS = (  # noqa: SIM905 - a wall of quotes reads worse
    "amber anchor apple autumn basil beacon birch brook candle canyon cedar clover cobalt "
    "copper coral cotton daisy delta ember falcon fern forest garnet ginger harbor hazel "
    "heron indigo island ivory jasmine juniper lagoon lantern lemon linen lotus maple marble "
    "meadow mellow mint mosaic nectar nutmeg oasis olive opal orchid otter pebble pepper pine "
    "plum poppy quartz raven reed ripple river saffron sage silver slate sparrow spruce "
    "summit thyme timber topaz tulip valley velvet violet walnut willow winter zephyr"
).split()


class SessionService:
    """Who is asking, and to what they agreed.

    Args:
        now: the clock, in UTC.
    """

    def __init__(
        self, *, sessions: Sessions, arenas: Arenas, vault: Vault, audit: AuditLog, now: Clock
    ) -> None:
        self._sessions = sessions
        self._arenas = arenas
        self._vault = vault
        self._audit = audit
        self._now = now
        self._cache: OrderedDict[str, Session] = OrderedDict()
        self._salts: dict[UUID, tuple[bytes, datetime]] = {}

    async def consent(self, secret: str | None, version: str) -> tuple[Session, str]:
        """Agree to one version; opens a session unless `secret` already names one.

        Returns:
            The session and the cookie's secret.

        Raises:
            ConsentError: no arena has this version now.
        """
        versions = {arena.consent.version for arena in await self._arenas.all()}
        if version not in versions:
            raise ConsentError(
                f"no arena has the consent version {version!r}; read the present terms and agree"
            )
        if secret:  # what is remembered may have been erased since, by another process too
            self._cache.pop(_hash(secret), None)
        session = await self.find(secret) if secret else None
        if session is None or secret is None:
            return await self._open(frozenset({version}))
        if version not in session.consents:
            await self._sessions.add_consent(session.id, version, self._now())
            session = replace(session, consents=session.consents | {version})
            self._remember(session)
        return session, secret

    async def find(self, secret: str | None) -> Session | None:
        """Return the session of a cookie's secret."""
        if not secret or len(secret) > 200:
            return None
        key = _hash(secret)
        session = self._cache.get(key)
        if session is None:
            session = await self._sessions.by_secret_hash(key)
            if session is not None:
                self._remember(session)
        if session is not None and session.until is not None and session.until <= self._now():
            return None
        return session

    async def require(self, secret: str | None) -> Session:
        """Return the session.

        Raises:
            ConsentError: there is none.
        """
        session = await self.find(secret)
        if session is None:
            raise ConsentError("there is no session; agree to the arena's terms first")
        return session

    async def require_change(self, secret: str | None, *, csrf: str | None) -> Session:
        """Return the session of a request that changes something.

        Raises:
            ConsentError: there is no session.
            ForbiddenError: the CSRF token is missing or wrong.
        """
        session = await self.require(secret)
        if csrf is None or not hmac.compare_digest(csrf.encode(), session.csrf_token.encode()):
            raise ForbiddenError(
                "the header X-CSRF-Token is missing or wrong; send the csrf_token of the session"
            )
        return session

    @staticmethod
    def require_consent(session: Session, arena: Arena) -> None:
        """Raise ConsentError unless the session agreed to the arena's present version."""
        if arena.consent.version not in session.consents:
            raise ConsentError(
                f"the terms of {arena.title!r} are now version {arena.consent.version!r}; "
                "read them and agree again"
            )

    async def voter(self, session: Session, arena: Arena) -> str:
        """Return the voter's pseudonym in one arena: a keyed hash, not linkable across arenas."""
        salt, read_at = self._salts.get(arena.id, (b"", None))
        now = self._now()
        if read_at is None or not timedelta(0) <= now - read_at < _SALT_HOLDS:
            stored = await self._vault.put_if_absent(
                f"voter-salt:{arena.id}", secrets.token_hex(32)
            )
            salt = bytes.fromhex(stored)
            self._salts[arena.id] = salt, now
        person = session.subject.encode() or session.id.bytes
        return hmac.new(salt, person, hashlib.sha256).hexdigest()[:24]

    async def rater(self, session: Session) -> str:
        """Return the pseudonym of who votes on judged pairs; it leads to none of an arena."""
        salt = await self._vault.put_if_absent("rater-salt", secrets.token_hex(32))
        person = session.subject.encode() or session.id.bytes
        return hmac.new(bytes.fromhex(salt), person, hashlib.sha256).hexdigest()[:24]

    def forget_sessions(self) -> None:
        """Read every session afresh: some were erased."""
        self._cache.clear()

    def forget_salt(self, arena_id: UUID) -> None:
        """Read the key of an arena's pseudonyms afresh: it was destroyed."""
        self._salts.pop(arena_id, None)

    async def first_password(self) -> str | None:
        """Make the owner's password at first run and return it; None when there is one already."""
        password, mine = _new_password()
        stored = await self._vault.put_if_absent(_PASSWORD, mine)
        return password if stored == mine else None

    async def log_in(self, password: str) -> tuple[Session, str]:
        """Open an owner's session.

        Raises:
            ForbiddenError: the password is wrong.
        """
        stored = await self._vault.get(_PASSWORD) or ""
        salt = bytes.fromhex(stored.partition(":")[0])
        if not stored or not hmac.compare_digest(_password_hash(password, salt), stored):
            raise ForbiddenError(
                "the password is wrong; it was printed at the first start, "
                "and `blindarena db password` makes a new one"
            )
        await self._audit.add(at=self._now(), who="Owner", what="Logged in")
        return await self._open(frozenset(), role="owner")

    async def log_in_as(self, person: str, role: Role, *, until: datetime) -> tuple[Session, str]:
        """Open a session for somebody whom an identity provider vouches for.

        Args:
            person: names them for ever, such as issuer and subject; only its keyed hash is kept,
                and makes their pseudonym the same in every browser.
            role: what they may do.
            until: when they have to log in again.
        """
        key = await self._vault.put_if_absent("login-salt", secrets.token_hex(32))
        subject = hmac.new(bytes.fromhex(key), person.encode(), hashlib.sha256).hexdigest()
        if role != "voter":
            detail = f"by OpenID Connect, {subject[:8]}"
            await self._audit.add(
                at=self._now(), who=role.capitalize(), what="Logged in", detail=detail
            )
        return await self._open(frozenset(), role=role, subject=subject, until=until)

    async def log_out(self, session: Session) -> None:
        """Forget a session."""
        self._cache.pop(session.secret_hash, None)
        await self._sessions.delete(session.id)

    async def _open(
        self,
        consents: frozenset[str],
        *,
        role: Role = "voter",
        subject: str = "",
        until: datetime | None = None,
    ) -> tuple[Session, str]:
        secret = secrets.token_urlsafe(32)
        session = Session(
            id=uuid7(),
            secret_hash=_hash(secret),
            csrf_token=secrets.token_urlsafe(24),
            created_at=self._now(),
            consents=consents,
            is_owner=role == "owner",
            is_reviewer=role == "reviewer",
            subject=subject,
            until=until,
        )
        await self._sessions.add(session)
        self._remember(session)
        return session, secret

    def _remember(self, session: Session) -> None:
        self._cache[session.secret_hash] = session
        self._cache.move_to_end(session.secret_hash)
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def new_password(vault: Vault) -> str:
    """Make a new owner's password in place of the old one, and return it."""
    password, mine = _new_password()
    await vault.put(_PASSWORD, mine)
    return password


def _new_password() -> tuple[str, str]:
    words = [secrets.choice(_WORDS) for _ in range(3)]
    password = "-".join([*words, f"{secrets.randbelow(90) + 10}"])
    return password, _password_hash(password, secrets.token_bytes(16))


def _password_hash(password: str, salt: bytes) -> str:
    key = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    return f"{salt.hex()}:{key.hex()}"
