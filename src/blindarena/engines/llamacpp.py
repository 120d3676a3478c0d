"""The command that serves a GGUF model with llama.cpp."""

import sys
from pathlib import Path

from blindarena.errors import ConfigError

SLOTS = range(1, 33)
DEFAULT_SLOTS = 2
DEFAULT_CONTEXT = 2048
MIN_CONTEXT = 256


def llamacpp_command(
    model: Path,
    *,
    alias: str,
    threads: int,
    slots: int = DEFAULT_SLOTS,
    context: int = DEFAULT_CONTEXT,
    embedding: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
) -> tuple[str, ...]:
    """Return the command of a child process that serves a model, on a free port of 127.0.0.1.

    Args:
        model: a GGUF file.
        alias: what the server calls the model; its file name stays unknown to clients.
        threads: of the whole engine, see `thread_budget`.
        slots: answers written at the same time; 2 to 4 on a small machine.
        context: tokens of each slot, prompt and answer together.
        embedding: serve embeddings instead of chat.
        host: address to listen at; beyond this machine, give it a key in KEY_VARIABLE.
        port: 0 takes a free one at each start.

    Raises:
        ConfigError: a number is out of range.
    """
    if slots not in SLOTS:
        raise ConfigError(f"slots is {slots}; give {SLOTS.start} to {SLOTS.stop - 1}")
    if context < MIN_CONTEXT:
        raise ConfigError(f"context is {context} tokens; give at least {MIN_CONTEXT}")
    if threads < 1:
        raise ConfigError(f"threads is {threads}; give at least 1")
    # -P: nothing is imported from the directory that the user happens to be in.
    command = [sys.executable, "-P", "-m", "blindarena.engines.llamacpp_child"]
    command += ["--model", str(model), "--alias", alias, "--threads", str(threads)]
    command += ["--slots", str(slots), "--context", str(context)]
    command += ["--host", host, "--port", str(port)]
    return (*command, "--embedding") if embedding else tuple(command)
