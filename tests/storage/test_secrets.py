"""Sealed secrets and logins under way, on both databases; the sessions of people who logged in."""

from datetime import timedelta

import pytest

from blindarena.domain.logins import Login
from blindarena.storage import Database
from storage.builders import START, later, session
from storage.conftest import AnyDatabase


async def test_a_secret_is_replaced_and_forgotten(stored: Database) -> None:
    at = later()
    await stored.secrets.put("one", "k:a", START)
    await stored.secrets.put("two", "k:b", START)
    await stored.secrets.put("one", "k:c", at)
    assert await stored.secrets.all() == {"one": ("k:c", at), "two": ("k:b", START)}

    await stored.secrets.delete("one")
    await stored.secrets.delete("one")
    assert list(await stored.secrets.all()) == ["two"]


async def test_all_are_sealed_anew_or_none(stored: Database) -> None:
    for name in ("one", "two"):
        await stored.secrets.put(name, f"old:{name}", START)

    def fails(name: str, sealed: str) -> str:
        if name == "two":
            raise ValueError("cannot")
        return "new"

    with pytest.raises(ValueError, match="cannot"):
        await stored.secrets.reseal(fails)
    assert {s for s, _ in (await stored.secrets.all()).values()} == {"old:one", "old:two"}

    assert await stored.secrets.reseal(lambda name, sealed: sealed.replace("old", "new")) == 2
    assert await stored.secrets.all() == {"one": ("new:one", START), "two": ("new:two", START)}


async def test_a_login_is_taken_once_and_old_ones_go(stored: Database) -> None:
    old = Login("old", "b", "v", "n", "/", START)
    now = START + timedelta(minutes=1)
    login = Login("new", "b", "v", "n", "/owner", now + timedelta(minutes=10))
    await stored.logins.begin(old, now=START - timedelta(minutes=1))
    await stored.logins.begin(login, now=now)

    assert await stored.logins.take("old") is None
    assert await stored.logins.take("new") == login
    assert await stored.logins.take("new") is None


async def test_who_logged_in_keeps_role_subject_and_end(database: AnyDatabase) -> None:
    given = session(is_reviewer=True, subject="abc", until=START + timedelta(hours=1))
    await database.sessions.add(given)

    found = await database.sessions.by_secret_hash(given.secret_hash)

    assert found == given
    assert found is not None
    assert found.role == "reviewer"
