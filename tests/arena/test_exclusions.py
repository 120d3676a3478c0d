"""The owner's exclusions: reasons, pseudonyms, the audit log; and the time to a vote."""

from datetime import UTC, datetime, timedelta

import pytest

from blindarena.arena.exclusions import ExclusionService
from blindarena.arena.voting import seconds_to_vote
from blindarena.domain.arenas import Arena, Consent
from blindarena.domain.battles import Answer, Side, Turn, TurnRecord
from blindarena.domain.exclusions import VoterExclusion
from blindarena.domain.ids import uuid7
from blindarena.domain.style import Style
from blindarena.errors import InvalidInputError, NotFoundError
from blindarena.testing.memory import MemoryAuditLog, MemoryDatabase

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
ARENA = Arena(id=uuid7(), slug="s", title="Support", kind="live", consent=Consent("1", "Yes?"))


class Few:
    """The port with three voters who have four votes each."""

    def __init__(self) -> None:
        self.out: dict[str, str] = {}

    async def by_reason(self, arena_id: object) -> dict[str, int]:
        return dict.fromkeys(self.out.values(), 4)

    async def voters(self, arena_id: object) -> list[VoterExclusion]:
        return [VoterExclusion(voter, reason, NOW) for voter, reason in self.out.items()]

    async def voters_like(self, arena_id: object, beginning: str) -> list[str]:
        return [v for v in ("aaaa1111bb", "aaaa1111cc", "bbbb2222dd") if v.startswith(beginning)]

    async def set_votes(self, arena_id: object, ids: list, *, reason: object, at: object) -> int:
        return len(ids)

    async def exclude_voter(self, arena_id: object, voter: str, *, reason: str, at: object) -> int:
        self.out[voter] = reason
        return 4

    async def reinstate_voter(self, arena_id: object, voter: str, *, at: object) -> int:
        return 4 if self.out.pop(voter, None) else 0


def service() -> tuple[ExclusionService, Few, MemoryAuditLog]:
    few, database = Few(), MemoryDatabase()
    return (
        ExclusionService(exclusions=few, audit=database.audit, now=lambda: NOW),
        few,
        database.audit,
    )


async def test_every_act_of_the_owner_is_in_the_audit_log() -> None:
    exclusions, few, audit = service()

    assert await exclusions.exclude_voter(ARENA, "bbbb2222", reason=" clicks ") == 4
    assert few.out == {"bbbb2222dd": "clicks"}
    assert await exclusions.reinstate_voter(ARENA, "bbbb2222dd") == 4
    assert await exclusions.exclude_votes(ARENA, [uuid7()], reason="a slip") == 1
    assert await exclusions.reinstate_votes(ARENA, [uuid7(), uuid7()]) == 2

    lines = [
        (what, detail) for _, who, what, detail in await audit.recent(limit=9) if who == "Owner"
    ]
    assert lines == [
        ("Reinstated votes", "s: single votes; 2 votes"),
        ("Excluded votes", "s: a slip; 1 vote"),
        ("Reinstated a voter", "s: bbbb2222; 4 votes"),
        ("Excluded a voter", "s: bbbb2222, clicks; 4 votes"),
    ]


async def test_a_pseudonym_must_be_of_one_voter() -> None:
    exclusions, few, audit = service()

    with pytest.raises(NotFoundError, match="'cccc3333'"):
        await exclusions.exclude_voter(ARENA, "cccc3333", reason="x")
    with pytest.raises(InvalidInputError, match="more of its digits"):
        await exclusions.exclude_voter(ARENA, "aaaa1111", reason="x")
    assert (few.out, await audit.recent(limit=9)) == ({}, [])


@pytest.mark.parametrize(("reason", "said"), [(" ", "empty"), ("vote-cap", "of your own")])
async def test_the_reason_is_the_owners_own(reason: str, said: str) -> None:
    exclusions, few, _ = service()

    with pytest.raises(InvalidInputError, match=said):
        await exclusions.exclude_voter(ARENA, "bbbb2222", reason=reason)
    with pytest.raises(InvalidInputError, match=said):
        await exclusions.exclude_votes(ARENA, [uuid7()], reason=reason)
    assert few.out == {}


def turn(began: float, *seconds: float | None) -> TurnRecord:
    made = Turn(
        id=uuid7(),
        battle_id=uuid7(),
        number=1,
        attempt=1,
        content="Hello",
        status="complete",
        created_at=NOW + timedelta(seconds=began),
    )
    sides: tuple[Side, Side] = ("a", "b")
    style = Style(words=0, headers=0, bold=0, lists=0)
    return TurnRecord(
        made,
        {
            side: Answer(made.id, side, uuid7(), "", style, seconds=took)
            for side, took in zip(sides, seconds, strict=True)
        },
    )


def test_the_time_to_a_vote_is_from_the_end_of_the_slower_answer() -> None:
    at = NOW + timedelta(seconds=60)

    assert seconds_to_vote([turn(0, 1.0, 50.0), turn(10, 4.0, 8.5)], at) == pytest.approx(41.5)


@pytest.mark.parametrize("turns", [[], [turn(0, 1.0, None)], [turn(0, None, None)]])
def test_a_time_that_was_not_measured_is_none(turns: list[TurnRecord]) -> None:
    assert seconds_to_vote(turns, NOW) is None
