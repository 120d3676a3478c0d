"""An upstream that is slow: the others carry the load, and nobody waits behind it."""

import asyncio
from collections import Counter

from blindarena.gateway.routing.routes import ModelRoute
from blindarena.testing import Behaviour
from web.openai.gate import gate

ASK = {"model": "m1", "messages": [{"role": "user", "content": "Hello"}]}


async def test_the_others_carry_the_load_of_a_slow_one() -> None:
    async with gate(
        models={"m1": ModelRoute(("slow", "fast"))}, upstreams={"slow": "", "fast": ""}
    ) as found:
        found.upstream.behaviours["up-slow"] = Behaviour(first_delay_s=1.0)
        found.upstream.behaviours["up-fast"] = Behaviour(first_delay_s=0.01)

        async def client() -> None:
            for _ in range(10):
                reply, _ = await found.post("/v1/chat/completions", ASK)
                assert reply.status == 200

        await asyncio.gather(*(client() for _ in range(4)))
        asked = Counter(str(one.body["model"]) for one in found.upstream.requests)

    assert asked.total() == 40
    assert asked["up-fast"] > 2 * asked["up-slow"]
