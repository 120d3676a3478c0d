"""Start each gateway as its own documentation says, on a core of its own, before one upstream."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway_upstream import MODEL, TOKEN

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / ".venv-bench-gateway" / "bin"
FASTCHAT = HERE.parent / ".venv-bench-gateway" / "fastchat" / "bin" / "python"
KEY = "sk-bench"
Words = list[str | Path]
_READY_S = 60.0
_OURS = """
[server]
database = "sqlite:///bench.db"
[models.{model}]
deployments = ["one", "two"]
"""
_DEPLOYMENT = """
[deployments.{name}]
provider = "openai-compatible"
base_url = "{upstream}/v1"
model = "{model}"
input_price = 0.5
output_price = 1.5
max_concurrent = 1000
"""
_LITELLM = """
model_list:
  - model_name: {model}
    litellm_params:
      model: openai/{model}
      api_base: {upstream}/v1
      api_key: none
general_settings:
  master_key: {key}
litellm_settings:
  telemetry: false
"""


@dataclass(frozen=True)
class Stand:
    """A gateway that runs.

    Attributes:
        host: "127.0.0.1:PORT".
        key: that it asks for.
        pids: of the processes that were started; their children belong to it too.
    """

    host: str
    key: str
    pids: tuple[int, ...]

    def cpu_seconds(self) -> float:
        """Return the CPU time that all its processes have taken."""
        ticks = 0
        for pid in self._tree():
            words = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
            ticks += int(words[11]) + int(words[12]) if words else 0
        return ticks / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        """Return the memory of all its processes, in units of a million bytes."""
        found = (re.search(r"VmRSS:\s+(\d+)", _read(f"/proc/{pid}/status")) for pid in self._tree())
        return sum(int(one[1]) for one in found if one) * 1024 / 1e6

    def _tree(self) -> list[int]:
        parents: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (
                words := _read(f"{entry}/stat").rpartition(")")[2].split()
            ):
                parents.setdefault(int(words[1]), []).append(int(entry.name))
        tree, new = [], list(self.pids)
        while new:
            tree += new
            new = [child for pid in new for child in parents.get(pid, ())]
        return tree


def _read(file: str) -> str:
    try:
        return Path(file).read_text()
    except OSError:  # it has ended
        return ""


def _cores() -> tuple[set[int], set[int]]:
    have = sorted(os.sched_getaffinity(0))
    return ({have[0]}, set(have[1:2])) if len(have) > 1 else (set(have), set(have))


MEASURED, BESIDE = _cores()
"""The core of what is measured, and that of upstream and load; read before any is pinned."""


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def started(
    words: Sequence[str | Path],
    *,
    on: set[int],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    says: str | None = None,
) -> Iterator[tuple[int, str]]:
    """Run a command on some cores; yield its process id and what it says of its address."""
    log = cwd / f"{Path(words[0]).name}-{time.monotonic_ns()}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        os.sched_setaffinity(process.pid, on)
    try:
        said = ""
        give_up = time.monotonic() + _READY_S
        while says is not None and not said:
            found = re.search(says, log.read_text(errors="replace"))
            said = found[1] if found else ""
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"{words}: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield process.pid, said
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def upstream(folder: Path) -> Iterator[str]:
    """Run the upstream; give its address without a path."""
    command: Words = [sys.executable, HERE / "gateway_upstream.py"]
    with started(command, on=BESIDE, cwd=folder, says=r"(http://\S+)") as (_, url):
        yield url


def ask(url: str, body: object, *, key: str = KEY) -> str:
    """POST something and return the answer."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as reply:
        return str(reply.read().decode())


def wait_for(host: str, key: str) -> None:
    """Wait until a gateway answers a chat completion.

    Raises:
        RuntimeError: it does not.
    """
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]}
    last: Exception | None = None
    give_up = time.monotonic() + _READY_S
    while time.monotonic() < give_up:
        try:
            if TOKEN in ask(f"http://{host}/v1/chat/completions", body, key=key):
                return
        except (urllib.error.URLError, OSError) as error:
            last = error
        time.sleep(0.2)
    raise RuntimeError(f"it does not answer: {last}")


@contextlib.contextmanager
def direct(url: str, folder: Path) -> Iterator[Stand]:
    """Give the upstream itself."""
    yield Stand(url.removeprefix("http://"), KEY, ())


