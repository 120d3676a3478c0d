"""The commands of servers that are not ours: vLLM, SGLang, and any that answers OpenAI requests.

Option names: https://docs.vllm.ai/en/stable/cli/serve/ and
https://docs.sglang.io/advanced_features/server_arguments.html; a test compares them with the lists
that the packages themselves give.
"""

import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from blindarena.errors import ConfigError

ForeignKind = Literal["vllm", "sglang", "command"]
KEY_VARIABLE = "BLINDARENA_ENGINE_KEY"


@dataclass(frozen=True, slots=True)
class Launch:
    """How an engine is started.

    Attributes:
        command: for the supervisor; it holds no key.
        env: variables to add; the key is among them.
        key: what the engine asks its clients for; None where it asks for none.
    """

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a foreign engine should serve.

    Attributes:
        model: as the engine names it: a hub repository or a folder.
        name: what it shall call the model in its replies, and be asked for.
        host: address to listen at.
        port: 0 takes a free one at each start.
        max_concurrent: answers written at the same time; None leaves it to the engine.
        context: tokens of prompt and answer; None leaves it to the model.
        args: passed on as they are, after ours.
        command: for the kind "command" only.
    """

    model: str
    name: str
    host: str = "127.0.0.1"
    port: int = 0
    max_concurrent: int | None = None
    context: int | None = None
    args: tuple[str, ...] = ()
    command: str = ""


def foreign_launch(kind: ForeignKind, wanted: Wanted, *, key: str | None) -> Launch:
    """Return how to start an engine of a kind, with a key that it asks its clients for.

    Args:
        kind: "command" runs `wanted.command`.
        wanted: what to serve.
        key: None asks for none.

    Raises:
        ConfigError: the command cannot be read, or has no place for the port.
    """
    env = {KEY_VARIABLE: key or ""}
    if kind == "vllm":
        arguments = vllm_arguments(wanted)
        # Not --api-key, which every user of the machine could read.
        env["VLLM_API_KEY"] = key or ""
    elif kind == "sglang":
        arguments = sglang_arguments(wanted, with_key=key is not None)
    else:
        arguments = own_arguments(wanted)
    # -P: nothing is imported from the directory that the user happens to be in.
    child = [sys.executable, "-P", "-m", "blindarena.engines.foreign_child"]
    child += ["--host", wanted.host, "--port", str(wanted.port), "--", *arguments]
    return Launch(tuple(child), env, key)


def vllm_arguments(wanted: Wanted) -> list[str]:
    """Return the command line of `vllm serve`, with `{port}` for the port."""
    line = ["vllm", "serve", wanted.model, "--host", wanted.host, "--port", "{port}"]
    line += ["--served-model-name", wanted.name]
    if wanted.max_concurrent is not None:
        line += ["--max-num-seqs", str(wanted.max_concurrent)]
    if wanted.context is not None:
        line += ["--max-model-len", str(wanted.context)]
    return [*line, *wanted.args]


def sglang_arguments(wanted: Wanted, *, with_key: bool = True) -> list[str]:
    """Return the command line of SGLang's server, with `{port}` and `{key}` for port and key.

    It knows no variable for the key; `--enable-metrics` is what tells how busy it is.
    """
    line = [sys.executable, "-m", "sglang.launch_server", "--model-path", wanted.model]
    line += ["--host", wanted.host, "--port", "{port}", "--served-model-name", wanted.name]
    line += ["--enable-metrics", *(["--api-key", "{key}"] if with_key else [])]
    if wanted.max_concurrent is not None:
        line += ["--max-running-requests", str(wanted.max_concurrent)]
    if wanted.context is not None:
        line += ["--context-length", str(wanted.context)]
    return [*line, *wanted.args]


def own_arguments(wanted: Wanted) -> list[str]:
    """Split a command line of the owner's, and put model, name and host in; no shell reads it.

    Raises:
        ConfigError: a quote is not closed, it is empty, or it has no `{port}`.
    """
    where = f"command {wanted.command!r}"
    try:
        words = shlex.split(wanted.command)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}; close the quote") from error
    if not words:
        raise ConfigError("the command is empty; give one such as 'my-server --port {port}'")
    if not any("{port}" in word for word in words):
        raise ConfigError(f"{where} has no {{port}}; write it where the port belongs")
    known = {"{model}": wanted.model, "{name}": wanted.name, "{host}": wanted.host}
    return [*(fill(word, known) for word in words), *wanted.args]


def takes_key(command: str) -> bool:
    """Say whether a command of the owner's has a place for the key."""
    return "{key}" in command or KEY_VARIABLE in command


def fill(word: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their placeholders; other braces stay, as those of JSON."""
    for placeholder, value in values.items():
        word = word.replace(placeholder, value)
    return word


def new_key() -> str:
    """Return a random key of 256 bits."""
    return secrets.token_urlsafe(32)


def reachable(host: str) -> str:
    """Return an address at which one's own server answers, for a host that it listens at."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def root_url(host: str, port: int) -> str:
    """Return a server's root."""
    shown = reachable(host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches what listens at a host."""
    return host == "localhost" or host == "::1" or host.startswith("127.")
