"""Time-ordered identifiers."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a new UUID version 7: 48 bits of Unix milliseconds, then 74 random bits.

    Source: RFC 9562, section 5.7. (The standard library has it from Python 3.14 on.)
    """
    random = int.from_bytes(os.urandom(10), "big")
    value = (time.time_ns() // 1_000_000) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
