"""`/metrics`, logs and request ids of the whole gateway; and that none of them tells a secret."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from blindarena.bootstrap.cards import hosted_card
from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.gateway import GatewayAlone, open_gateway
from blindarena.bootstrap.key_book import KeyBook
from blindarena.bootstrap.logs import JsonLines
from blindarena.bootstrap.telemetry import Providers
from blindarena.domain.api_keys import KeyLimits
from blindarena.errors import ConfigError
from blindarena.gateway.catalog import load_catalog
from blindarena.gateway.prices import UnknownPrice
from blindarena.settings import Deployment, load_settings
from blindarena.testing import Behaviour, FakeUpstream
from blindarena.web.gateway_app import Alone
from sqlite import prepare
from web.openai.gate import listening
from web.server import Browser

TOKEN = "a-token-of-the-metrics"
PROMPT = "Zanzibar-quetzal-prompt"
PROVIDER_KEY = "sk-provider-key-0123456789"
CONFIG = """\
[server]
database = "sqlite:///{folder}/test.db"
[gateway]
retries = 0
{more}
[deployments.small]
provider = "openai-compatible"
base_url = "{url}"
model = "up-small"
key = {{ env = "PROVIDER_KEY" }}
input_price = 1.0
output_price = 2.0
[deployments.gone]
provider = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
model = "x"
"""


@dataclass
class Outside:
    """A gateway as the world sees it."""

    url: str
    upstream: FakeUpstream
    gateway: GatewayAlone
    http: aiohttp.ClientSession

    async def metrics(self, **headers: str) -> tuple[int, str]:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get(f"{self.url}/metrics", headers=given) as reply:
            return reply.status, await reply.text()

    async def chat(self, key: str, model: str = "small", **more: Any) -> aiohttp.ClientResponse:
        body = {"model": model, "messages": [{"role": "user", "content": PROMPT}]}
        headers = {"Authorization": f"Bearer {key}"} | more.pop("headers", {})
        async with self.http.post(
            f"{self.url}/v1/chat/completions", json=body | more, headers=headers
        ) as reply:
            await reply.read()
            return reply


@asynccontextmanager
async def outside(folder: Path, more: str = "") -> AsyncIterator[Outside]:
    async with FakeUpstream() as upstream, aiohttp.ClientSession() as http:
        file = folder / "blindarena.toml"
        file.write_text(CONFIG.format(folder=folder, url=upstream.url, more=more))
        prepare(f"sqlite:///{folder}/test.db")
        environ = {"PROVIDER_KEY": PROVIDER_KEY, "TOKEN": TOKEN, "SHORT": "short"}
        gateway = await open_gateway(plan_of(load_settings(file, environ={})), environ=environ)
        try:
            async with listening(Alone(gateway)) as url:
                yield Outside(url, upstream, gateway, http)
        finally:
            await gateway.close()


async def test_who_may_read_the_metrics(tmp_path: Path) -> None:
    async with outside(tmp_path, 'metrics_token = { env = "TOKEN" }') as found:
        page = "# HELP gen_ai_server_request_duration_seconds"
        assert page in (await found.metrics())[1]
        for behind_a_proxy in ("X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"):
            assert (await found.metrics(**{behind_a_proxy: "1.2.3.4"}))[0] == 401
        assert (await found.metrics(Host="rebound.example.com"))[0] == 401
        wrong = {"Host": "rebound.example.com", "Authorization": "Bearer wrong"}
        assert (await found.metrics(**wrong))[0] == 401
        given = wrong | {"Authorization": f"Bearer {TOKEN}"}
        assert page in (await found.metrics(**given))[1]
        assert "# EOF" in (await found.metrics(Accept="application/openmetrics-text"))[1]
        async with found.http.post(f"{found.url}/metrics") as reply:
            assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")
        async with found.http.head(f"{found.url}/metrics") as reply:
            assert reply.status == 200


async def test_a_proxy_that_hides_itself_is_known_by_its_old_http(tmp_path: Path) -> None:
    async with outside(tmp_path) as found:
        host, _, port = found.url.removeprefix("http://").partition(":")
        for version, status in ((b"1.0", b"403"), (b"1.1", b"200")):
            reader, writer = await asyncio.open_connection(host, int(port))
            head = b"GET /metrics HTTP/%b\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            writer.write(head % version)
            line = await reader.readline()
            writer.close()
            assert line.split()[1] == status


async def test_off_and_open(tmp_path: Path) -> None:
    async with outside(tmp_path, 'metrics = "off"') as found:
        assert (await found.metrics())[0] == 404
    async with outside(tmp_path, 'metrics = "open"') as found:
        assert (await found.metrics(Host="anything.example", Via="a proxy"))[0] == 200
    async with outside(tmp_path) as found:
        status, text = await found.metrics(Via="a proxy")
        assert (status, "only this machine" in text) == (403, True)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('metrics_token = { env = "SHORT" }', "has 5 characters"),
        ('metrics_token = { vault = "x" }', "the vault has keys of providers only"),
        ('metrics = "open"\nmetrics_token = { env = "TOKEN" }', "asks for no token"),
    ],
)
async def test_tokens_that_cannot_be_used(tmp_path: Path, more: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        async with outside(tmp_path, more):
            pass


async def test_the_clients_request_id_is_taken_over_when_it_is_sane(tmp_path: Path) -> None:
    async with outside(tmp_path) as found:
        key = await _key(found)
        for given, kept in (
            ("0b6a3c1e-client", True),
            ("short", False),
            ("two words and more", False),
            ("x" * 200, False),
            ('"};evil=1;//', False),
        ):
            reply = await found.chat(key, headers={"X-Request-Id": given})
            assert (reply.headers["x-request-id"] == given) is kept
        reply = await found.chat("ba-wrong", headers={"X-Request-Id": "0b6a3c1e-client"})
        assert (reply.status, reply.headers["x-request-id"]) == (401, "0b6a3c1e-client")


async def test_no_key_and_no_prompt_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "blindarena")
    async with outside(tmp_path, 'log = "requests"\nlog_format = "json"') as found:
        found.upstream.canary = PROMPT  # upstreams quote what they refuse
        key = await _key(found)
        answers = Behaviour(text=f"You said {PROMPT}.")
        for behaviour, stream in (
            (answers, False),
            (answers, True),
            (Behaviour(fault="bad_request"), False),
            (Behaviour(fault="unauthorized"), False),
            (Behaviour(fault="server_error"), True),
            (Behaviour(fault="invalid_json"), False),
            (Behaviour(fault="error_event"), True),
        ):
            found.upstream.default = behaviour
            await found.chat(key, stream=stream)
        for model in ("gone", "made up"):
            await found.chat(key, model)
        await found.chat("ba-" + "wrong" * 9)
        assert (await found.chat(key, n=PROMPT)).status == 400
        metrics = (await found.metrics())[1]

    logged = capsys.readouterr().err
    lines = [json.loads(line) for line in logged.splitlines()]
    statuses = [line["status"] for line in lines]
    assert statuses == [200, 200, 400, 502, 500, 502, 502, 502, 404, 401, 400]
    assert {line.get("deployment") for line in lines} >= {"small", "gone"}
    assert {line["fault"] for line in lines} >= {None, "auth", "invalid_api_key", "refused"}
    database = b"".join(path.read_bytes() for path in tmp_path.glob("test.db*"))
    assert b"model_not_found" in database
    texts = {"log": logged, "other logs": caplog.text, "/metrics": metrics}
    for where, text in texts.items():
        for secret in (PROMPT, PROVIDER_KEY, key, key[12:], "wrongwrong", TOKEN):
            assert secret not in text, where
    for secret in (PROMPT, PROVIDER_KEY, key, key[12:], "wrongwrong"):
        assert secret.encode() not in database
    assert "made up" not in metrics
    assert 'gen_ai_request_model="_UNKNOWN"' in metrics


def test_nothing_is_loaded_before_somebody_asks() -> None:
    """A gateway without traces and scrapes pays nothing for them, whatever is installed."""
    code = (
        "import sys, blindarena.web.gateway_app\n"
        "print([m for m in ('prometheus_client', 'opentelemetry.sdk') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_other_records_are_lines_too() -> None:
    record = logging.makeLogRecord(
        {"name": "blindarena.x", "levelname": "WARNING", "msg": "no %s\nhere", "args": ("disk",)}
    )
    line = JsonLines().format(record)

    assert "\n" not in line
    assert json.loads(line)["message"] == "no disk\nhere"


async def test_battles_and_votes_are_counted_beside_the_pages(browser: Browser) -> None:
    battle = await browser.battle()
    await browser.turn(battle)
    await browser.vote(battle)
    await browser.battle()
    page = (await browser.get("/metrics")).text

    assert 'blindarena_battles_total{arena="test"} 2.0' in page
    assert 'blindarena_votes_total{arena="test"} 1.0' in page
    assert 'blindarena_deployment_attempts_total{deployment="' in page
    assert battle not in page


def test_whose_a_deployment_is() -> None:
    row = load_catalog()
    cards = {
        name: hosted_card(
            name,
            Deployment(provider=name, model="x", base_url=url),
            row=row.get(name),
            title=name,
            base_url=url,
            price=UnknownPrice(),
        )
        for name, url in (
            ("gemini", None),
            ("openai", None),
            ("vllm", "http://127.0.0.1:8001/v1"),
            ("openai-compatible", "http://10.0.0.5:8000/v1"),
        )
    }
    providers = Providers(cards)

    assert {name: providers.own(name) for name in (*cards, "a-worker")} == {
        "gemini": False,
        "openai": False,
        "vllm": True,
        "openai-compatible": True,
        "a-worker": True,
    }
    assert [providers.name(name) for name in ("gemini", "openai", "a-worker", "")] == [
        "gcp.gemini",
        "openai",
        "worker",
        "",
    ]


async def _key(found: Outside) -> str:
    book = KeyBook(found.gateway.database, now=lambda: datetime.now(UTC))
    _, secret = await book.create("ci", KeyLimits(), who="test")
    return secret
