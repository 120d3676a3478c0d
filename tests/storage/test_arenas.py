from dataclasses import replace

from blindarena.domain.arenas import Arena, Consent, Contestant, Prompt, Recipient
from blindarena.domain.chat import Parameters
from blindarena.domain.ids import uuid7
from storage.builders import arena
from storage.conftest import AnyDatabase


def full_arena() -> Arena:
    """Every field differs from its default, so a lost one shows."""
    return Arena(
        id=uuid7(),
        slug="full",
        title="Every field",
        kind="replay",
        consent=Consent("2", "Text", (Recipient("Vendor", "EU", "30 days", True), Recipient("Us"))),
        question="Which?",
        description="Long",
        notice="written for this demo",
        owner="owner@example.org",
        read_only=True,
        prompt_mode="prepared",
        follow_ups=False,
        reasons=("accurate", "too long"),
        suggested_prompts=("Why?",),
        sampling="versus_baseline",
        baseline="curt",
        start_together_s=1.5,
        min_votes=7,
        margin=30.0,
        anchor=("curt", 1114.0),
        retention_days=90,
        source="somewhere, 2024",
    )


def full_contestant(arena: Arena, name: str = "curt") -> Contestant:
    return Contestant(
        id=uuid7(),
        arena_id=arena.id,
        name=name,
        deployments=("one", "two"),
        description="Says little",
        organization="Org",
        license="MIT",
        system="Be brief. ☂",
        parameters=Parameters(temperature=0.2, top_p=0.9, max_tokens=5, seed=1, stop=("END",)),
        aliases=("Curt", "Org"),
        weight=2.5,
        enabled=False,
    )


def prompt(arena: Arena, key: str, *, position: int = 0, text: str = "Where is it?") -> Prompt:
    return Prompt(uuid7(), arena.id, key, text, "Title", "lost", "en", "Be kind", position)


async def test_everything_comes_back_as_it_was_put(database: AnyDatabase) -> None:
    given = full_arena()
    contestant, ticket = full_contestant(given), prompt(given, "t1")

    assert await database.arenas.put(given, [contestant], [ticket]) == given

    assert await database.arenas.by_slug("full") == given
    assert await database.arenas.all() == [given]
    assert await database.arenas.contestants(given.id) == [contestant]
    assert await database.arenas.prompts(given.id) == [ticket]


async def test_an_unknown_arena_is_none_and_has_nothing(database: AnyDatabase) -> None:
    assert await database.arenas.by_slug("nowhere") is None
    assert await database.arenas.contestants(uuid7()) == []
    assert await database.arenas.prompts(uuid7()) == []


async def test_ids_last_when_a_configuration_is_put_again(database: AnyDatabase) -> None:
    old = full_arena()
    first, ticket = full_contestant(old), prompt(old, "t1")
    await database.arenas.put(old, [first], [ticket])

    new = replace(full_arena(), title="Renamed", margin=None)
    stored = await database.arenas.put(
        new,
        [replace(full_contestant(new), description="New words")],
        [prompt(new, "t1", text="Changed")],
    )

    assert stored == replace(new, id=old.id)
    assert await database.arenas.by_slug("full") == stored
    assert await database.arenas.contestants(old.id) == [replace(first, description="New words")]
    assert await database.arenas.prompts(old.id) == [replace(ticket, text="Changed")]


async def test_what_is_no_longer_given_is_retired_and_can_return(database: AnyDatabase) -> None:
    given = arena()
    a, b, c = (Contestant(uuid7(), given.id, name) for name in ("a", "b", "c"))
    tickets = [prompt(given, key, position=n) for n, key in enumerate(("x", "y"))]
    await database.arenas.put(given, [a, b, c], tickets)

    await database.arenas.put(given, [c, b], tickets[1:])

    assert await database.arenas.contestants(given.id) == [c, b]
    assert await database.arenas.contestants(given.id, retired=True) == [c, b, a]
    assert await database.arenas.prompts(given.id) == tickets[1:]

    await database.arenas.put(given, [a, b, c], tickets)

    assert await database.arenas.contestants(given.id, retired=True) == [a, b, c]
    assert await database.arenas.prompts(given.id) == tickets


async def test_an_arena_may_lose_all_contestants_and_prompts(database: AnyDatabase) -> None:
    given = arena()
    await database.arenas.put(given, [Contestant(uuid7(), given.id, "a")], [prompt(given, "x")])

    await database.arenas.put(given, [], [])

    assert await database.arenas.contestants(given.id) == []
    assert await database.arenas.prompts(given.id) == []


async def test_the_owners_switch_outlasts_the_configuration(database: AnyDatabase) -> None:
    given = arena()
    off, on = (
        Contestant(uuid7(), given.id, name, enabled=enabled)
        for name, enabled in (("off", False), ("on", True))
    )
    await database.arenas.put(given, [off, on], [])

    await database.arenas.set_enabled(off.id, True)
    await database.arenas.set_enabled(on.id, False)
    await database.arenas.put(given, [off, on], [])

    listed = await database.arenas.contestants(given.id)
    assert {c.name: c.enabled for c in listed} == {"off": True, "on": False}


async def test_the_configuration_decides_what_the_owner_never_switched(
    database: AnyDatabase,
) -> None:
    given = arena()
    contestant = Contestant(uuid7(), given.id, "a", enabled=False)
    await database.arenas.put(given, [contestant], [])

    await database.arenas.put(given, [replace(contestant, enabled=True)], [])

    assert [c.enabled for c in await database.arenas.contestants(given.id)] == [True]


async def test_switching_an_unknown_contestant_changes_nothing(database: AnyDatabase) -> None:
    await database.arenas.set_enabled(uuid7(), True)

    assert await database.arenas.all() == []


async def test_arenas_keep_the_order_in_which_they_were_first_put(database: AnyDatabase) -> None:
    slugs = ["zebra", "ant", "mole"]
    for slug in [*slugs, "zebra"]:
        await database.arenas.put(arena(slug), [], [])

    assert [a.slug for a in await database.arenas.all()] == slugs


async def test_prompts_come_by_position(database: AnyDatabase) -> None:
    given = arena()
    tickets = [prompt(given, key, position=at) for key, at in (("a", 2), ("b", 0), ("c", 1))]
    await database.arenas.put(given, [], tickets)

    assert [p.key for p in await database.arenas.prompts(given.id)] == ["b", "c", "a"]


async def test_two_arenas_may_use_the_same_names(database: AnyDatabase) -> None:
    one, two = arena("one"), arena("two")
    for each in (one, two):
        await database.arenas.put(
            each, [Contestant(uuid7(), each.id, "model")], [prompt(each, "t")]
        )
    await database.arenas.put(one, [], [])

    assert len(await database.arenas.contestants(two.id)) == 1
    assert len(await database.arenas.prompts(two.id)) == 1
