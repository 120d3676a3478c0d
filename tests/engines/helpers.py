"""What several tests of engines need."""

import asyncio
import os
import struct
from collections.abc import Callable
from pathlib import Path

GGUF_BYTES = struct.pack("<4sIQQ", b"GGUF", 3, 1, 0) + bytes(range(256)) * 40


async def until(condition: Callable[[], bool], *, seconds: float = 15.0) -> None:
    """Wait for a condition; fail where it does not come true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def runs(pid: int) -> bool:
    """Say whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return not Path("/proc/self").exists()
    return state != "Z"
