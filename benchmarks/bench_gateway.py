"""Measure the gateway beside vllm-router, LiteLLM, FastChat and a bare relay.

    make bench-gateway ARGS="--rounds 5"

All stand before the same upstream, one after another, several rounds; the median of the rounds
counts. What is measured has one core, upstream and load another. The upstream answers 50 tokens
at once, or as a stream of 50 chunks 4 ms apart. BlindArena runs with everything on: a key with
limits of every kind, two deployments with breakers and places, usage rows in SQLite, metrics.
LiteLLM checks a key and has no database, FastChat checks a key, vllm-router checks none: it only
balances. CPU time is that of all processes of a gateway, from `/proc`: it is the figure that says
most where other programs take a part of a core. "Added" compares with the upstream asked directly,
in turns, on one connection each. Paced streams: 48 connections, each asks again when its stream
has ended. FastChat has the upstream for a worker and an environment of its own, as its streams
need pydantic 1.
"""

import argparse
import gc
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import uvloop

from gateway_load import Target, alternate, keep_busy, p50, p99
from gateway_stands import BESIDE, FASTCHAT, KEY, MEASURED, PEERS, STANDS, Stand, stand, upstream
from rows import SERVER, Row, save, shown

TOKENS = 50
OURS = "BlindArena"


@dataclass(frozen=True)
class Figures:
    """What was measured of one gateway in one round; NaN where it has no meaning.

    Attributes:
        added_p50, added_p99: milliseconds, over asking directly.
        rate: requests per second on 32 connections.
        cpu_us: of a request.
        first_ms: until the first token of a paced stream, its median.
        stream_ms: CPU time of a paced stream.
        rss_mb: memory after all that.
    """

    added_p50: float
    added_p99: float
    rate: float
    cpu_us: float
    first_ms: float
    stream_ms: float
    rss_mb: float


async def measure(running: Stand, url: str, options: argparse.Namespace) -> Figures:
    """Measure a gateway that runs."""
    seconds = options.seconds
    there = Target(running.host, running.key, TOKENS)
    alone = Target(url.removeprefix("http://"), KEY, TOKENS)
    for stream in (False, True):
        (await keep_busy(there, connections=4, seconds=2.0, stream=stream)).check()
    straight, through = await alternate(alone, there, count=options.requests)
    straight.check()
    through.check()
    before = running.cpu_seconds()
    flood = await keep_busy(there, connections=32, seconds=seconds, stream=False)
    flood.check()
    took = running.cpu_seconds() - before
    before = running.cpu_seconds()
    paced = await keep_busy(  # twice as long: the slow ones need seconds for a first token
        there, connections=48, seconds=2 * seconds, stream=True, spread_s=0.2
    )
    paced.check()
    streamed = running.cpu_seconds() - before
    return Figures(
        added_p50=p50(through.whole) - p50(straight.whole),
        added_p99=p99(through.whole) - p99(straight.whole),
        rate=len(flood.whole) / seconds,
        cpu_us=1e6 * took / len(flood.whole),
        first_ms=p50(paced.first),
        stream_ms=1e3 * streamed * TOKENS / paced.tokens,
        rss_mb=running.rss_mb(),
    )


def middle(rounds: Sequence[Figures]) -> Figures:
    """Return the medians."""
    return Figures(
        **{
            field.name: statistics.median(getattr(one, field.name) for one in rounds)
            for field in fields(Figures)
        }
    )


def rows_of(found: Mapping[str, Figures]) -> Iterator[Row]:
    """Return the rows with budgets, and how many times as much others take."""
    ours = found[OURS]
    first = ours.first_ms - found["direct"].first_ms
    yield Row("gateway: added to a reply, p50", ours.added_p50, "ms", "<= 1")
    yield Row("gateway: added to a reply, p99", ours.added_p99, "ms", None)
    yield Row("gateway: requests per second, 32 connections", ours.rate, "", ">= 3000")
    yield Row("gateway: CPU of a request", ours.cpu_us, "us", "<= 300")
    yield Row("gateway: added to the first token of 48 paced streams, p50", first, "ms", "<= 5")
    yield Row("gateway: CPU of a stream of 50 chunks", ours.stream_ms, "ms", "<= 3")
    yield Row("gateway: CPU of a chunk", 1e3 * ours.stream_ms / TOKENS, "us", "<= 60")
    yield Row("gateway: memory", ours.rss_mb, "MB", "<= 120")
    for name, other in found.items():
        if name in (OURS, "direct"):
            continue
        yield Row(
            f"gateway: CPU of a request, {name} over {OURS}",
            other.cpu_us / ours.cpu_us,
            "times",
            None,
        )
        ratio = other.stream_ms / ours.stream_ms
        yield Row(f"gateway: CPU of a stream, {name} over {OURS}", ratio, "times", None)


