"""Gives a chosen pair to a rater: battle, turn, answers and take, one transaction's work."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from blindarena.domain.battles import SIDES, Battle, Turn
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import Take, Wish
from blindarena.domain.queue_choice import Choice
from blindarena.domain.tallies import stats_of
from blindarena.storage.battles import battle_row
from blindarena.storage.counts import BUMP
from blindarena.storage.import_tables import prepared_answers
from blindarena.storage.prepared import answers_to
from blindarena.storage.queue_rows import take_row
from blindarena.storage.queue_tables import queue_pairs, queue_takes
from blindarena.storage.runner import Runner
from blindarena.storage.standing import padded
from blindarena.storage.tables import answers, battles, prompts, turns
from blindarena.storage.turns import ALL_TURNS, add_stats, answer_row, turn_records, turn_row
from blindarena.storage.types import Id

_ADD_BATTLE = insert(battles)
_ADD_TURN = insert(turns)
_ADD_ANSWERS = insert(answers)
_ADD_TAKE = insert(queue_takes)
_TEXT = select(prompts.c.text).where(prompts.c.id == bindparam("prompt"))
_GENERATION = select(func.coalesce(func.max(queue_takes.c.generation), 0)).where(
    queue_takes.c.arena_id == bindparam("arena")
)
_LAST_NUMBER = select(func.coalesce(func.max(queue_takes.c.number), 0)).where(
    queue_takes.c.arena_id == bindparam("arena"),
    queue_takes.c.version == bindparam("version"),
    queue_takes.c.voter == bindparam("voter"),
)
_GIVE_UP = (
    update(queue_takes)
    .where(
        queue_takes.c.battle_id == bindparam("battle"),
        queue_takes.c.generation == bindparam("seen"),
        queue_takes.c.state == "open",
        queue_takes.c.seat.is_not(None),
    )
    .values(seat=None)
)
_BOTH = [bindparam("one", type_=Id()), bindparam("other", type_=Id())]
_COUNT = (
    update(prepared_answers)
    .where(
        prepared_answers.c.prompt_id == bindparam("prompt"),
        prepared_answers.c.contestant_id.in_(_BOTH),
        prepared_answers.c.counted.is_(False),
    )
    .values(counted=True)
    .returning(prepared_answers.c.contestant_id)
)
_BATTLE = select(
    battles.c.arena_id, battles.c.prompt_id, battles.c.contestant_a, battles.c.contestant_b
).where(battles.c.id == bindparam("battle"))
_VOTED = (
    update(queue_takes)
    .where(
        queue_takes.c.battle_id.in_(bindparam("ids", expanding=True)),
        queue_takes.c.state != "voted",
    )
    .values(state="voted")
    .returning(queue_takes.c.battle_id, queue_takes.c.pair_id, queue_takes.c.seat)
)
_DONE = (
    update(queue_pairs)
    .where(queue_pairs.c.id == bindparam("pair"))
    .values(done=queue_pairs.c.done + 1)
    .returning(queue_pairs.c.wanted)
)
_BUSY = select(func.count()).where(
    queue_takes.c.pair_id == bindparam("pair"),
    queue_takes.c.battle_id != bindparam("battle"),
    or_(queue_takes.c.seat.is_not(None), queue_takes.c.state == "voted"),
)
_LATE = update(queue_takes).where(queue_takes.c.battle_id == bindparam("battle")).values(late=True)


class Giving:
    """Stores what a rater is given."""

    def __init__(self, runner: Runner) -> None:
        self._add_stats = add_stats(runner)

    def __call__(self, connection: Connection, wish: Wish, choice: Choice) -> Take | None:
        """Give the pair; whoever calls this holds the arena's row.

        Returns:
            The take. None, with nothing stored, where an answer is missing by now or the place was
            renewed meanwhile.
        """
        pair = choice.pair
        known = {a.contestant_id: a for a in answers_to(connection, pair.prompt_id)}
        shown = [known.get(pair.first), known.get(pair.second)]
        if any(one is None or one.fault is not None for one in shown):
            return None
        if (old := choice.instead_of) is not None:
            seen = {"battle": old.battle_id, "seen": old.generation}
            if connection.execute(_GIVE_UP, seen).rowcount != 1:
                return None
        battle = wish.battle_of(pair)
        turn = Turn(
            id=uuid7(),
            battle_id=battle.id,
            number=1,
            attempt=1,
            content=connection.execute(_TEXT, {"prompt": pair.prompt_id}).scalar_one(),
            status="complete",
            created_at=wish.at,
            origin="prepared",
        )
        sides = {side: known[battle.contestant(side)] for side in SIDES}
        rows = [answer_row(one.as_answer(turn.id, side)) for side, one in sides.items()]
        connection.execute(_ADD_BATTLE, battle_row(battle))
        connection.execute(_ADD_TURN, turn_row(turn))
        connection.execute(_ADD_ANSWERS, rows)
        take = _take(connection, wish, choice, battle)
        connection.execute(_ADD_TAKE, take_row(take))
        return take

    def count_answers(self, connection: Connection, battle_id: UUID) -> None:
        """Add those answers of a battle to the sums that no vote was cast on before.

        An answer was measured once: shown to ten raters it is still one answer. Apart from the
        vote, because a turn's end takes the sums before the arena's row.
        """
        row = connection.execute(_BATTLE, {"battle": battle_id}).one()
        both = {"prompt": row.prompt_id, "one": row.contestant_a, "other": row.contestant_b}
        fresh = set(connection.scalars(_COUNT, both))
        if not fresh:
            return
        records = turn_records(connection.execute(ALL_TURNS, {"battle": battle_id}))
        sums = [
            asdict(stats_of(answer))
            for answer in records[0].answers.values()
            if answer.contestant_id in fresh
        ]
        connection.execute(self._add_stats, sorted(sums, key=_contestant_id))
        connection.execute(BUMP, {"arena": row.arena_id})


def generation(connection: Connection, arena_id: UUID) -> int:
    """Return the next generation of an arena whose row is held: it only grows."""
    return int(connection.execute(_GENERATION, {"arena": arena_id}).scalar_one()) + 1


def finish_takes(connection: Connection, battle_ids: list[UUID]) -> None:
    """Mark the takes of battles that got their vote, in its transaction; most have none.

    A vote whose place another rater had taken over meanwhile is one more than was wanted: late.
    """
    done = connection.execute(_VOTED, {"ids": padded(sorted(battle_ids))}).all()
    for battle_id, pair_id, seat in done:
        wanted = connection.execute(_DONE, {"pair": pair_id}).scalar_one()
        if seat is None:
            busy = {"pair": pair_id, "battle": battle_id}
            if connection.execute(_BUSY, busy).scalar_one() >= wanted:
                connection.execute(_LATE, {"battle": battle_id})


def _take(connection: Connection, wish: Wish, choice: Choice, battle: Battle) -> Take:
    mine = {"arena": wish.arena_id, "version": wish.version, "voter": wish.voter}
    return Take(
        battle_id=battle.id,
        pair_id=choice.pair.id,
        arena_id=wish.arena_id,
        version=wish.version,
        voter=wish.voter,
        number=int(connection.execute(_LAST_NUMBER, mine).scalar_one()) + 1,
        given_at=wish.at,
        expires_at=wish.at + wish.lasts,
        seat=choice.seat,
        generation=generation(connection, wish.arena_id),
        group=wish.group,
    )


def _contestant_id(row: dict[str, Any]) -> Any:
    """Order rows that are locked one after the other, so that two processes cannot deadlock."""
    return row["contestant_id"]
