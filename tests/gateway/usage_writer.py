"""A process that uses the gateway's desk until SIGTERM; run by `test_usage_log` with a folder.

Prints how many rows are written once 700 are, goes on adding, and at the end how many it added.
"""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from blindarena.bootstrap.gateway_keys import KeyringDesk
from blindarena.domain.ids import uuid7
from blindarena.domain.usage import UsageRow
from blindarena.settings.gateway import Gateway
from blindarena.storage import Database


def row() -> UsageRow:
    return UsageRow(
        uuid7(), datetime.now(UTC), "r", None, "chat", "m", None, False,
        1, 1, 0, True, None, None, 0.1, 200,
    )  # fmt: skip


async def main(folder: Path) -> None:
    database = await Database.open(f"sqlite:///{folder / 'test.db'}")
    desk = KeyringDesk(Gateway(), database=database, folder=folder, now=lambda: datetime.now(UTC))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await desk.open()
    for _ in range(700):
        desk.usage.add(row())
    added = 700
    while not (sums := await database.usage.sums()) or sums[0].requests < 700:
        await asyncio.sleep(0.02)
    print("written", added, flush=True)
    while not stop.is_set():
        desk.usage.add(row())
        added += 1
        await asyncio.sleep(0.001)
    await desk.close()
    await database.close()
    print("added", added, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
