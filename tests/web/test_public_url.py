"""Links that are passed on begin with the server's public address where it has one."""

from dataclasses import replace
from pathlib import Path

from .server import serving
from .test_queue import OWNER, owning, replay_plan

PUBLIC = "https://arena.example.org"


async def test_links_to_battles_and_invites_begin_with_it(tmp_path: Path) -> None:
    plan = replay_plan(tmp_path)
    own = plan.settings.server.model_copy(update={"public_url": PUBLIC})
    plan = replace(plan, settings=plan.settings.model_copy(update={"server": own}))
    async with serving(plan) as server, owning(server) as owner, server.browser() as browser:
        await browser.consent()
        battle = await browser.battle()
        await browser.turn(battle)
        await browser.vote(battle, "tie")

        shared = (await browser.post(f"/api/battles/{battle}/share")).json["url"]
        invite = (await owner.post(f"{OWNER}/invites", {"group": None})).json["link"]

        assert shared.startswith(f"{PUBLIC}/s/")
        assert invite.startswith(f"{PUBLIC}/q/")
