"""`llm-comply`: replies checked by the vendors' own documents."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.supervisor import Engine, ignore_status
from blindarena.engines.threads import available_cores, thread_budget
from clients.stand import COMPLIANT, Stand, gateway, new_key

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]
PROFILES = ("openai-chat", "anthropic")


@dataclass(frozen=True)
class Found:
    """What one profile found.

    Attributes:
        errors: of each test that failed, by its name.
        warnings: all of them.
    """

    passed: int
    errors: dict[str, Any]
    warnings: list[str]


def comply(python: str, url: str, key: str, model: str, profile: str) -> Found:
    """Run all tests of a profile; it exits with 1 where one fails."""
    command = str(Path(python).parent / "llm-comply")
    options = f"--base-url {url}/v1 --api-key {key} --model {model} --format {profile}"
    done = subprocess.run(
        [command, *options.split(), "--timeout", "30", "--json"],
        capture_output=True, text=True, check=False, timeout=250,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert said["summary"]["total"] == 9
    return Found(
        said["summary"]["passed"],
        {one["id"]: one["errors"] for one in said["results"] if one["status"] == "failed"},
        [text for one in said["results"] for text in one.get("warnings") or ()],
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_everything_passes_where_the_model_can_do_it(
    gate: Stand, clients: str, profile: str
) -> None:
    found = comply(clients, gate.url, gate.key, COMPLIANT, profile)

    assert (found.passed, found.errors) == (9, {})


@contextlib.asynccontextmanager
async def llama_cpp(model: Path) -> AsyncIterator[str]:
    """Run llama.cpp itself; give its address."""
    threads = thread_budget(available_cores(), 1)
    command = llamacpp_command(model, alias="small", threads=threads)
    engine = Engine(name="direct", command=command, on_status=ignore_status)
    await engine.start()
    try:
        yield (await engine.wait_ready(60)).removesuffix("/v1")
    finally:
        await engine.stop()


# llama.cpp answers without an end where a limit is missing, and is waited for.
@pytest.mark.engine
@pytest.mark.parametrize(
    "profile", ["openai-chat", pytest.param("anthropic", marks=pytest.mark.slow)]
)
async def test_more_passes_than_with_the_engine_alone(
    real_model: Path, clients: str, tmp_path: Path, profile: str
) -> None:
    async with llama_cpp(real_model) as engine:
        (tmp_path / "blindarena.toml").write_text(
            '[server]\nport = 0\ndatabase = "sqlite:///test.db"\n'
            '[deployments.small]\nprovider = "llamacpp"\nmodel = "small"\n'
            f'base_url = "{engine}/v1"\n'
        )

        def both() -> tuple[Found, Found]:
            alone = comply(clients, engine, "none", "small", profile)
            with gateway(tmp_path) as url:
                return alone, comply(clients, url, new_key(tmp_path, "all"), "small", profile)

        alone, through = await asyncio.to_thread(both)

    assert through.passed > alone.passed, through.errors
    missing = str(through.errors)
    assert "required property" not in missing, missing
