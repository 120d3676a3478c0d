"""Imports and prepared answers: contract of the three stores."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blindarena.domain.arenas import Prompt
from blindarena.domain.ids import uuid7
from blindarena.domain.imports import Import, ImportedAnswer, ImportedRow, PreparedAnswer
from blindarena.domain.style import style_of
from blindarena.errors import InvalidInputError, NotFoundError

from .builders import World, later, world
from .conftest import AnyDatabase


def made(w: World, digest: str = "d1", **given: Any) -> Import:
    values: dict[str, Any] = {"created_at": later(), "facts": {"rows": 2}}
    return Import(
        id=uuid7(), arena_id=w.arena.id, name="tickets.csv", digest=digest, **(values | given)
    )


async def imported(w: World, *rows: ImportedRow, digest: str = "d1") -> Import:
    begun = made(w, digest)
    await w.database.imports.begin(begun)
    await w.database.imports.stage(begun.id, 0, rows[:1])
    await w.database.imports.stage(begun.id, 1, rows[1:])
    done: Import = await w.database.imports.finish(begun.id, later())
    return done


async def texts(w: World) -> dict[str, str]:
    return {prompt.key: prompt.text for prompt in await w.database.arenas.prompts(w.arena.id)}


def prepared(w: World, prompt: Prompt, at: int = 0, **given: Any) -> PreparedAnswer:
    answer = PreparedAnswer(
        prompt_id=prompt.id,
        contestant_id=w.contestants[at].id,
        arena_id=w.arena.id,
        source="generated",
        text="**Yes.**",
        style=style_of("**Yes.**"),
        created_at=later(),
        asked="hash",
        deployment="d",
        finish_reason="stop",
        prompt_tokens=10,
        completion_tokens=3,
        tokens_reported=True,
        ttft_s=0.5,
        seconds=1.5,
        cost_usd=0.01,
        price="1/2 USD",
    )
    return replace(answer, **given)


async def test_staged_rows_are_seen_by_nobody_until_the_switch(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    begun = made(w)
    await database.imports.begin(begun)
    await database.imports.stage(begun.id, 0, [ImportedRow("a", "First"), ImportedRow("b", "Two")])
    assert await texts(w) == {}
    assert await database.imports.get(begun.id) == begun

    at = later()
    done = await database.imports.finish(begun.id, at)

    assert done == replace(begun, status="done", done_at=at)
    assert await database.imports.of_arena(w.arena.id) == [done]
    assert await texts(w) == {"a": "First", "b": "Two"}
    assert {p.import_id for p in await database.arenas.prompts(w.arena.id)} == {begun.id}


async def test_more_rows_than_one_page_keep_their_order(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    rows = [ImportedRow(f"{n:04d}", f"Text {n}", category="c", language="en") for n in range(501)]

    await imported(w, *rows[::-1])

    found = await database.arenas.prompts(w.arena.id)
    assert [p.key for p in found] == [row.key for row in rows[::-1]]
    assert [p.position for p in found] == list(range(501))


async def test_the_next_start_does_not_retire_imported_prompts(database: AnyDatabase) -> None:
    w = await world(database, prompts=2)
    await imported(w, ImportedRow("x", "Imported"))

    stored = await database.arenas.put(w.arena, w.contestants, w.prompts[:1])

    assert await texts(w) == {"t0": "Ticket 0", "x": "Imported"}
    assert stored.prompt_mode == "prepared"


async def test_an_import_makes_the_prompts_of_its_arena_prepared(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    await imported(w, ImportedRow("x", "Imported"))

    kept = await database.arenas.by_slug(w.arena.slug)
    assert kept is not None
    assert kept.prompt_mode == "prepared"


async def test_the_same_file_again_updates_and_never_doubles(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    await imported(w, ImportedRow("a", "First"), ImportedRow("b", "Second"))
    before = {p.key: p.id for p in await database.arenas.prompts(w.arena.id)}

    await imported(w, ImportedRow("b", "Second"), ImportedRow("c", "Third"))

    after = {p.key: p.id for p in await database.arenas.prompts(w.arena.id)}
    assert set(after) == {"b", "c"}
    assert after["b"] == before["b"]


async def test_another_file_adds_to_what_is_there(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    await imported(w, ImportedRow("a", "First"), digest="one")
    await imported(w, ImportedRow("a", "First, better"), ImportedRow("b", "Two"), digest="two")

    assert await texts(w) == {"a": "First, better", "b": "Two"}


async def test_finishing_again_changes_nothing(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    done = await imported(w, ImportedRow("a", "First"))

    assert await database.imports.finish(done.id, later()) == done
    assert await texts(w) == {"a": "First"}


async def test_an_unknown_import_cannot_be_finished(database: AnyDatabase) -> None:
    with pytest.raises(NotFoundError, match="upload the file again"):
        await database.imports.finish(uuid7(), later())


async def test_a_key_of_the_arenas_own_file_is_refused_and_nothing_is_written(
    database: AnyDatabase,
) -> None:
    w = await world(database, prompts=1)

    with pytest.raises(InvalidInputError, match=r"tickets\.csv: id 't0'"):
        await imported(w, ImportedRow("new", "New"), ImportedRow("t0", "Stolen"))

    assert await texts(w) == {"t0": "Ticket 0"}


async def test_a_staged_import_is_discarded_and_a_done_one_is_not(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    done = await imported(w, ImportedRow("a", "First"), digest="one")
    begun = made(w, "two")
    await database.imports.begin(begun)
    await database.imports.stage(begun.id, 0, [ImportedRow("b", "Second")])

    await database.imports.discard(begun.id)
    await database.imports.discard(done.id)

    assert await database.imports.of_arena(w.arena.id) == [done]


async def test_abandoned_imports_are_forgotten_when_another_begins(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    now = later()
    old = made(w, "old", created_at=now - timedelta(days=2))
    same, young = made(w, "same", created_at=now), made(w, "young", created_at=now)
    for one in (old, same, young):
        await database.imports.begin(one)

    again = made(w, "same", created_at=now + timedelta(seconds=1))
    await database.imports.begin(again)

    assert {one.id for one in await database.imports.of_arena(w.arena.id)} == {young.id, again.id}


async def test_answers_from_the_file_belong_to_their_contestants(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    mine = ImportedAnswer(w.contestants[1].id, "# Hello\nI am *Claude*", leaked=True)
    await imported(w, ImportedRow("a", "First", answers=(mine,)))

    (prompt,) = await database.arenas.prompts(w.arena.id)
    (answer,) = await database.prepared.of_prompt(prompt.id)

    assert answer.source == "import"
    assert answer.contestant_id == w.contestants[1].id
    assert answer.style == style_of(mine.text)
    assert answer.leaked
    assert (answer.cost_usd, answer.seconds, answer.completion_tokens) == (None, None, None)


async def test_a_prepared_answer_comes_back_as_it_was_and_a_later_one_replaces_it(
    database: AnyDatabase,
) -> None:
    w = await world(database, prompts=2)
    failed = prepared(w, w.prompts[0], fault="timeout", text="", style=style_of(""))
    await database.prepared.put(failed)
    assert await database.prepared.of_prompt(w.prompts[0].id) == [failed]

    whole = prepared(w, w.prompts[0])
    await database.prepared.put(whole)
    await database.prepared.put(prepared(w, w.prompts[1], at=2))

    assert await database.prepared.of_prompt(w.prompts[0].id) == [whole]
    states = await database.prepared.states(w.arena.id)
    assert set(states) == {
        (w.prompts[0].id, w.contestants[0].id),
        (w.prompts[1].id, w.contestants[2].id),
    }
    state = states[w.prompts[0].id, w.contestants[0].id]
    assert (state.source, state.asked, state.fault) == ("generated", "hash", None)
    assert (state.completion_tokens, state.cost_usd) == (3, 0.01)


async def test_a_text_that_changed_is_another_prompt_without_answers(database: AnyDatabase) -> None:
    w = await world(database, prompts=0)
    await imported(w, ImportedRow("a", "First"), ImportedRow("b", "Second"))
    first, second = await database.arenas.prompts(w.arena.id)
    for prompt in (first, second):
        await database.prepared.put(prepared(w, prompt))

    await imported(w, ImportedRow("a", "First, changed"), ImportedRow("b", "Second"))

    a, b = await database.arenas.prompts(w.arena.id)
    assert a.id != first.id
    assert first.id in {p.id for p in await database.arenas.prompts(w.arena.id, retired=True)}
    assert await database.prepared.of_prompt(a.id) == []
    assert len(await database.prepared.of_prompt(b.id)) == 1
