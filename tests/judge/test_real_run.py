"""A whole run on this machine: a real model answers and judges, killed twice, nothing lost."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.engine, pytest.mark.timeout(600)]

CONFIG = """
[deployments.small]
engine = "llamacpp"
model = "{model}"
slots = 2
context = 4096
cost_per_hour = 0.05
"""


async def start(folder: Path, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "blindarena", "judge", *words, "--concurrency", "2", "--json"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def records(path: Path) -> list[dict]:  # type: ignore[type-arg]
    whole = path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""
    return [json.loads(line) for line in whole.splitlines()]


async def run_with_kills(folder: Path, file: Path, kills: tuple[int, ...], *words: str) -> dict:  # type: ignore[type-arg]
    """Kill it each time so many records are there, then let it end; return what it told."""
    for least in kills:
        process = await start(folder, *words)
        async with asyncio.timeout(100):
            while len(records(file)) < least:
                assert process.returncode is None, await process.communicate()
                await asyncio.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
    kept = {json.dumps(record, sort_keys=True) for record in records(file)}
    process = await start(folder, *words)
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    after = {json.dumps(record, sort_keys=True) for record in records(file)}
    assert kept < after, "what was acknowledged before the kills is still there, as it was"
    told = json.loads(out)
    assert told["estimate"]["done"] >= kills[-1]
    return told


async def test_a_weak_model_answers_and_judges_and_the_report_says_that_it_is_weak(
    tmp_path: Path, real_model: Path
) -> None:
    (tmp_path / "blindarena.toml").write_text(CONFIG.format(model=real_model), encoding="utf-8")
    answers = tmp_path / "run" / "answers"
    asking = ("answer", "run", "--questions", "starter", "--limit", "3", "--max-tokens", "40")

    await run_with_kills(tmp_path, answers / "one.jsonl", (1, 2), *asking, "--model", "one=small")
    process = await start(tmp_path, *asking, "--model", "two=small")
    assert await process.wait() == 0

    judged = tmp_path / "run" / "judgments" / "small.jsonl"
    judging = ("run", "run", "--judge", "small", "--protocol", "pair", "--max-tokens", "80")
    told = await run_with_kills(tmp_path, judged, (3, 6), *judging)

    progress = told["outcome"]["progress"]
    assert progress["done"] == progress["total"] == 3 * 2 * 2
    assert progress["failed"] == 0
    assert progress["spent_usd"] > 0
    for file, key in ((answers / "one.jsonl", "id"), (judged, "key")):
        counted = Counter(record[key] for record in records(file))
        assert max(counted.values()) == 1, "no call that was acknowledged was made again"
