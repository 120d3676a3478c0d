"""The child's own small parts, without a model."""

import os
import subprocess
from pathlib import Path

import pytest

from blindarena.engines.announce import EXIT_FATAL, Fatal, Listening, from_line, to_line
from blindarena.engines.llamacpp import llamacpp_command
from blindarena.engines.threads import available_cores, thread_budget

from .helpers import GGUF_BYTES


def run_child(model: Path, *, path: Path | None = None, cwd: Path | None = None) -> str:
    """Run the child with its standard input held open; return what it said before its end."""
    paths = [str(Path(p).absolute()) for p in os.environ.get("PYTHONPATH", "").split(":") if p]
    if path is not None:
        paths.insert(0, str(path))
    child = subprocess.Popen(
        llamacpp_command(model, alias="m", threads=1),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child, child.stdin, child.stdout:
        said = child.stdout.read()
        assert child.wait(60) == EXIT_FATAL
    return said.strip()


def test_without_xllamacpp_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('no wheel here')")
    model = tmp_path / "m.gguf"
    model.write_bytes(GGUF_BYTES)
    assert from_line(run_child(model, path=tmp_path)) == Fatal(
        "llama.cpp is not installed (no wheel here); run: pip install 'blindarena[local]'"
    )


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('imported')")
    said = from_line(run_child(tmp_path / "none.gguf", cwd=tmp_path))
    assert isinstance(said, Fatal)
    assert "No such file" in said.detail


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
