"""A battle answered by the real small model on this machine."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from blindarena.bootstrap.demo import plan_demo

from .server import NO_LIMITS, serving

LIVE = "live-small-model"


@pytest.mark.engine
@pytest.mark.timeout(180)
async def test_two_real_battles_with_measured_tokens(real_model: Path, tmp_path: Path) -> None:
    plan = await plan_demo(data_dir=tmp_path, host="127.0.0.1", port=0, model=None, environ={})
    plan = replace(plan, settings=plan.settings.model_copy(update={"limits": NO_LIMITS}))
    environ = {"BLINDARENA_MODELS_DIR": str(real_model.parent.parent)}
    async with serving(plan, environ=environ) as server, server.browser() as browser:
        arena = await server.app.pool.by_slug(LIVE)
        for _ in range(600):
            status, detail = await server.app.arena_status(arena)
            if status == "ready":
                break
            assert status == "loading", detail
            await asyncio.sleep(0.1)
        await browser.consent(LIVE)
        for _ in range(2):  # the second one shows that no dead connection is used again
            battle = await browser.battle(LIVE)
            turn = await browser.turn(battle, "Name one colour of the rainbow.")
            assert turn.events[-1] == ("turn_done", {"turn": 1}), turn.text[-300:]
            reveal = (await browser.vote(battle, "tie")).json
            for side in (reveal["a"], reveal["b"]):
                assert side["contestant"].startswith("SmolLM2")
                assert side["tokens_reported"] is True
                assert 1 <= side["completion_tokens"] <= 256
                assert 0 < side["ttft_s"] <= side["seconds"]
                assert side["cost_usd"] is None
