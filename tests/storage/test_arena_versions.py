"""The versions of an arena: what is new, what comes back, what never mixes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from blindarena.domain.arenas import Arena, Contestant, Prompt, VersionDraft
from blindarena.domain.boards import PairCount
from blindarena.domain.ids import uuid7
from blindarena.storage import Database, schema
from storage.builders import World, arena, later, world
from storage.conftest import AnyDatabase


def draft(hash_: str, who: str = "Server") -> VersionDraft:
    return VersionDraft(hash_, {"compared": {"question": hash_}, "file": "x = 1"}, later(), who)


def contestant(arena: Arena, name: str, fingerprint: str, **given: Any) -> Contestant:
    return Contestant(uuid7(), arena.id, name, fingerprint=fingerprint, **given)


async def test_versions_are_numbered_by_what_is_compared(database: AnyDatabase) -> None:
    given, made = arena(), [draft("one"), draft("two", "Owner")]

    first = await database.arenas.put(given, [], [], draft=made[0])
    again = await database.arenas.put(replace(given, title="New"), [], [], draft=draft("one"))
    second = await database.arenas.put(given, [], [], draft=made[1])

    assert [a.version for a in (first, again, second)] == [1, 1, 2]
    assert (await database.arenas.by_slug("support")) == second
    stored = await database.arenas.versions(given.id)
    assert [(v.number, v.hash, v.document, v.created_at, v.who) for v in stored] == [
        (n + 1, d.hash, d.document, d.at, d.who) for n, d in enumerate(made)
    ]


async def test_a_change_that_is_taken_back_goes_back_to_its_version(database: AnyDatabase) -> None:
    given = arena()
    for hash_ in ("one", "two", "one"):
        stored = await database.arenas.put(given, [], [], draft=draft(hash_))

    assert stored.version == 1
    assert [v.number for v in await database.arenas.versions(given.id)] == [1, 2]
    third = await database.arenas.put(given, [], [], draft=draft("three"))
    assert third.version == 3


async def test_arenas_are_numbered_apart_and_without_a_draft_not_at_all(
    database: AnyDatabase,
) -> None:
    one, two, three = arena("one"), arena("two"), arena("three")
    for given in (one, two):
        assert (await database.arenas.put(given, [], [], draft=draft("same"))).version == 1
    assert (await database.arenas.put(three, [], [])).version == 1

    assert await database.arenas.versions(three.id) == []
    assert len(await database.arenas.versions(two.id)) == 1


async def test_a_changed_contestant_is_a_new_one_of_the_same_name(database: AnyDatabase) -> None:
    given = arena()
    old, kept = contestant(given, "a", "1", system="Old"), contestant(given, "b", "1")
    await database.arenas.put(given, [old, kept], [], draft=draft("one"))

    new = contestant(given, "a", "2", system="New")
    again = replace(contestant(given, "b", "1"), description="told anew")
    await database.arenas.put(given, [new, again], [], draft=draft("two"))

    same = replace(again, id=kept.id)
    assert await database.arenas.contestants(given.id) == [new, same]
    assert await database.arenas.contestants(given.id, retired=True) == [new, same, old]

    await database.arenas.put(given, [replace(old, id=uuid7()), kept], [], draft=draft("one"))

    assert await database.arenas.contestants(given.id, retired=True) == [old, kept, new]


async def test_a_changed_prompt_is_a_new_one_and_the_old_one_stays(database: AnyDatabase) -> None:
    given = arena()
    old = Prompt(uuid7(), given.id, "t", "Old", fingerprint="1")
    new = Prompt(uuid7(), given.id, "t", "New", fingerprint="2")
    await database.arenas.put(given, [], [old], draft=draft("one"))
    await database.arenas.put(given, [], [new], draft=draft("two"))

    assert await database.arenas.prompts(given.id) == [new]
    everything = await database.arenas.prompts(given.id, retired=True)
    assert sorted(p.text for p in everything) == ["New", "Old"]


async def test_the_owners_switch_goes_over_to_the_new_contestant(database: AnyDatabase) -> None:
    given = arena()
    olds = [contestant(given, "off", "1"), contestant(given, "on", "1", enabled=False)]
    await database.arenas.put(given, [*olds, contestant(given, "c", "1")], [], draft=draft("one"))
    await database.arenas.set_enabled(olds[0].id, False)
    await database.arenas.set_enabled(olds[1].id, True)

    news = [contestant(given, name, "2") for name in ("off", "on", "c")]
    await database.arenas.put(given, news, [], draft=draft("two"))

    listed = await database.arenas.contestants(given.id)
    assert {c.name: c.enabled for c in listed} == {"off": False, "on": True, "c": True}


async def test_what_was_there_before_versions_belongs_to_the_first(database: AnyDatabase) -> None:
    w = await world(database, contestants=2, prompts=1)
    given = [replace(c, id=uuid7(), fingerprint=f"f{c.name}") for c in w.contestants]
    tickets = [replace(p, id=uuid7(), fingerprint="t") for p in w.prompts]

    stored = await database.arenas.put(w.arena, given, tickets, draft=draft("one"))

    assert stored.version == 1
    found = await database.arenas.contestants(w.arena.id, retired=True)
    assert {c.id for c in found} == {c.id for c in w.contestants}
    assert {c.fingerprint for c in found} == {c.fingerprint for c in given}
    assert [p.id for p in await database.arenas.prompts(w.arena.id, retired=True)] == [
        p.id for p in w.prompts
    ]


async def pairs(w: World, **asked: Any) -> list[PairCount]:
    found: list[PairCount] = await w.database.counts.pairs(
        w.arena.id, **({"population": "people"} | asked)
    )
    return found


async def test_votes_of_two_versions_are_counted_apart(database: AnyDatabase) -> None:
    w = await world(database)
    for version, outcome in ((1, "model_a"), (2, "tie"), (2, "tie")):
        battle = await w.votable(version=version)
        stored = await database.battles.get(battle.id)
        assert stored is not None
        assert stored.version == version
        vote = await w.record(battle, outcome, version=version, category="late")  # type: ignore[arg-type]
        assert vote.version == version
    leaky = await w.votable(version=2)
    await w.record(leaky, version=2, excluded="identity-leak")

    first, second = w.contestants[0].id, w.contestants[1].id
    assert await pairs(w) == [PairCount(first, second, wins_first=1)]
    assert await pairs(w, version=2) == [PairCount(first, second, ties=2)]
    assert await pairs(w, version=2, category="late") == [PairCount(first, second, ties=2)]
    assert await pairs(w, version=3) == []
    newest = await database.votes.recent(w.arena.id, limit=9)
    assert [v.version for v in newest] == [2, 2, 2, 1]
    assert await database.counts.excluded(w.arena.id, version=1) == {}
    assert await database.counts.excluded(w.arena.id, version=2) == {"identity-leak": 1}
    assert await database.counts.excluded(w.arena.id) == {"identity-leak": 1}
    for version, expected in ((1, ["late"]), (2, ["late"]), (3, [])):
        found = await database.counts.categories(w.arena.id, population="people", version=version)
        assert found == expected


async def test_counts_are_added_and_replaced_in_their_version(database: AnyDatabase) -> None:
    w = await world(database)
    pair = PairCount(w.contestants[0].id, w.contestants[1].id, wins_first=3)
    for version in (1, 2):
        await database.counts.add(w.arena.id, [pair], population="simulated", version=version)

    await database.counts.replace(w.arena.id, [], population="simulated", version=2)

    assert await pairs(w, population="simulated") == [pair]
    assert await pairs(w, population="simulated", version=2) == []


async def test_a_prompt_is_met_anew_in_a_new_version(database: AnyDatabase) -> None:
    w = await world(database)
    prompt = w.prompts[0].id
    await w.record(await w.votable(prompt_id=prompt))

    seen = database.battles.prompts_seen
    assert await seen(w.arena.id, "ann", version=1) == {prompt: "voted"}
    assert await seen(w.arena.id, "ann", version=2) == {}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


BEFORE = """
INSERT INTO arenas (id, slug, position, version, settings) VALUES (:arena, 's', 0, 7, :settings);
INSERT INTO contestants (id, arena_id, name, position, switched, retired, settings)
    VALUES (:a, :arena, 'a', 0, true, false, :ca);
