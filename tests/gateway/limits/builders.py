"""Keys and doorkeepers on stores in memory, with a clock that is turned by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from blindarena.domain.api_keys import ApiKey, KeyLimits
from blindarena.domain.ids import uuid7
from blindarena.gateway.limits.doorkeeper import KeyDoorkeeper
from blindarena.gateway.limits.secrets import SHOWN, new_secret, secret_hash
from blindarena.gateway.ports import Estimate
from blindarena.testing.memory_gateway import MemoryApiKeys, MemoryKeyCounters

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC).timestamp()


@dataclass
class World:
    keys: Any = field(default_factory=MemoryApiKeys)
    counters: Any = field(default_factory=MemoryKeyCounters)
    time: float = NOON

    def keeper(self, **options: Any) -> KeyDoorkeeper:
        return KeyDoorkeeper(
            options.pop("keys", self.keys),
            options.pop("counters", self.counters),
            holder=uuid7(),
            clock=lambda: self.time,
            **options,
        )

    async def key(self, **limits: Any) -> tuple[str, ApiKey]:
        secret = new_secret()
        at = datetime.fromtimestamp(self.time, UTC)
        key = ApiKey(uuid7(), "ci", secret[:SHOWN], KeyLimits(**limits), at)
        await self.keys.add(key, secret_hash=secret_hash(secret))
        return secret, key


def use(tokens: int = 0, usd: float | None = 0.0) -> Estimate:
    return Estimate(tokens, usd)
