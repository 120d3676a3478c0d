"""Deployments of every kind of provider, opened as a configuration names them."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from blindarena.bootstrap.doctor import examine
from blindarena.bootstrap.provider_doors import host_of, provider_doors, title_of
from blindarena.errors import ConfigError
from blindarena.gateway.http import open_session
from blindarena.gateway.prices import UnknownPrice
from blindarena.settings import Deployment
from blindarena.testing import FakeUpstream
from gateway.helpers import ASK, collect
from gateway.providers.test_native import call, drained


def table(provider: str, **more: Any) -> Deployment:
    return Deployment.model_validate({"provider": provider, "model": "m-1"} | more)


@pytest.mark.parametrize("provider", ["openai-compatible", "vllm", "anthropic", "gemini"])
async def test_both_doors_of_every_format(provider: str) -> None:
    async with FakeUpstream() as upstream, open_session() as http:
        url = upstream.gemini_url if provider == "gemini" else upstream.url
        wanted = table(provider, base_url=url)
        host = host_of("d", wanted)
        model, door = provider_doors(
            name="d", table=wanted, host=host, http=http, price=UnknownPrice(), key="k"
        )

        texts, _ = await collect(model.stream(ASK))
        outs = [await drained(await door.send(call(kind))) for kind in ("chat", "messages")]

    assert "".join(texts) == upstream.default.text
    assert all(upstream.default.text.encode() in out for out in outs)
    assert model.name == door.name == "d"


def test_who_receives_what_is_sent() -> None:
    exotic = table("any-llm", model="bedrock:titan")

    assert title_of(exotic, host_of("d", exotic)) == "bedrock (through any-llm)"
    assert title_of(table("gemini"), host_of("d", table("gemini"))) == "Google Gemini API"


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        ("openai-compatible", 'deployments.d: "openai-compatible" needs a "base_url"'),
        ("antropic", "deployments.d: unknown provider 'antropic': did you mean 'anthropic'"),
    ],
)
def test_what_cannot_be_opened_is_one_clear_line(provider: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        host_of("d", table(provider))

    assert str(caught.value).startswith(words)


async def test_doctor_knows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "any_llm" else find(name)
    )
    async with FakeUpstream() as upstream:
        (tmp_path / "blindarena.toml").write_text(
            "[server]\nport = 0\n"
            '[deployments.claude]\nprovider = "anthropic"\nmodel = "m"\n'
            f'base_url = "{upstream.url}"\n'
            '[deployments.google]\nprovider = "gemini"\nmodel = "m"\n'
            '[deployments.exotic]\nprovider = "any-llm"\nmodel = "a:b"\n'
        )
        found = await examine(
            tmp_path / "blindarena.toml", environ={"ANTHROPIC_API_KEY": "sk-not-shown"}
        )

    told = {finding.what: finding for finding in found}
    assert told["deployment claude"].ok
    assert "the key GEMINI_API_KEY is not set" in told["deployment google"].detail
    assert not told["deployment exotic"].ok
    assert told["deployment exotic"].cure == "pip install 'blindarena[any-llm]'"
    assert "sk-not-shown" not in repr(found)
