"""What every server of ours begins with: a socket, a loop, a calm garbage collector."""

import asyncio
import gc
import socket
from collections.abc import Coroutine
from typing import Any

from blindarena.errors import ConfigError


def calm_collector() -> None:
    """Let the garbage collector leave alone what stays to the end: modules, prices, settings.

    Full collections that walk through all of it took half of a small request's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)


def run_async(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:  # on Windows, and on interpreters that it does not know
        asyncio.run(main)
    else:
        uvloop.run(main)


def bind(host: str, port: int, *, tries: int = 1, reuse_port: bool = False) -> socket.socket:
    """Bind a listening socket.

    Args:
        host: an address of ours.
        port: the first to try; 0 takes any free one.
        tries: how many ports to try, upwards.
        reuse_port: other processes may listen at the same port, and share what comes.

    Raises:
        ConfigError: the port is in use or may not be used, or the host is no address of ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last = ""
    for candidate in range(port, min(port + tries, 65536)):
        # The protocol is named, for asyncio sets TCP_NODELAY only then.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if reuse_port:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((host, candidate))
            listener.listen(2048)
            listener.setblocking(False)
        except OSError as error:
            listener.close()
            last = error.strerror or str(error)
        else:
            return listener
    raise ConfigError(f"can't listen at {host}:{port}: {last}; give another port with --port")
