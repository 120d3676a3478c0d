"""The process between a supervisor and a server that is not ours, such as vLLM.

It gives the server a port, says where it will listen, and ends it with everything that it started:
when the server ends, when a signal comes, and when the supervisor is gone, however that ended.
"""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence

from blindarena.engines.announce import EXIT_FATAL, Fatal, Listening, to_line
from blindarena.engines.foreign import KEY_VARIABLE, fill, root_url
from blindarena.engines.lifeline import die_with_parent
from blindarena.errors import EngineError

GRACE_S = 4.0
"""Between asking the server to end and killing it; less than the supervisor waits for us."""
INSTALL = {"vllm": "run: pip install vllm"}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the server until it ends."""
    options, line = _parse(sys.argv[1:] if argv is None else argv)
    try:
        port = options.port or free_port(options.host)
        server = start(line, port=port, key=os.environ.get(KEY_VARIABLE, ""))
    except EngineError as error:
        print(to_line(Fatal(str(error))), flush=True)  # noqa: T201
        sys.exit(EXIT_FATAL)
    signal.signal(signal.SIGTERM, lambda *_: _end_soon(server))
    threading.Thread(target=_end_with_supervisor, args=[server], daemon=True).start()
    print(to_line(Listening(root_url(options.host, port))), flush=True)  # noqa: T201
    status = server.wait()
    _kill_group(server)
    sys.exit(status if status >= 0 else 128 - status)


def start(line: Sequence[str], *, port: int, key: str) -> "subprocess.Popen[bytes]":
    """Start a server with port and key in their places.

    Raises:
        EngineError: there is no such program, or it may not be started.
    """
    values = {"{port}": str(port), "{key}": key}
    words = [fill(word, values) for word in line]
    try:
        return subprocess.Popen(  # noqa: S603 - the owner's command
            words,
            stdin=subprocess.DEVNULL,
            process_group=0,
            # Should this process be killed, nobody else ends the server. No thread runs yet.
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
    except OSError as error:
        cure = INSTALL.get(line[0], "check the command and PATH")
        raise EngineError(f"cannot start {line[0]}: {error.strerror}; {cure}") from error


def free_port(host: str) -> int:
    """Return a port that is free now; should another take it first, the next start asks anew.

    Raises:
        EngineError: the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((host, 0))
            return int(probe.getsockname()[1])
    except OSError as error:
        raise EngineError(f"cannot listen at {host}: {error.strerror or error}") from error


def _end_soon(server: "subprocess.Popen[bytes]") -> None:
    """Ask the server to end, and kill all that it started where it takes too long."""
    server.terminate()
    late = threading.Timer(GRACE_S, _kill_group, args=[server])
    late.daemon = True
    late.start()


def _end_with_supervisor(server: "subprocess.Popen[bytes]") -> None:
    """Kill the server once standard input closes: nobody is left to whom it answers."""
    while os.read(0, 4096):
        pass
    _kill_group(server)
    os._exit(0)


def _kill_group(server: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(server.pid, signal.SIGKILL)


def _parse(argv: Sequence[str]) -> tuple[argparse.Namespace, Sequence[str]]:
    """Return our options and, behind the first `--`, the server's command line."""
    parser = argparse.ArgumentParser(
        prog="foreign_child", description=__doc__, usage="%(prog)s --host H --port P -- COMMAND..."
    )
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one")
    if "--" not in argv[:-1]:
        parser.error("give the server's command line after --")
    middle = list(argv).index("--")
    return parser.parse_args(argv[:middle]), argv[middle + 1 :]


if __name__ == "__main__":
    main()