INSERT INTO contestants (id, arena_id, name, position, switched, retired, settings)
    VALUES (:b, :arena, 'b', 1, NULL, false, :cb);
INSERT INTO prompts (id, arena_id, key, text, title, category, language, policy, position, retired)
    VALUES (:prompt, :arena, 't', 'Where?', '', '', '', '', 0, false);
INSERT INTO battles (id, arena_id, session_id, voter, contestant_a, contestant_b, probability,
                     policy, consent_version, created_at, status, mode, prompt_id)
    VALUES (:battle, :arena, :session, 'ann', :a, :b, 0.5, 'uniform', '1',
            '2026-01-02 03:04:05+00:00', 'voted', 'battle', :prompt);
INSERT INTO votes (id, battle_id, arena_id, voter, outcome, created_at, category, reasons, comment)
    VALUES (:vote, :battle, :arena, 'ann', 'tie', '2026-01-02 03:04:05+00:00', '', '[]', '');
INSERT INTO pair_counts (arena_id, population, category, first, second, wins_first, wins_second,
                         ties, both_bad)
    VALUES (:arena, 'people', '', :a, :b, 0, 0, 1, 0)
"""


async def test_rows_from_before_versions_are_carried_over(empty_url: str) -> None:
    opened = await Database.open(empty_url)
    names = ("arena", "a", "b", "prompt", "battle", "session", "vote")
    ids = {name: uuid7() for name in names}
    made = replace(arena("s"), id=ids["arena"])
    two = [replace(Contestant(uuid7(), made.id, name), id=ids[name]) for name in "ab"]

    def old(connection: Connection) -> None:
        with schema._config() as config:
            assert isinstance(config, Config)
            config.attributes["connection"] = connection
            command.upgrade(config, "0004")
        from blindarena.storage.types import Id, Json

        dialect = connection.dialect
        bound = {k: Id().process_bind_param(v, dialect) for k, v in ids.items()}
        written = {"settings": made, "ca": two[0], "cb": two[1]}
        bound |= {k: Json().process_bind_param(v, dialect) for k, v in written.items()}
        for statement in BEFORE.split(";"):
            used = {k: v for k, v in bound.items() if f":{k}" in statement}
            connection.execute(text(statement), used)

    try:
        await opened._runner.migrate(old)
        assert await opened.schema_version() == "0004"
        assert await opened.migrate() == Database.newest_schema()

        assert await opened.arenas.by_slug("s") == made
        assert [c.id for c in await opened.arenas.contestants(made.id)] == [ids["a"], ids["b"]]
        assert await opened.arenas.versions(made.id) == []
        battle = await opened.battles.get(ids["battle"])
        assert battle is not None
        assert (battle.version, battle.prompt_id) == (1, ids["prompt"])
        [vote] = await opened.votes.recent(made.id, limit=9)
        assert (vote.version, vote.outcome) == (1, "tie")
        counted = await opened.counts.pairs(made.id, population="people")
        assert counted == [PairCount(ids["a"], ids["b"], ties=1)]
        assert await opened.counts.version(made.id) == 7

        given = [replace(c, id=uuid7(), fingerprint="f") for c in two]
        stored = await opened.arenas.put(made, given, [], draft=draft("one"))
        assert (stored.id, stored.version) == (made.id, 1)
        listed = await opened.arenas.contestants(made.id, retired=True)
        assert [(c.id, c.enabled) for c in listed] == [(ids["a"], True), (ids["b"], True)]
    finally:
        await opened.close()
