"""The child's own small parts, without a model."""

import os
import subprocess
from pathlib import Path

import pytest

from blindarena.engines.announce import Fatal, Listening, from_line, to_line
from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.threads import available_cores, thread_budget

from .helpers import GGUF_BYTES


def test_without_xllamacpp_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('no wheel here')")
    model = tmp_path / "m.gguf"
    model.write_bytes(GGUF_BYTES)
    paths = [str(tmp_path), os.environ.get("PYTHONPATH", "")]
    child = subprocess.run(
        llamacpp_command(model, alias="m", threads=1),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        timeout=60,
    )
    event = from_line(child.stdout.strip())
    assert isinstance(event, Fatal)
    assert event.detail == (
        "llama.cpp is not installed (no wheel here); run: pip install 'blindarena[local]'"
    )
    assert child.returncode == 3
    assert child.stderr == ""


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('imported')")
    paths = [str(Path(p).absolute()) for p in os.environ.get("PYTHONPATH", "").split(":") if p]
    child = subprocess.run(
        llamacpp_command(tmp_path / "none.gguf", alias="m", threads=1),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert isinstance(from_line(child.stdout.strip()), Fatal), child.stderr


def test_what_is_said_is_read_back() -> None:
    for event in (Listening("http://127.0.0.1:1"), Fatal('a "b"\nc')):
        line = to_line(event)
        assert "\n" not in line
        assert from_line(line) == event


@pytest.mark.parametrize(
    "line", ["", "hello", "blindarena-engine", "blindarena-engine {", 'blindarena-engine {"a": 1}']
)
def test_other_output_is_no_event(line: str) -> None:
    assert from_line(line) is None


@pytest.mark.parametrize(
    ("cores", "models", "threads"),
    [(1, 1, 1), (2, 1, 1), (4, 1, 3), (4, 2, 1), (16, 2, 7), (16, 3, 5), (2, 5, 1), (8, 0, 7)],
)
def test_one_core_stays_free(cores: int, models: int, threads: int) -> None:
    assert thread_budget(cores, models) == threads


def test_a_containers_quota_cuts_the_cores(tmp_path: Path) -> None:
    cpu_max = tmp_path / "cpu.max"
    unlimited = available_cores(tmp_path / "none")
    assert unlimited >= 1
    cpu_max.write_text("max 100000\n")
    assert available_cores(cpu_max) == unlimited
    cpu_max.write_text("50000 100000\n")
    assert available_cores(cpu_max) == 1
    cpu_max.write_text(f"{unlimited * 400000} 100000\n")
    assert available_cores(cpu_max) == unlimited
