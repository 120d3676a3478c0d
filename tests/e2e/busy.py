"""A gateway with something to show: deployments in different states, keys, four weeks of usage."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from blindarena.bootstrap import App, Plan
from blindarena.domain.api_keys import KeyLimits
from blindarena.domain.ids import uuid7
from blindarena.domain.usage import UsageRow
from blindarena.gateway.prices import TokenPrice
from blindarena.settings.gateway import Gateway, Model
from blindarena.testing.fake_upstream import FakeUpstream, refused_url
from blindarena.testing.upstream_behaviour import Behaviour
from web.server import live_plan

PRICES = {"support-large": TokenPrice(2.5, 10.0), "support-small": TokenPrice(0.1, 0.4)}


async def busy_plan(folder: Path, upstream: FakeUpstream) -> Plan:
    """Plan a model of two deployments, one of which fails, and another that stands in."""
    for name in PRICES:
        upstream.behaviours[name] = Behaviour(text="It **comes** tomorrow.", delay_s=0.2)
    urls = dict.fromkeys(PRICES, upstream.url) | {"vendor-eu": refused_url()}
    plan = live_plan(folder, models={"Redwood": ["support-small"]}, base_urls=urls)
    deployments = dict(plan.deployments)
    for name, price in PRICES.items():
        own = {"input_price": price.input_usd, "output_price": price.output_usd}
        deployments[name] = deployments[name].model_copy(update=own)
    deployments["support-small"] = deployments["support-small"].model_copy(
        update={"max_concurrent": 8, "weight": 2.0}
    )
    settings = plan.settings.model_copy(
        update={
            "gateway": Gateway(failures_to_open=1, open_s=600),
            "models": {
                "support": Model(
                    deployments=("support-large", "vendor-eu"), fallbacks=("support-small",)
                ),
            },
        }
    )
    return replace(plan, deployments=deployments, settings=settings)


async def fill(app: App, *, days: int = 28) -> str:
    """Make keys and write usage of the last days; return the secret of a key without limits."""
    now, rng = app.now(), random.Random(7)
    limits = KeyLimits(("support",), 600, 200_000, 5.0, 60.0, now + timedelta(days=40))
    support, _ = await app.key_book.create("support app", limits, who="Owner")
    tests, secret = await app.key_book.create("tests", KeyLimits(), who="Owner")
    rows = [
        _row(rng, key_id=rng.choice([support.id, support.id, tests.id]), name=name, at=at)
        for at in (now - timedelta(days=day) for day in range(days))
        for name in rng.choices(tuple(PRICES), k=rng.randrange(6, 30))
    ]
    await app.key_book.usage.add(rows)
    return secret


def _row(rng: random.Random, *, key_id: UUID, name: str, at: datetime) -> UsageRow:
    failed = rng.random() < 0.05
    prompt, completion = rng.randrange(2_000, 60_000), rng.randrange(400, 18_000)
    price = PRICES[name]
    cost = (prompt * price.input_usd + completion * price.output_usd) / 1e6
    return UsageRow(
        id=uuid7(),
        at=at,
        request_id="req_1",
        key_id=key_id,
        endpoint="chat",
        model="support",
        deployment=name,
        stream=True,
        prompt_tokens=0 if failed else prompt,
        completion_tokens=0 if failed else completion,
        cached_tokens=0,
        reported=True,
        cost_usd=0.0 if failed else cost,
        ttft_s=None if failed else 0.3,
        seconds=2.4,
        status=502 if failed else 200,
        fault="server" if failed else None,
    )