def wide(found: Mapping[str, Figures]) -> str:
    """Return one table of everything."""
    heads = (
        "gateway",
        "added p50 ms",
        "added p99 ms",
        "requests/s",
        "CPU us/request",
        "first token p50 ms",
        "CPU ms/stream",
        "CPU us/chunk",
        "memory MB",
    )
    lines = ["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|"]
    for name, one in found.items():
        known = asdict(one)
        known["chunk_us"] = 1e3 * one.stream_ms / TOKENS
        order = ("added_p50", "added_p99", "rate", "cpu_us", "first_ms", "stream_ms", "chunk_us")
        values = [known[key] for key in (*order, "rss_mb")]
        if name == "direct":
            values = [None, None, one.rate, None, one.first_ms, None, None, None]
        cells = ["" if value is None else shown(value) for value in values]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines)


def wins(found: Mapping[str, Figures]) -> str | None:
    """Say what vllm-router does better."""
    other, ours = found.get("vllm-router"), found[OURS]
    if other is None:
        return None
    less = {
        "added time": (other.added_p50, ours.added_p50),
        "CPU of a request": (other.cpu_us, ours.cpu_us),
        "time to the first token": (other.first_ms, ours.first_ms),
        "CPU of a stream": (other.stream_ms, ours.stream_ms),
        "memory": (other.rss_mb, ours.rss_mb),
    }
    better = [f"{what} ({b / a:.2g} times less)" for what, (a, b) in less.items() if 0 < a < b]
    if other.rate > ours.rate:
        better.append(f"requests per second ({other.rate / ours.rate:.2g} times as many)")
    if not better:
        return "vllm-router, compiled from Rust, is better in none of these figures."
    return (
        f"vllm-router, compiled from Rust, is better in {', '.join(better)}; it knows no keys, "
        "limits, prices or usage, and only engines of OpenAI's format."
    )


def peers() -> str:
    """Name the versions of the others."""
    said = []
    for python, name in (
        (PEERS / "python", "vllm-router"),
        (PEERS / "python", "litellm"),
        (FASTCHAT, "fschat"),
    ):
        code = f"from importlib.metadata import version; print(version({name!r}))"
        if not python.exists():
            said.append(f"{name} (not installed)")
            continue
        found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
        said.append(f"{name} {found.stdout.strip() or '(not installed)'}")
    return f"Measured beside {', '.join(said)}, in environments of their own."


def main() -> None:
    """Run and write `results/gateway.json` and `.md`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each load")
    parser.add_argument("--requests", type=int, default=1000, help="asked in turns")
    parser.add_argument("--only", choices=STANDS, nargs="+", default=list(STANDS))
    parser.add_argument("--dry", action="store_true", help="print, but write no results")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends too
    os.sched_setaffinity(0, BESIDE)
    gc.freeze()
    gc.disable()
    found: dict[str, list[Figures]] = {name: [] for name in options.only}
    notes = []
    with tempfile.TemporaryDirectory() as temporary, upstream(Path(temporary)) as url:
        for _ in range(options.rounds):
            for name in list(found):
                try:
                    with stand(name, url) as running:
                        found[name].append(uvloop.run(measure(running, url, options)))
                except (RuntimeError, OSError) as error:
                    if name == OURS:
                        raise
                    notes.append(f"{name} was not measured: {' '.join(str(error).split())[:300]}")
                    del found[name]
                    print(notes[-1], flush=True)
                    continue
                print(name, found[name][-1], flush=True)
    middles = {name: middle(rounds) for name, rounds in found.items()}
    print(wide(middles))
    if options.dry or not {OURS, "direct"} <= middles.keys():
        return
    notes = [wide(middles), *filter(None, [wins(middles)]), peers(), *notes]
    os.sched_setaffinity(0, MEASURED | BESIDE)
    save("gateway", list(rows_of(middles)), packages=(*SERVER, "msgspec", "httptools"), notes=notes)


if __name__ == "__main__":
    main()
