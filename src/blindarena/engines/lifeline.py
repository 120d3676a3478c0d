"""Tie a child process to its parent, so that none is ever left behind.

`python -P lifeline.py MODULE ARG...` runs a Python module so tied. The parent
keeps the child's standard input open and never writes to it; however the parent ends, even by
kill -9, the kernel closes the pipe and the child ends too.
"""

import os
import runpy
import signal
import sys
import threading


def tie_to_parent() -> None:
    """End this process as soon as its standard input closes, on Linux also when its parent dies."""
    if sys.platform == "linux":
        die_with_parent()
    threading.Thread(target=_wait_for_end, name="lifeline", daemon=True).start()


def die_with_parent() -> None:
    """Ask the kernel for SIGKILL on the parent's death.

    The pipe alone is not enough: C++ code that holds the interpreter's lock, as while a model
    loads, keeps the watching thread from running.
    """
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)


def _wait_for_end() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def main() -> None:
    """Run the module named by the first argument with the rest as its arguments.

    An argument `--path P` before the module puts P first on the module search path.
    """
    tie_to_parent()
    arguments = sys.argv[1:]
    if arguments[0] == "--path":
        sys.path.insert(0, arguments[1])
        arguments = arguments[2:]
    sys.argv = arguments
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
