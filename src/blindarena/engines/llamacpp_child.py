"""The child process that serves one model: llama.cpp's HTTP server through xllamacpp.

It is a process of its own because llama.cpp aborts the process that holds it when something is
badly wrong. It listens on 127.0.0.1 and a port the kernel chooses, or where it is told, says which
on standard output, and ends with its parent. A key to ask clients for comes in a variable.
"""

import argparse
import importlib
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Protocol

from blindarena.engines.announce import EXIT_FATAL, Fatal, Listening, to_line
from blindarena.engines.foreign import KEY_VARIABLE, reachable
from blindarena.engines.gguf import check_gguf
from blindarena.engines.lifeline import tie_to_parent
from blindarena.errors import ConfigError, EngineError

HTTP_THREADS = 64
"""A waiting request holds one; enough are left to answer /health while many wait for a slot."""


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until the parent ends or a signal comes."""
    tie_to_parent()
    options = _parse(argv)
    try:
        check_gguf(options.model)
        key = os.environ.get(KEY_VARIABLE)
        server = start_server(_load_xllamacpp(), options, key=key)
    except (ConfigError, EngineError) as error:
        _say(Fatal(str(error)))
        sys.exit(EXIT_FATAL)
    address = server.listening_address
    _say(Listening(address.replace(f"//{options.host}:", f"//{reachable(options.host)}:")))
    threading.Event().wait()


class RunningServer(Protocol):
    """What is needed of xllamacpp.Server; it serves as long as the object lives."""

    @property
    def listening_address(self) -> str:
        """The root address, with the port it was given."""
        ...


def start_server(
    xllamacpp: ModuleType, options: argparse.Namespace, *, key: str | None = None
) -> RunningServer:
    """Load the model and start answering; returns when it is loaded.

    Raises:
        EngineError: llama.cpp refused the model or the sizes; the reason is in its log.
    """
    params = xllamacpp.CommonParams()
    params.model.path = str(options.model)
    params.model_alias = {options.alias}
    params.hostnames = [options.host]
    params.port = options.port
    params.api_keys = [key] if key else []
    params.n_parallel = options.slots
    params.n_ctx = options.context * options.slots
    # A request without max_tokens would write for ever.
    params.n_predict = options.context
    params.cache_ram_mib = 0
    params.warmup = True
    params.cpuparams.n_threads = options.threads
    params.cpuparams_batch.n_threads = options.threads
    params.n_threads_http = HTTP_THREADS
    params.embedding = options.embedding
    # Numbers only, for draining; slots would show prompts, and no web page has business here.
    params.endpoint_metrics = True
    params.endpoint_slots = False
    params.ui = False
    params.cors_origins = ""
    try:
        server: RunningServer = xllamacpp.Server(params)
    except RuntimeError as error:
        raise EngineError(
            f"llama.cpp could not load {options.model} with {options.slots} slots of "
            f"{options.context} tokens: {error}"
        ) from error
    return server


def _load_xllamacpp() -> ModuleType:
    try:
        return importlib.import_module("xllamacpp")
    except ImportError as error:
        raise EngineError(
            f"llama.cpp is not installed ({error}); run: pip install 'blindarena[local]'"
        ) from error


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="llamacpp_child", description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--alias", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--context", type=int, required=True, help="tokens of each slot")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--embedding", action="store_true")
    return parser.parse_args(argv)


def _say(event: Listening | Fatal) -> None:
    print(to_line(event), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
