"""Measure what a new user waits for: `make demo` in a fresh clone, and how much is installed.

    python benchmarks/bench_install.py

Budgets: the first screen that can be voted on within 120 s after downloads; started again within
5 s. The clone has caches of its own, so the first run downloads everything, the second, in another
clone, nothing. Downloads are what all network interfaces but loopback received meanwhile.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from rows import Row, save

ROOT = Path(__file__).resolve().parent.parent
GIVE_UP_S = 900


@dataclass(frozen=True)
class Started:
    """How long it took until the first arena could be voted in."""

    seconds: float
    received_mb: float | None


def received_bytes() -> int | None:
    """Return what this machine has received so far, or None where that cannot be read."""
    table = Path("/proc/net/dev")
    if not table.exists():
        return None
    lines = [line.split(":") for line in table.read_text().splitlines() if ":" in line]
    return sum(int(rest.split()[0]) for name, rest in lines if name.strip() != "lo")


def is_votable(address: str) -> bool:
    """Say whether some arena takes battles now."""
    with urllib.request.urlopen(f"{address}/api/arenas", timeout=30) as reply:
        arenas = json.load(reply)["arenas"]
    return any(arena["status"] == "ready" and not arena["read_only"] for arena in arenas)


def time_demo(clone: Path, env: dict[str, str]) -> Started:
    """Run `make demo` until it can be voted in, then stop it."""
    before, begun = received_bytes(), time.perf_counter()
    process = subprocess.Popen(
        ["make", "demo", "ARGS=--port 0"],
        cwd=clone,
        env={**env, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            found = re.search(r"Vote at\s+(http://\S+)", line)
            while found and not is_votable(found[1]):
                if time.perf_counter() - begun > GIVE_UP_S:
                    raise TimeoutError("no arena could be voted in")
                time.sleep(0.05)
            if found:
                seconds = time.perf_counter() - begun
                after = received_bytes()
                known = None if before is None or after is None else (after - before) / 1e6
                return Started(seconds, known)
        raise RuntimeError("`make demo` ended before it served anything")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def fresh_clone(folder: Path) -> Path:
    """Clone the last commit."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


def installed_mb(folder: Path, wheel: Path, extra: str) -> float:
    """Install the wheel into an empty environment and return the size of what came."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*uv, "--link-mode=copy", "--compile-bytecode", f"{wheel}{extra}"], check=True)
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def main() -> None:
    """Run all and write `results/install.json` and `.md`."""
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        env = {
            **os.environ,
            "UV_CACHE_DIR": str(top / "uv"),
            "PIP_CACHE_DIR": str(top / "pip"),
            "npm_config_cache": str(top / "npm"),
            "XDG_DATA_HOME": str(top / "data"),
        }
        first = fresh_clone(top / "first")
        cold = time_demo(first, env)
        again = time_demo(first, env)
        warm = time_demo(fresh_clone(top / "second"), env)
        shutil.rmtree(top / "second")
        build = [str(first / ".venv/bin/python"), "-m", "uv", "build", "--quiet", "--wheel"]
        subprocess.run([*build, "--out-dir", str(top / "dist"), str(first)], check=True, env=env)
        wheel = next((top / "dist").glob("*.whl"))
        core = installed_mb(top / "core", wheel, "")
        local = installed_mb(top / "local", wheel, "[local]")
        wheel_mb = wheel.stat().st_size / 1e6
    demo = "`make demo` until the first vote can be cast"
    rows = [
        Row(f"{demo}, fresh clone, downloads included", cold.seconds, "s", None),
        Row(f"{demo}, fresh clone, after downloads", warm.seconds, "s", "<= 120"),
        Row(f"{demo}, started again", again.seconds, "s", "<= 5"),
        Row("installed size, server", core, "MB", None),
        Row("installed size, with the `local` extra", local, "MB", None),
        Row("wheel", wheel_mb, "MB", None),
    ]
    if cold.received_mb is not None:
        rows.insert(1, Row("received meanwhile, demo model included", cold.received_mb, "MB", None))
    save("install", rows)


if __name__ == "__main__":
    main()
