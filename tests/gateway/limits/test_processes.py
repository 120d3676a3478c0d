"""Two real processes share the limits of one key on one real database."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.domain.ids import uuid7
from blindarena.gateway.limits.secrets import new_secret, secret_hash
from blindarena.storage import Database
from sqlite import prepare

SPENDER = Path(__file__).with_name("spender.py")
BUDGET = 500_000_000  # for 250 requests; both together can make many more


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    address = f"sqlite:///{tmp_path / 'test.db'}"
    prepare(address)
    return address


@pytest.mark.slow
async def test_a_budget_is_spent_and_never_passed(url: str) -> None:
    secret, key_id = new_secret(), uuid7()
    limits = KeyLimits(usd_per_day=BUDGET / 1e9, usd_per_month=1.0)
    database = await Database.open(url)
    key = ApiKey(key_id, "two", "ba-", limits, datetime.now(UTC))
    await database.api_keys.add(key, secret_hash=secret_hash(secret))
    command = [sys.executable, str(SPENDER), url, secret, "2.5"]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    def play() -> list[str]:
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in running:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        return [one.communicate(timeout=60)[0] for one in running]

    said = [line.split() for line in await asyncio.to_thread(play)]

    assert [one.returncode for one in running] == [0, 0]
    spent = sum(int(nano) for _, nano in said)
    assert BUDGET * 0.99 <= spent <= BUDGET
    assert all(int(number) > 0 for number, _ in said)
    shares = await database.key_counters.shares(key_id)
    assert sum(s.spent for s in shares if s.kind == "day") == spent
    await database.close()
