"""A solution is good once, for a while, and not after a restart."""

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blindarena.arena.challenges import LIFETIME_S, Challenges
from blindarena.domain.arenas import Arena, Consent
from blindarena.domain.battles import Session
from blindarena.domain.challenges import Challenge
from blindarena.domain.ids import uuid7
from blindarena.errors import ChallengeError
from blindarena.testing.memory import MemoryVault

START = datetime(2026, 3, 1, tzinfo=UTC)
SESSION = Session(id=uuid7(), secret_hash="", csrf_token="", created_at=START)
ARENA = Arena(id=uuid7(), slug="a", title="A", kind="live", consent=Consent("1", ""))


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


def desk(clock: Clock, vault: MemoryVault | None = None, **given: Any) -> Challenges:
    values: dict[str, Any] = {"asked": "battles", "difficulty": 50}
    return Challenges(
        vault=vault or MemoryVault(), rng=random.Random(4), now=clock, **(values | given)
    )


def solve(given: Challenge) -> str:
    import hashlib

    for number in range(given.maxnumber + 1):
        if hashlib.sha256(f"{given.salt}{number}".encode()).hexdigest() == given.challenge:
            fields = given.as_dict() | {"number": number}
            return base64.b64encode(json.dumps(fields).encode()).decode()
    raise AssertionError("no number up to maxnumber is the one")


async def refused(of: Challenges, payload: str | None) -> str:
    with pytest.raises(ChallengeError) as caught:
        await of.before_battle(payload, ARENA, SESSION)
    assert set(caught.value.challenge) == {
        "algorithm", "challenge", "maxnumber", "salt", "signature",
    }  # fmt: skip
    return caught.value.code


async def test_a_solution_is_good_once() -> None:
    challenges = desk(Clock())
    assert await refused(challenges, None) == "challenge-required"

    solution = solve(await challenges.offer())
    await challenges.before_battle(solution, ARENA, SESSION)

    assert await refused(challenges, solution) == "challenge-used"
    assert await refused(challenges, "x") == "challenge-wrong"


async def test_it_expires() -> None:
    clock = Clock()
    challenges = desk(clock)
    solution = solve(await challenges.offer())
    clock.at += timedelta(seconds=LIFETIME_S + 1)

    assert await refused(challenges, solution) == "challenge-expired"


async def test_a_used_one_is_not_good_again_after_a_restart() -> None:
    clock, vault = Clock(), MemoryVault()
    solution = solve(await desk(clock, vault).offer())
    clock.at += timedelta(seconds=5)
    second = desk(clock, vault)

    assert await refused(second, solution) == "challenge-expired"
    await second.before_battle(solve(await second.offer()), ARENA, SESSION)


async def test_what_is_remembered_is_bounded() -> None:
    challenges = desk(Clock(), kept=3)
    solutions = [solve(await challenges.offer()) for _ in range(5)]
    for one in solutions:
        await challenges.before_battle(one, ARENA, SESSION)

    assert len(challenges._taken) == 3
    assert await refused(challenges, solutions[-1]) == "challenge-used"


async def test_who_is_asked_when() -> None:
    sessions, off = desk(Clock(), asked="sessions"), desk(Clock(), asked="off")
    asks, does_not = replace(ARENA, challenge=True), replace(ARENA, challenge=False)

    await sessions.before_battle(None, ARENA, SESSION)
    await sessions.before_session(None, known=True)
    await off.before_session(None, known=False)
    await desk(Clock()).before_session(None, known=False)
    await desk(Clock()).before_battle(None, does_not, SESSION)
    await off.before_battle(None, asks, replace(SESSION, is_owner=True))

    with pytest.raises(ChallengeError):
        await sessions.before_session(None, known=False)
    with pytest.raises(ChallengeError):
        await off.before_battle(None, asks, SESSION)
