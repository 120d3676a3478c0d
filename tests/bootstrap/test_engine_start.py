"""Deployments whose engine is not ours: from the table to an answer."""

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from blindarena.bootstrap.engine_start import engine_found, launch_of
from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.plan import Plan
from blindarena.gateway.calls import Call
from blindarena.settings import Deployment, Settings
from engines.helpers import until

FAKE = Path(__file__).parents[1] / "engines" / "fake_engine.py"
COMMAND = f"{sys.executable} {FAKE} own --port {{port}} --api-key {{key}}"
COMMAND += " --served-model-name {name}"


def _own(**more: Any) -> Deployment:
    return Deployment.model_validate({"engine": "command", "model": "m", "command": COMMAND} | more)


async def test_a_deployment_of_an_own_command_answers_with_its_key(tmp_path: Path) -> None:
    settings = Settings.model_validate({"deployments": {"mine": _own().model_dump()}})
    plan = Plan(settings=settings, arenas=(), deployments=settings.deployments, replays={})
    fleet = Fleet(plan, models_dir=tmp_path, environ={})
    await fleet.open()
    try:
        assert fleet.cards["mine"].kind == "own command"
        await until(lambda: fleet.router.statuses()["mine"].status == "ready")
        messages = msgspec.Raw(b'[{"role": "user", "content": "Hello"}]')
        fields = {"model": msgspec.Raw(b'"mine"'), "messages": messages}
        relayed = await fleet.router.relay(Call("chat", "mine", fields, False, "req_1"))
        body = await relayed.reply.read()
        await relayed.reply.aclose()
        relayed.end(None)
    finally:
        await fleet.close()

    assert b"word0" in body


def test_slots_and_context_are_passed_on_where_they_are_written() -> None:
    table = {"engine": "vllm", "model": "org/m", "args": ["--seed", "1"]}
    plain = launch_of("n", Deployment.model_validate(table), None, 1)
    written = {**table, "slots": 64, "context": 8192}
    told = launch_of("n", Deployment.model_validate(written), None, 1)

    assert plain.command[-4:] == ("--served-model-name", "n", "--seed", "1")
    assert told.command[-6:-2] == ("--max-num-seqs", "64", "--max-model-len", "8192")


def test_each_start_of_a_server_makes_another_key() -> None:
    keys = {launch_of("n", _own(), None, 1).key for _ in range(3)}

    assert len(keys) == 3
    assert None not in keys


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"engine": "command", "model": "m"}, "go together"),
        ({"engine": "vllm", "model": "m", "command": "x {port}"}, "go together"),
        ({"engine": "llamacpp", "model": "m", "args": ["-x"]}, '"args" goes with'),
        ({"provider": "vllm", "model": "m", "args": ["-x"]}, '"args" goes with'),
        ({"engine": "llamacpp", "model": "m", "slots": 17}, "llama.cpp takes 1 to 16"),
        ({"engine": "ollama", "model": "m"}, "llamacpp"),
    ],
)
def test_keys_that_do_not_fit_the_engine_are_refused(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Deployment.model_validate(table)


@pytest.mark.parametrize(
    ("table", "ok", "words"),
    [
        (_own(), True, sys.executable),
        (_own(command="no-such-program {port}"), False, "no program no-such-program"),
        (_own(command="serve"), False, "has no {port}"),
        (Deployment(engine="vllm", model="m"), False, "no program vllm"),
        (Deployment(engine="sglang", model="m"), False, "not installed"),
    ],
)
def test_doctor_says_whether_the_program_is_there(
    table: Deployment, ok: bool, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    found = engine_found("deployment x", table)

    assert (found.ok, words in found.detail) == (ok, True)
    assert found.ok or found.cure
