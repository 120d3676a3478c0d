"""Pictures belong to a message of a battle, come and go with it, and are its voter's."""

from base64 import b64encode
from pathlib import Path
from uuid import uuid4

import pyarrow.parquet as pq

from blindarena.domain.battles import Battle
from blindarena.domain.chat import Image
from blindarena.domain.images import SentPicture
from blindarena.storage import Database
from storage.builders import World, turn, world
from storage.conftest import AnyDatabase

RED = SentPicture(Image("image/png", b"red \x00\xff"), 4, 3)
BLUE = SentPicture(Image("image/jpeg", b"blue"), 2, 1)


async def send(
    w: World, battle: Battle, number: int, *images: SentPicture, status: str = "complete"
) -> None:
    made = turn(battle, number=number, attempt=1 if status == "complete" else 0)
    assert await w.database.battles.start_turn(made, images=images)
    await w.database.battles.end_turn(
        made.id, [], status=status, battle_status="votable" if status == "complete" else "waiting"
    )


async def test_pictures_are_read_as_they_were_sent(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle(images=True)
    await send(w, battle, 1, RED, BLUE)
    await send(w, battle, 2)
    await send(w, battle, 3, RED)

    assert (await database.battles.get(battle.id)).images
    listed = await database.images.listed(battle.id)
    assert [(p.number, p.position, p.media_type) for p in listed] == [
        (1, 0, "image/png"),
        (1, 1, "image/jpeg"),
        (3, 0, "image/png"),
    ]
    assert [(p.width, p.height, p.size, p.digest) for p in listed[:2]] == [
        (4, 3, 6, RED.digest),
        (2, 1, 4, BLUE.digest),
    ]
    assert await database.images.sent(battle.id, upto=2) == {1: (RED.image, BLUE.image)}
    assert await database.images.one(battle.id, listed[1].id) == BLUE.image
    assert await database.images.one(uuid4(), listed[1].id) is None
    assert await database.images.one(battle.id, uuid4()) is None


async def test_another_attempt_keeps_or_replaces_them(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle(images=True)
    await send(w, battle, 1, RED, status="interrupted")
    await send(w, battle, 1, BLUE)
    assert await database.images.sent(battle.id, upto=1) == {1: (BLUE.image,)}

    again = turn(battle, number=1, attempt=7)
    assert await database.battles.start_turn(again)
    assert await database.images.sent(battle.id, upto=1) == {1: (BLUE.image,)}


async def test_a_refused_turn_stores_none(database: AnyDatabase) -> None:
    w = await world(database)
    battle = await w.battle(images=True)
    await database.battles.start_turn(turn(battle, number=1))

    assert not await database.battles.start_turn(turn(battle, number=2), images=[RED])
    assert await database.images.listed(battle.id) == []


async def test_export_and_erasure_of_a_voter(stored: Database) -> None:
    w = await world(stored)
    mine, other = await w.battle(images=True), await w.battle(images=True, voter="bob")
    for battle in (mine, other):
        await send(w, battle, 1, RED)

    rows = (await stored.voter_data.rows(w.arena.id, "ann"))["images"]
    assert [row["data"] for row in rows] == [b64encode(RED.image.data).decode()]

    await stored.voter_data.erase(w.arena.id, "ann", label="erased-1")
    [left] = await stored.images.listed(mine.id)
    assert (left.size, left.digest) == (0, "")
    assert await stored.images.sent(other.id, upto=1) == {1: (RED.image,)}


async def test_the_export_counts_them(stored: Database, tmp_path: Path) -> None:
    w = await world(stored)
    battle = await w.votable()
    await stored.battles.start_turn(turn(battle, number=2), images=[RED, BLUE])
    [streaming] = [r.turn for r in await stored.battles.turns(battle.id) if r.turn.number == 2]
    await stored.battles.end_turn(streaming.id, [], status="complete", battle_status="votable")
    await w.record(battle)

    await stored.export_votes(w.arena.id, tmp_path / "votes.parquet")
    assert pq.read_table(tmp_path / "votes.parquet")["images"].to_pylist() == [2]
