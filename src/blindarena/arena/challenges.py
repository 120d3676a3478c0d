"""Asks browsers for a proof of work before they may begin; every solution is good for once."""

import secrets
from collections import OrderedDict
from random import Random
from typing import Literal

from blindarena.arena.ports import Clock, Vault
from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Session
from blindarena.domain.challenges import Challenge, Flaw, check, make
from blindarena.errors import ChallengeError

LIFETIME_S = 300
_KEY = "challenge-key"
_KEPT = 100_000
Asked = Literal["off", "sessions", "battles"]
"""Before what a challenge is asked: nothing, a session, every battle."""

_WORDS: dict[Flaw, str] = {
    "malformed": "The solution in the header X-Challenge can't be read.",
    "foreign": "The solution in the header X-Challenge is not of a challenge of this server.",
    "wrong": "The solution in the header X-Challenge is not the number that was asked for.",
    "expired": "The challenge has expired.",
}
_CURE = "Solve the one in `challenge` and send the request again with the header X-Challenge."


class Challenges:
    """Makes challenges, and takes each solution once.

    What was taken is kept in memory: a solution may be used once in each process, and not at all
    in one that started after its challenge was made.

    Args:
        vault: keeps the key of the signatures.
        asked: before what, as the server's settings say; an arena may say otherwise for battles.
        difficulty: the largest number; the mean work is half as many hashes.
        rng: draws numbers; a `random.SystemRandom` in production.
        now: the clock, in UTC.
        kept: so many taken solutions are remembered; then the oldest are forgotten.
    """

    def __init__(
        self,
        *,
        vault: Vault,
        asked: Asked,
        difficulty: int,
        rng: Random,
        now: Clock,
        kept: int = _KEPT,
    ) -> None:
        self.asked = asked
        self._vault = vault
        self._difficulty = difficulty
        self._rng = rng
        self._now = now
        self._kept = kept
        self._began = now().timestamp()
        self._key: bytes | None = None
        self._taken: OrderedDict[str, float] = OrderedDict()

    async def before_session(self, payload: str | None, *, known: bool) -> None:
        """Let a session be opened; `known` browsers have one already and are not asked.

        Raises:
            ChallengeError: there is no solution, or it is worth nothing.
        """
        if self.asked == "sessions" and not known:
            await self._take(payload)

    async def before_battle(self, payload: str | None, arena: Arena, session: Session) -> None:
        """Let a battle begin; owners and reviewers are not asked.

        Raises:
            ChallengeError: there is no solution, or it is worth nothing.
        """
        asked = self.asked == "battles" if arena.challenge is None else arena.challenge
        if asked and session.role == "voter":
            await self._take(payload)

    async def offer(self) -> Challenge:
        """Make a challenge."""
        key = await self._signing_key()
        return make(
            key,
            number=self._rng.randint(0, self._difficulty),
            maxnumber=self._difficulty,
            nonce=f"{self._rng.getrandbits(96):024x}",
            expires=int(self._now().timestamp()) + LIFETIME_S,
        )

    async def _take(self, payload: str | None) -> None:
        if payload is None:
            await self._refuse("challenge-required", "This needs a proof of work first.")
            return
        now = self._now().timestamp()
        solution = check(await self._signing_key(), payload, at=now)
        flaw = solution.flaw
        if flaw is None and solution.expires - LIFETIME_S < int(self._began):
            flaw = "expired"
        if flaw is not None:
            code = "challenge-expired" if flaw == "expired" else "challenge-wrong"
            await self._refuse(code, _WORDS[flaw])
        if solution.signature in self._taken:
            await self._refuse("challenge-used", "This solution has been used already.")
        self._taken[solution.signature] = solution.expires
        while self._taken and (
            len(self._taken) > self._kept or next(iter(self._taken.values())) < now
        ):
            self._taken.popitem(last=False)

    async def _refuse(self, code: str, why: str) -> None:
        offered = (await self.offer()).as_dict()
        raise ChallengeError(f"{why} {_CURE}", code=code, challenge=offered)

    async def _signing_key(self) -> bytes:
        if self._key is None:
            stored = await self._vault.put_if_absent(_KEY, secrets.token_hex(32))
            self._key = bytes.fromhex(stored)
        return self._key
