"""A process that asks as often as it can; run by `test_processes` with a database and a secret.

Prints how many requests were let in and what they spent, in billionths of a dollar.
"""

import asyncio
import sys
import time

from blindarena.domain.ids import uuid7
from blindarena.errors import GatewayError
from blindarena.gateway.limits.doorkeeper import KeyDoorkeeper
from blindarena.gateway.ports import Estimate
from blindarena.storage import Database

MOST, USED = 3_000_000, 2_000_000


async def main(url: str, secret: str, seconds: float) -> None:
    database = await Database.open(url)
    keeper = KeyDoorkeeper(
        database.api_keys, database.key_counters, holder=uuid7(), clock=time.time
    )
    admitted, end = 0, time.monotonic() + seconds

    async def client() -> None:
        nonlocal admitted
        while time.monotonic() < end:
            try:
                one = await keeper.admit(secret, model="m", estimate=Estimate(10, MOST / 1e9))
            except GatewayError as error:
                if error.status != 429:
                    raise
                await asyncio.sleep(0.02)
                continue
            await asyncio.sleep(0.001)
            one.settle(tokens=5, cost_usd=USED / 1e9)
            admitted += 1

    async def reporter() -> None:
        while time.monotonic() < end:
            await asyncio.sleep(0.1)
            await keeper.report()

    print("ready", flush=True)
    sys.stdin.readline()
    end = time.monotonic() + seconds
    await asyncio.gather(reporter(), *(client() for _ in range(8)))
    await keeper.close()
    await database.close()
    print(admitted, admitted * USED, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
