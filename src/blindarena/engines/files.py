"""Write model files so that a half file never stands where a whole one is expected."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, Protocol, TypeVar

from blindarena.errors import EngineError

T = TypeVar("T")
CHUNK = 1 << 20
LOCK_POLL_S = 0.5
if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Progress(Protocol):
    """Told how far a pull is, in bytes; total is None while it is not known."""

    def __call__(self, done: int, total: int | None) -> None:
        """Take the state of the pull; called from the event loop."""
        ...


class StoppedError(Exception):
    """The caller of `in_thread` was cancelled."""


async def in_thread(work: Callable[[threading.Event], T]) -> T:
    """Run blocking work in a thread; when cancelled, tell it to stop and wait until it has."""
    stop = threading.Event()
    task = asyncio.create_task(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # marks it as seen; the cancellation is what counts
        raise


@contextlib.contextmanager
def file_errors(what: str) -> Iterator[None]:
    """Turn failures of the file system into one clear line."""
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise EngineError(f"{what}: {error.strerror or error}{where}") from error


def open_lock(lock: Path) -> BinaryIO:
    """Open a lock file, its directory made if need be."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    return lock.open("ab")


@contextlib.asynccontextmanager
async def exclusive(lock: Path) -> AsyncIterator[None]:
    """Hold a lock between processes; it goes with the process, however that ends."""
    with open_lock(lock) as file:
        while True:
            try:
                _try_lock(file)
                break
            except OSError:
                await asyncio.sleep(LOCK_POLL_S)
        yield


def need_space(folder: Path, size: int) -> None:
    """Check that a disk can take so many bytes.

    Raises:
        EngineError: it can not.
    """
    free = shutil.disk_usage(folder).free
    if free < size:
        raise EngineError(
            f"{folder} has {free / 1e6:,.0f} MB free and the model needs {size / 1e6:,.0f} MB; "
            "make room or give another directory with --dir"
        )


def copy_hashed(source: IO[bytes], target: Path, *, stop: threading.Event) -> str:
    """Write a stream to a file, synced to disk, and return its SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with target.open("wb") as out:
        while chunk := source.read(CHUNK):
            if stop.is_set():
                raise StoppedError
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def sha256_of(path: Path, *, stop: threading.Event) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if stop.is_set():
                raise StoppedError
            digest.update(chunk)
    return digest.hexdigest()


def make_scratch(models_dir: Path, *, label: str) -> Path:
    """Make an empty directory beside the models, and remove what a killed pull left there."""
    for left in models_dir.glob(f".pull-{label}.*"):
        shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f".pull-{label}.", dir=models_dir))


def put_in_place(part: Path, target: Path) -> None:
    """Rename a complete, checked file to its final name, in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)
