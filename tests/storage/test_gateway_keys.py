"""Keys of the gateway and the counters of their limits, in memory and on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.domain.ids import uuid7
from blindarena.domain.key_counters import Ask, Room, Share, Taken
from storage.conftest import AnyDatabase

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(seconds=15)
ALL = KeyLimits(
    models=("small", "big"),
    requests_per_minute=60,
    tokens_per_minute=10_000,
    usd_per_day=1.5,
    usd_per_month=20.0,
    expires_at=datetime(2027, 1, 1, tzinfo=UTC),
)


def key(name: str = "ci", limits: KeyLimits = ALL) -> ApiKey:
    return ApiKey(uuid7(), name, "ba-abcdef", limits, NOW)


async def test_a_key_is_found_by_hash_and_id(database: AnyDatabase) -> None:
    one, other = key(), replace(key("free", KeyLimits()), created_at=NOW + timedelta(1))
    await database.api_keys.add(other, secret_hash="bb")
    await database.api_keys.add(one, secret_hash="aa")

    assert await database.api_keys.by_hash("aa") == one
    assert await database.api_keys.by_hash("ab") is None
    assert await database.api_keys.by_id(other.id) == other
    assert await database.api_keys.by_id(uuid7()) is None
    assert await database.api_keys.by_ids([one.id, uuid7()]) == [one]
    assert await database.api_keys.by_ids([]) == []
    assert await database.api_keys.all() == [one, other]


async def test_a_key_is_changed_revoked_once_and_touched(database: AnyDatabase) -> None:
    one = key()
    await database.api_keys.add(one, secret_hash="aa")

    assert await database.api_keys.change(one.id, name="new", limits=KeyLimits())
    assert not await database.api_keys.change(uuid7(), name="new", limits=KeyLimits())
    assert await database.api_keys.revoke(one.id, at=NOW)
    assert not await database.api_keys.revoke(one.id, at=NOW + timedelta(1))
    assert not await database.api_keys.revoke(uuid7(), at=NOW)
    for day in (date(2026, 3, 2), date(2026, 3, 1)):  # a late report does not turn it back
        await database.api_keys.touch([one.id], day=day)

    assert await database.api_keys.by_hash("aa") == replace(
        one, name="new", limits=KeyLimits(), revoked_at=NOW, last_used_on=date(2026, 3, 2)
    )


def ask(need: int, want: int = 0, *, limit: int = 100, period: int = 7, **own: int) -> Ask:
    share = Share("day", period, own.get("spent", 0), own.get("held", 0), own.get("reserved", 0))
    return Ask(share, limit, need, max(need, want), share.reserved + need)


async def stored_key(database: AnyDatabase) -> UUID:
    one = key()
    await database.api_keys.add(one, secret_hash="aa")
    return one.id


async def test_slices_shrink_and_needs_are_met_or_refused(database: AnyDatabase) -> None:
    key_id, a, b = await stored_key(database), uuid7(), uuid7()
    take = database.key_counters.take

    first = await take(key_id, a, [ask(1, 50)], now=NOW, until=UNTIL)
    second = await take(key_id, b, [ask(1, 50)], now=NOW, until=UNTIL)
    third = await take(key_id, b, [ask(80, 90, held=11)], now=NOW, until=UNTIL)
    fourth = await take(key_id, b, [ask(77, 90, held=11)], now=NOW, until=UNTIL)
    last = await take(key_id, a, [ask(1, held=12)], now=NOW, until=UNTIL)

    assert first == Taken((12,), (Room(100, 0),))  # an eighth of what is left
    assert second == Taken((11,), (Room(88, 0),))
    assert third == Taken(None, (Room(77, 0),))
    assert fourth == Taken((77,), (Room(77, 0),))
    assert last == Taken(None, (Room(0, 0),))
    assert sorted(s.held for s in await database.key_counters.shares(key_id)) == [12, 88]


async def test_all_needs_or_nothing(database: AnyDatabase) -> None:
    key_id, a = await stored_key(database), uuid7()
    month = Ask(Share("month", 3, 0, 0, 0), 1, 2, 2, 2)

    refused = await database.key_counters.take(key_id, a, [ask(1), month], now=NOW, until=UNTIL)

    assert refused == Taken(None, (Room(100, 0), Room(1, 0)))
    assert await database.key_counters.shares(key_id) == []


async def test_of_a_holder_that_died_the_spent_and_the_reserved_count(
    database: AnyDatabase,
) -> None:
    key_id, dead, alive = await stored_key(database), uuid7(), uuid7()
    share = Share("day", 7, 20, 30, 10)
    await database.key_counters.report(dead, [(key_id, share)], until=UNTIL)

    before = await database.key_counters.take(key_id, alive, [ask(60)], now=NOW, until=UNTIL)
    after = await database.key_counters.take(key_id, alive, [ask(60)], now=UNTIL, until=UNTIL)

    assert before == Taken(None, (Room(50, 20),))
    assert after == Taken((60,), (Room(70, 20),))


async def test_a_new_period_begins_at_nothing_and_old_rows_go(database: AnyDatabase) -> None:
    key_id, a = await stored_key(database), uuid7()
    await database.key_counters.report(a, [(key_id, Share("day", 6, 99, 1, 0))], until=UNTIL)
    await database.key_counters.report(a, [(key_id, Share("day", 6, 99, 1, 0))], until=UNTIL)

    taken = await database.key_counters.take(
        key_id, uuid7(), [ask(100)], now=NOW, until=UNTIL + timedelta(1)
    )

    assert taken.given == (100,)
    assert await database.key_counters.purge(before=UNTIL + timedelta(seconds=1)) == 1
    assert await database.key_counters.shares(key_id) == [Share("day", 7, 0, 100, 100)]
    await database.key_counters.report(a, [], until=UNTIL)
