"""The vault and the audit log."""

import asyncio

from storage.builders import later
from storage.conftest import AnyDatabase


async def test_the_first_secret_stays(database: AnyDatabase) -> None:
    assert await database.vault.get("salt") is None

    assert await database.vault.put_if_absent("salt", "one") == "one"
    assert await database.vault.put_if_absent("salt", "two") == "one"
    assert await database.vault.get("salt") == "one"

    await database.vault.put("salt", "three")
    await database.vault.put("pepper", "four")
    assert await database.vault.get("salt") == "three"
    assert await database.vault.get("pepper") == "four"


async def test_of_racing_secrets_all_see_the_same(database: AnyDatabase) -> None:
    values = [f"secret {n}" for n in range(8)]

    kept = await asyncio.gather(*(database.vault.put_if_absent("salt", v) for v in values))

    assert len(set(kept)) == 1
    assert kept[0] in values


async def test_audit_lines_come_newest_first(database: AnyDatabase) -> None:
    lines = [(later(), "owner", what, f"about {what}") for what in ("one", "two", "three")]
    for at, who, what, detail in lines:
        await database.audit.add(at=at, who=who, what=what, detail=detail)

    assert await database.audit.recent(limit=2) == [lines[2], lines[1]]
    assert await database.audit.recent(limit=9) == lines[::-1]


async def test_an_audit_line_needs_no_detail(database: AnyDatabase) -> None:
    at = later()
    await database.audit.add(at=at, who="owner", what="logged in")

    assert await database.audit.recent(limit=1) == [(at, "owner", "logged in", "")]