@contextlib.contextmanager
def bare(url: str, folder: Path) -> Iterator[Stand]:
    """Run the relay without features."""
    command: Words = [sys.executable, HERE / "gateway_bare.py", url.removeprefix("http://")]
    with started(command, on=MEASURED, cwd=folder, says=r"http://(\S+)") as (pid, host):
        yield Stand(host, KEY, (pid,))


@contextlib.contextmanager
def ours(url: str, folder: Path) -> Iterator[Stand]:
    """Run `blindarena gateway`, with a key that has every kind of limit."""
    text = _OURS.format(model=MODEL)
    text += "".join(
        _DEPLOYMENT.format(name=name, upstream=url, model=MODEL) for name in ("one", "two")
    )
    (folder / "blindarena.toml").write_text(text)
    blindarena = [sys.executable, "-m", "blindarena"]
    limits = ("--rpm=10000000", "--tpm=10000000000", "--usd-per-day=1e6", "--usd-per-month=1e7")
    subprocess.run([*blindarena, "db", "upgrade"], cwd=folder, capture_output=True, check=True)
    words = [*blindarena, "keys", "create", "--name=bench", f"--model={MODEL}", *limits, "--json"]
    made = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    key = json.loads(made.stdout)["secret"]
    command: Words = [*blindarena, "gateway", "--port=0"]
    says = r"gateway: http://(\S+)/v1"
    with started(command, on=MEASURED, cwd=folder, says=says) as (pid, host):
        yield Stand(host, key, (pid,))


@contextlib.contextmanager
def vllm_router(url: str, folder: Path) -> Iterator[Stand]:
    """Run the Rust router of vLLM."""
    port, metrics = free_port(), free_port()
    command: Words = [PEERS / "vllm-router", "--worker-urls", url, "--policy", "round_robin"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--prometheus-port", str(metrics)]
    command += ["--log-level", "error", "--max-concurrent-requests", "10000"]
    with started(command, on=MEASURED, cwd=folder) as (pid, _):
        yield Stand(f"127.0.0.1:{port}", KEY, (pid,))


@contextlib.contextmanager
def litellm(url: str, folder: Path) -> Iterator[Stand]:
    """Run LiteLLM's proxy with a master key and no database."""
    (folder / "litellm.yaml").write_text(_LITELLM.format(model=MODEL, upstream=url, key=KEY))
    port = free_port()
    command: Words = [PEERS / "litellm", "--config", "litellm.yaml", "--num_workers", "1"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
    env |= {"LITELLM_LOG": "ERROR", "NO_DOCS": "True"}
    with started(command, on=MEASURED, cwd=folder, env=env) as (pid, _):
        yield Stand(f"127.0.0.1:{port}", KEY, (pid,))


@contextlib.contextmanager
def fastchat(url: str, folder: Path) -> Iterator[Stand]:
    """Run FastChat's controller and OpenAI server; the upstream is its worker."""
    controller, port = f"http://127.0.0.1:{free_port()}", free_port()
    serve: Words = [FASTCHAT, "-m", "fastchat.serve.controller"]
    serve += ["--host", "127.0.0.1", "--port", controller.rpartition(":")[2]]
    api: Words = [FASTCHAT, "-m", "fastchat.serve.openai_api_server"]
    api += ["--host", "127.0.0.1", "--port", str(port), "--controller-address", controller]
    api += ["--api-keys", KEY]
    on = MEASURED
    with (
        started(serve, on=on, cwd=folder, says=r"(Uvicorn running)") as (first, _),
        started(api, on=on, cwd=folder, says=r"(Uvicorn running)") as (second, _),
    ):
        ask(
            f"{controller}/register_worker",
            {"worker_name": url, "check_heart_beat": False, "worker_status": None},
        )
        yield Stand(f"127.0.0.1:{port}", KEY, (first, second))


STANDS = {
    "direct": direct,
    "bare relay, no features": bare,
    "BlindArena": ours,
    "vllm-router": vllm_router,
    "LiteLLM proxy": litellm,
    "FastChat": fastchat,
}


@contextlib.contextmanager
def stand(name: str, url: str) -> Iterator[Stand]:
    """Run one of `STANDS` until the block ends; it answers."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        STANDS[name](url, Path(temporary)) as running,
    ):
        wait_for(running.host, running.key)
        yield running
