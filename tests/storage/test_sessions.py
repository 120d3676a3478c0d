from datetime import datetime, timedelta, timezone

from storage.builders import START, later, session
from storage.conftest import AnyDatabase


async def test_a_session_comes_back_with_its_consents(database: AnyDatabase) -> None:
    given = session(consents=frozenset({"1", "arena-2"}), is_owner=True)
    await database.sessions.add(given)

    assert await database.sessions.by_secret_hash(given.secret_hash) == given
    assert await database.sessions.by_secret_hash("other") is None


async def test_times_are_utc_whatever_zone_they_were_given_in(database: AnyDatabase) -> None:
    given = session(created_at=START.astimezone(timezone(timedelta(hours=5, minutes=30))))
    await database.sessions.add(given)

    found = await database.sessions.by_secret_hash(given.secret_hash)

    assert found is not None
    assert found.created_at == START
    assert isinstance(found.created_at, datetime)
    assert found.created_at.tzinfo is not None


async def test_consent_is_added_once(database: AnyDatabase) -> None:
    given = session()
    await database.sessions.add(given)

    for version in ("1", "1", "2"):
        await database.sessions.add_consent(given.id, version, later())

    found = await database.sessions.by_secret_hash(given.secret_hash)
    assert found is not None
    assert found.consents == {"1", "2"}


async def test_a_deleted_session_is_forgotten(database: AnyDatabase) -> None:
    given, other = session(consents=frozenset({"1"})), session()
    await database.sessions.add(given)
    await database.sessions.add(other)

    await database.sessions.delete(given.id)
    await database.sessions.delete(given.id)

    assert await database.sessions.by_secret_hash(given.secret_hash) is None
    assert await database.sessions.by_secret_hash(other.secret_hash) == other
