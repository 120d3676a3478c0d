"""The review queue's use-cases over stores in memory: versions, clocks, answers that come late."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blindarena.arena.pool import ContestantPool
from blindarena.arena.queue import QueueService
from blindarena.arena.queue_invites import InviteService
from blindarena.arena.queue_planning import LOOK_AGAIN_S, QueuePlanner
from blindarena.arena.queue_progress import QueueProgressDesk, agreements
from blindarena.arena.queue_raters import Raters
from blindarena.arena.queue_views import Shown, Standing
from blindarena.arena.queue_voting import QueueVoting
from blindarena.arena.sessions import SessionService
from blindarena.domain.arenas import Arena, Consent, Contestant, Prompt, VersionDraft
from blindarena.domain.battles import Session
from blindarena.domain.exclusions import VoteRules
from blindarena.domain.ids import uuid7
from blindarena.domain.imports import PreparedAnswer
from blindarena.domain.queue import QueueRules, Rating
from blindarena.domain.style import style_of
from blindarena.errors import ChangedMeanwhileError
from blindarena.testing.memory import MemoryDatabase

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


class NoModels:
    """No model can be asked, and none is."""

    def available(self, deployments: Sequence[str]) -> bool:
        return False


class Unscreened:
    """Lets every comment through."""

    async def comment(self, arena: Arena, battle_id: object, text: str) -> str:
        return text


@dataclass
class Desk:
    """The queue of one arena, with clocks that a test sets."""

    database: MemoryDatabase
    replays: dict[tuple[str, str], str] = field(default_factory=dict)
    at: datetime = START
    ticks: float = 0.0

    def __post_init__(self) -> None:
        database, now = self.database, lambda: self.at
        self.pool = ContestantPool(arenas=database.arenas, models=NoModels())  # type: ignore[arg-type]
        sessions = SessionService(
            sessions=database.sessions,
            arenas=database.arenas,
            vault=database.vault,
            audit=database.audit,
            now=now,
        )
        self.invites = InviteService(invites=database.invites, audit=database.audit, now=now)
        self.planner = QueuePlanner(
            queue=database.queue,
            prepared=database.prepared,
            pool=self.pool,
            replays=self.replayed,
            now=now,
            clock=lambda: self.ticks,
        )
        raters = Raters(
            sessions=sessions,
            invites=self.invites,
            members=database.invites,
            queue=database.queue,
            now=now,
        )
        shared: dict[str, Any] = {
            "raters": raters,
            "battles": database.battles,
            "changes": database.vote_changes,
            "pool": self.pool,
            "now": now,
        }
        self.service = QueueService(queue=database.queue, planner=self.planner, **shared)
        self.voting = QueueVoting(
            votes=database.votes,
            queue=database.queue,
            screening=Unscreened(),  # type: ignore[arg-type]
            **shared,
        )
        self.progress = QueueProgressDesk(
            queue=database.queue, members=database.invites, planner=self.planner
        )

    def replayed(self, deployments: Sequence[str], text: str) -> tuple[str, str] | None:
        found = [
            (name, self.replays[name, text]) for name in deployments if (name, text) in self.replays
        ]
        return found[0] if found else None

    async def put(self, version: str = "v", **given: Any) -> Arena:
        """Store the arena; another `version` compares something else."""
        values: dict[str, Any] = {
            "modes": ("queue",),
            "queue": QueueRules(overlap=0.0, open_to_all=True),
            "prompt_mode": "prepared",
        }
        arena = Arena(
            id=uuid7(),
            slug="s",
            title="Support",
            kind="live",
            consent=Consent("1", "Agree?"),
            **(values | given),
        )
        contestants = [
            Contestant(
                id=uuid7(),
                arena_id=arena.id,
                name=name,
                deployments=(name,),
                fingerprint=f"{name} {version}",
            )
            for name in ("one", "two", "three")
        ]
        prompts = [
            Prompt(id=uuid7(), arena_id=arena.id, key=text, text=text, fingerprint=text)
            for text in ("First", "Second")
        ]
        for contestant in contestants:
            for prompt in prompts:
                self.replays[contestant.name, prompt.text] = f"{prompt.text} by {version}"
        draft = VersionDraft(version, {"compared": {}}, self.at, "test")
        await self.database.arenas.put(arena, contestants, prompts, draft=draft)
        self.pool.forget()
        return await self.pool.by_slug("s")

    async def rater(self, arena: Arena) -> Session:
        session = Session(uuid7(), uuid7().hex, "csrf", START, consents=frozenset({"1"}))
        await self.service.join(session, arena, None)
        return session

    async def next(self, session: Session, arena: Arena, **more: Any) -> Shown:
        shown = await self.service.next(session, arena, **more)
        assert isinstance(shown, Shown), shown
        return shown


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryDatabase())


async def test_a_new_version_closes_what_is_open_and_votes_never_mix(desk: Desk) -> None:
    old = await desk.put("v1")
    ann = await desk.rater(old)
    voted = await desk.next(ann, old)
    await desk.voting.vote(ann, old, voted.battle_id, outcome="tie")
    opened = await desk.next(ann, old)

    new = await desk.put("v2")
    assert new.version == 2
    for refused in (voted, opened):
        with pytest.raises(ChangedMeanwhileError, match="next pair"):
            await desk.voting.vote(ann, new, refused.battle_id, outcome="model_a")
    shown = await desk.next(ann, new, after=opened.battle_id)

    assert (shown.number, shown.previous, shown.text_a[-2:]) == (1, None, "v2")
    assert (shown.standing.done, shown.standing.total, shown.standing.arena_done) == (0, 6, 0)
    await desk.voting.vote(ann, new, shown.battle_id, outcome="both_bad")
    counts = desk.database.counts
    totals = {
        number: [p.total for p in await counts.pairs(new.id, population="people", version=number)]
        for number in (1, 2)
    }
    assert totals == {1: [1], 2: [1]}

    back = await desk.put("v1")
    again = await desk.next(ann, back)
    assert again.battle_id == opened.battle_id
    assert again.standing.done == 1


async def test_a_rater_comes_back_after_others_took_the_pair(desk: Desk) -> None:
    arena = await desk.put()
    ann, bob = await desk.rater(arena), await desk.rater(arena)
    mine = await desk.next(ann, arena)
    desk.at += timedelta(minutes=21)
    taken = [(await desk.next(bob, arena)).battle_id]
    for _ in range(5):
        taken.append((await desk.next(bob, arena, after=taken[-1])).battle_id)
    assert len(set(taken)) == 6

    ended = await desk.service.next(ann, arena)
    assert isinstance(ended, Standing)
    assert (ended.finished, ended.waiting) == (True, 5)
    still = await desk.service.pair(ann, arena, mine.battle_id)
    assert still.text_a == mine.text_a
    await desk.voting.vote(ann, arena, mine.battle_id, outcome="model_a")
    for battle in taken:
        await desk.voting.vote(bob, arena, battle, outcome="model_a")

    progress = await desk.progress.of(arena)
    assert (progress.ratings, progress.late, progress.pairs_done) == (7, 1, 6)
    assert progress.agreement[0].pairs == 1


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(days=3)])
async def test_a_clock_change_loses_no_pair_and_no_vote(desk: Desk, jump: timedelta) -> None:
    arena = await desk.put()
    raters = [await desk.rater(arena) for _ in range(3)]
    shown = [await desk.next(rater, arena) for rater in raters]
    assert len({(s.prompt.key, *sorted((s.text_a, s.text_b))) for s in shown}) >= 1

    desk.at += jump
    for rater, pair in zip(raters, shown, strict=True):
        assert (await desk.next(rater, arena)).battle_id == pair.battle_id
        await desk.voting.vote(rater, arena, pair.battle_id, outcome="tie")
    for rater in raters:
        while isinstance(one := await desk.service.next(rater, arena), Shown):
            await desk.voting.vote(rater, arena, one.battle_id, outcome="tie")

    progress = await desk.progress.of(arena)
    assert (progress.ratings, progress.pairs_done, progress.late) == (6, 6, 0)
    votes = await desk.database.votes.recent(arena.id, limit=99)
    assert len({vote.battle_id for vote in votes}) == 6
    assert all(vote.seconds is None or vote.seconds >= 0 for vote in votes)


async def test_late_answers_are_found_and_failed_ones_wait(desk: Desk) -> None:
    arena = await desk.put()
    missing = desk.replays.pop(("one", "First"))
    ann = await desk.rater(arena)
    assert (await desk.service.standing(ann, arena)).arena_total == 4

    one = next(c for c in await desk.pool.contestants(arena) if c.name == "one")
    first = next(p for p in await desk.pool.prompts(arena) if p.key == "First")
    await desk.database.prepared.put(
        PreparedAnswer(
            prompt_id=first.id,
            contestant_id=one.id,
            arena_id=arena.id,
            source="import",
            text=missing,
            style=style_of(missing),
            created_at=desk.at,
        )
    )
    assert (await desk.service.standing(ann, arena)).arena_total == 4
    desk.ticks += LOOK_AGAIN_S
    assert (await desk.service.standing(ann, arena)).arena_total == 6


async def test_a_vote_too_soon_after_the_pair_was_shown_does_not_count(desk: Desk) -> None:
    arena = await desk.put(rules=VoteRules(min_seconds=2.0))
    ann = await desk.rater(arena)
    for seconds in (1.0, 5.0, 6.0):
        shown = await desk.next(ann, arena)
        desk.at += timedelta(seconds=seconds)
        await desk.voting.vote(ann, arena, shown.battle_id, outcome="tie")

    assert await desk.database.counts.excluded(arena.id) == {"too-fast": 1}
    standing = await desk.service.standing(ann, arena)
    assert standing.minutes_left == pytest.approx(5.0 * 3 / 60)


async def test_a_switched_off_contestant_is_not_shown(desk: Desk) -> None:
    arena = await desk.put()
    ann = await desk.rater(arena)
    (one, *_) = await desk.pool.contestants(arena)
    await desk.database.arenas.set_enabled(one.id, False)
    desk.pool.forget()

    shown = await desk.next(ann, arena)

    battle = await desk.database.battles.get(shown.battle_id)
    assert battle is not None
    assert one.id not in (battle.contestant_a, battle.contestant_b)
    assert shown.standing.arena_total == 2


def test_agreement_of_all_and_between_groups() -> None:
    """Two groups of one rater each: nine pairs alike, three not."""
    pairs = [uuid7() for _ in range(12)]
    said = ["first"] * 6 + ["second"] * 4 + ["tie"] * 2
    ratings = [Rating(p, "ann", "day", s) for p, s in zip(pairs, said, strict=True)]  # type: ignore[arg-type]
    other = [*said[:9], "tie", "first", "both_bad"]
    ratings += [Rating(p, "bob", "night", s) for p, s in zip(pairs, other, strict=True)]  # type: ignore[arg-type]

    everyone, between = agreements([*ratings, Rating(uuid7(), "ann", "day", "tie")])

    assert (everyone.pairs, everyone.ratings, everyone.share_equal) == (12, 24, 0.75)
    assert everyone.alpha is not None
    assert everyone.alpha_lower is not None
    assert everyone.alpha_upper is not None
    assert everyone.alpha_lower < everyone.alpha < everyone.alpha_upper
    assert (between.groups, between.pairs, between.share_equal) == (("day", "night"), 12, 0.75)
    by_chance = (6 * 7 + 4 * 3 + 2 * 1) / 144
    assert between.alpha == pytest.approx(1 - 0.25 / (1 - by_chance))


def test_without_overlap_nothing_is_said() -> None:
    (everyone,) = agreements([])

    assert (everyone.pairs, everyone.share_equal, everyone.alpha) == (0, None, None)
