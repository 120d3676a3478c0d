"""A run that is killed goes on where it was, in the shell, against a real server."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from blindarena.testing.fake_upstream import Behaviour, FakeUpstream

pytestmark = pytest.mark.slow
COUNT = 24


def asked(upstream: FakeUpstream, since: int = 0) -> list[str]:
    """What each request since then was about."""
    return [json.dumps(request.body["messages"]) for request in upstream.requests[since:]]


async def start(folder: Path, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "blindarena", "judge", *words, "--concurrency", "3", "--json",
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


async def kill_at(process: asyncio.subprocess.Process, path: Path, count: int) -> None:
    async with asyncio.timeout(60):
        while lines(path) < count:
            assert process.returncode is None, await process.communicate()
            await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await process.communicate()


async def test_a_run_that_is_killed_twice_repeats_no_call_that_it_acknowledged(
    tmp_path: Path,
) -> None:
    questions = [
        {"question_id": n, "category": "math", "turns": [f"What is {n} + 1?"]} for n in range(COUNT)
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    verdict = Behaviour(text="Fair enough. Rating: [[6]]", first_delay_s=0.05)
    async with FakeUpstream({"model": Behaviour(first_delay_s=0.05), "judge": verdict}) as upstream:
        tables = [
            f'[deployments.{name}]\nprovider = "openai-compatible"\n'
            f'base_url = "{upstream.url}"\nmodel = "{name}"\n'
            for name in ("model", "judge")
        ]
        (tmp_path / "blindarena.toml").write_text("\n".join(tables), encoding="utf-8")
        for words, path in (
            (("answer", "run", "--questions", "q.jsonl", "--model", "model"), "answers/model"),
            (("run", "run", "--judge", "judge"), "judgments/judge"),
        ):
            file = tmp_path / "run" / f"{path}.jsonl"
            began = len(upstream.requests)
            for least in (5, 12):
                await kill_at(await start(tmp_path, *words), file, least)
                kept = lines(file)
                assert kept < COUNT
            last = len(upstream.requests)
            final = await start(tmp_path, *words)
            out, err = await final.communicate()

            assert final.returncode == 0, err
            told = json.loads(out)
            assert told["estimate"]["done"] == kept
            assert told["outcome"]["progress"]["done"] == COUNT == lines(file)
            assert len(upstream.requests) - last == COUNT - kept
            whole = asked(upstream, began)
            assert len(set(whole)) == COUNT
            assert len(whole) - COUNT <= 2 * 3  # what was under way when it was killed
