"""An engine's process in a few lines, that misbehaves on request; run by test_supervisor.py."""

import argparse
import ctypes
import http.server
import os
import signal
import sys
import threading
import time
from pathlib import Path

from blindarena.engines.announce import Fatal, Listening, to_line
from blindarena.engines.lifeline import tie_to_parent

parser = argparse.ArgumentParser()
parser.add_argument("--slow", type=float, default=0.0, help="seconds until it listens")
parser.add_argument("--unhealthy-for", type=float, default=0.0, help="seconds of 503")
parser.add_argument("--fatal", default="", help="say why and end")
parser.add_argument("--abort", action="store_true", help="die by SIGABRT at once")
parser.add_argument("--abort-first", type=int, default=0, help="abort in the first N starts")
parser.add_argument("--silent", action="store_true", help="never listen")
parser.add_argument("--hold-lock", action="store_true", help="like C++ that loads a model")
parser.add_argument("--hang-after", type=float, default=1e9, help="answer no more after seconds")
parser.add_argument("--busy-for", type=float, default=0.0, help="a running request for seconds")
parser.add_argument("--ignore-term", action="store_true")
parser.add_argument("--counter", type=Path, help="file that grows by a byte at every start")
options = parser.parse_args()

tie_to_parent()
starts = 0
if options.counter:
    with options.counter.open("ab") as file:
        file.write(b".")
    starts = options.counter.stat().st_size
if options.ignore_term:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("a line of the log", file=sys.stderr, flush=True)
print("0.00.1 E   the real   cause", file=sys.stderr, flush=True)
print("0.00.2 E a consequence", file=sys.stderr, flush=True)
if options.fatal:
    print(to_line(Fatal(options.fatal)), flush=True)
    sys.exit(3)
if options.abort or (starts <= options.abort_first and options.abort_first):
    os.abort()
if options.hold_lock:
    # PyDLL calls without releasing the interpreter's lock: no other thread runs any more.
    ctypes.PyDLL(None).sleep(60)
if options.silent:
    threading.Event().wait()
time.sleep(options.slow)
born = time.monotonic()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        age = time.monotonic() - born
        status, body = 200, b"{}"
        if self.path == "/metrics":
            busy = int(age < options.busy_for)
            body = b"llamacpp:requests_processing %d\nllamacpp:requests_deferred 0\n" % busy
        elif age < options.unhealthy_for or age > options.hang_after:
            status = 503
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("not an event", flush=True)
print(to_line(Listening(f"http://127.0.0.1:{server.server_port}")), flush=True)
server.serve_forever()
