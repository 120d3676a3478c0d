"""`blindarena models list` and `test`, with the real command."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.models_ask import ask_configured, ask_gateway
from blindarena.bootstrap.models_list import listed
from blindarena.errors import BlindArenaError, ConfigError, ProviderError
from blindarena.gateway.probe import Probed
from blindarena.settings import load_settings
from blindarena.testing import Behaviour, FakeUpstream
from blindarena.testing.fake_upstream import refused_url
from web.openai.gate import KEY, gate

CONFIG = """\
[deployments.small]
provider = "openai-compatible"
base_url = "{url}"
model = "red"
input_price = 1.0
output_price = 2.0
[deployments.broken]
provider = "openai-compatible"
base_url = "{url}"
model = "blue"
[deployments.gone]
provider = "openai-compatible"
base_url = "{gone}"
model = "x"
[deployments.hosted]
provider = "openai"
model = "gpt-5-mini"
[deployments.entered]
provider = "openai"
model = "gpt-5-mini"
key = {{ vault = "team" }}
[deployments.told]
replay = "answers.json"
[models.both]
deployments = ["small", "hosted"]
"""


OWN = "1.00/2.00 USD per M tokens (own price)"


def configure(folder: Path, url: str) -> Path:
    (folder / "answers.json").write_text('{"Hello?": "Hi."}')
    file = folder / "blindarena.toml"
    file.write_text(CONFIG.format(url=url, gone=refused_url()))
    return file


async def collected(results: AsyncIterator[Probed]) -> list[Probed]:
    return [result async for result in results]


async def test_what_is_configured(tmp_path: Path) -> None:
    settings = load_settings(configure(tmp_path, "http://127.0.0.1:9/v1"), environ={})
    rows = {row.name: row for row in await listed(settings, environ={"OPENAI_API_KEY": ""})}

    assert list(rows) == ["small", "broken", "gone", "hosted", "entered", "told"]
    assert (rows["small"].price, rows["small"].key) == (OWN, "not needed")
    assert (rows["small"].models, rows["gone"].models) == (("both",), ("gone",))
    assert (rows["hosted"].provider, rows["hosted"].key) == ("OpenAI", "OPENAI_API_KEY is not set")
    assert rows["entered"].key == "team is not entered yet"
    assert (rows["told"].provider, rows["told"].price) == ("prepared answers", None)
    rows = {row.name: row for row in await listed(settings, environ={"OPENAI_API_KEY": "sk-x"})}
    assert rows["hosted"].key == "set"


async def test_deployments_are_asked_for_real(tmp_path: Path) -> None:
    async with FakeUpstream({"blue": Behaviour(fault="unauthorized")}) as upstream:
        plan = plan_of(load_settings(configure(tmp_path, upstream.url), environ={}))
        chosen = ["both", "broken", "gone"]
        results = await collected(ask_configured(plan, chosen, environ={}))

    assert [(r.name, r.stream, r.error is None) for r in results] == [
        *(("small", False, True), ("small", True, True)),
        *(("hosted", False, False), ("hosted", True, False)),
        *(("broken", False, False), ("broken", True, False)),
        *(("gone", False, False), ("gone", True, False)),
    ]
    whole, stream, hosted, _, broken, _, gone, _ = results
    assert (whole.prompt_tokens, whole.first_s) == (12, None)
    assert whole.cost_usd == pytest.approx((12 * 1 + (whole.completion_tokens or 0) * 2) / 1e6)
    assert stream.first_s is not None
    assert 0 < stream.first_s <= stream.seconds
    assert hosted.error == "the environment variable OPENAI_API_KEY is not set"
    assert broken.error is not None
    assert broken.error.startswith("HTTP 401: ")
    assert broken.error.endswith("; look at the key")
    assert gone.error == "it cannot be reached; is it running, and is its address right?"


async def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    plan = plan_of(load_settings(configure(tmp_path, "http://127.0.0.1:9/v1"), environ={}))
    with pytest.raises(ConfigError, match="no model or deployment 'smal' is configured; there are"):
        await collected(ask_configured(plan, ["smal"], environ={}))


async def test_a_running_gateway_is_asked() -> None:
    async with gate() as found:
        for url in (found.url, f"{found.url}/v1/"):
            results = await collected(ask_gateway(url, [], key=KEY))
            assert [(r.name, r.stream, r.error) for r in results] == [
                ("m1", False, None),
                ("m1", True, None),
            ]
        (whole, _) = await collected(ask_gateway(found.url, ["nope"], key=KEY))
        assert whole.error == "HTTP 404: the model 'nope' does not exist"
        with pytest.raises(ProviderError, match="does not take the key"):
            await collected(ask_gateway(found.url, [], key="ba-wrong"))
    with pytest.raises(ProviderError, match="cannot be reached"):
        await collected(ask_gateway(found.url, [], key=KEY))


def test_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blindarena.cli import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    configure(tmp_path, refused_url())

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, ["models", *words])

    listed_ = json.loads(run("list", "--json").stdout)
    assert [row["name"] for row in listed_["deployments"]][:2] == ["small", "broken"]
    assert "OPENAI_API_KEY" in run("list").stdout
    failed = run("test", "hosted")
    assert failed.exit_code == 1
    assert failed.stdout.startswith("failed  hosted  reply  the environment variable")
    as_json = run("test", "hosted", "--json")
    assert as_json.exit_code == 1
    assert [test["stream"] for test in json.loads(as_json.stdout)["tests"]] == [False, True]
    nothing = run("test", "told")
    assert isinstance(nothing.exception, BlindArenaError)
    monkeypatch.chdir(tmp_path.parent)
    assert "deployments" not in json.loads(run("list", "--json").stdout)
