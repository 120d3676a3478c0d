"""Measure what BlindArena adds to the time to the first token.

    python benchmarks/bench_first_token.py

Budget: 5 ms at the median. `paced_upstream.py` and `blindarena up` run in processes of their
own. Each round asks the upstream directly for one stream, then the server for a battle's turn,
which stores the turn (SQLite, a commit to disk) and asks the same upstream for two streams; who
goes first alternates. "Added" is the difference within a round. Both clients keep their
connections; the wait for the slower side (`start_together_s`) is off.
"""

import tempfile
from pathlib import Path
from statistics import median, quantiles

import uvloop

from rows import Row, save
from served import paced_upstream, serving, write_site
from wire import Connection, Reply, Voter

ROUNDS = 400
WARM_UP = 40
TURNS = 10  # of one battle; 12 are the most


def first_direct(reply: Reply) -> float:
    """Return the seconds until the upstream's first text."""
    for at, _, data in reply.events():
        if data["choices"] and data["choices"][0]["delta"].get("content"):
            return at - reply.sent_at
    raise RuntimeError("the upstream sent no text")


def first_served(reply: Reply) -> dict[str, float]:
    """Return the seconds until the first text of each side."""
    first: dict[str, float] = {}
    for at, name, data in reply.events():
        if name == "error":
            raise RuntimeError(f"a battle failed: {data}")
        if name == "delta":
            first.setdefault(data["side"], at - reply.sent_at)
    return first


async def measure(upstream: str, server: str) -> tuple[list[float], list[dict[str, float]]]:
    """Run all rounds; return the direct times and the served ones."""
    direct, served = [], []
    plain = await Connection.open(upstream)
    voter = await Voter.open(server)
    path = "/" + upstream.removeprefix("http://").partition("/")[2] + "/chat/completions"
    message = {"role": "user", "content": "Say something."}
    body = {"model": "one", "stream": True, "messages": [message]}
    battle = ""
    for number in range(WARM_UP + ROUNDS):
        if number % TURNS == 0:
            battle = await voter.start_battle()
        if number % 2:
            direct.append(first_direct(await plain.ask("POST", path, body)))
        served.append(first_served(await voter.send_turn(battle)))
        if not number % 2:
            direct.append(first_direct(await plain.ask("POST", path, body)))
    plain.close()
    voter.close()
    return direct[WARM_UP:], served[WARM_UP:]


def main() -> None:
    """Run and write `results/first_token.json` and `.md`."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        paced_upstream("--tokens", "8", "--tokens-per-s", "400") as upstream,
        serving(write_site(Path(temporary), upstream=upstream.url)) as server,
    ):
        direct, served = uvloop.run(measure(upstream.url, server.url))
    pairs = list(zip(direct, served, strict=True))
    either = [min(sides.values()) - alone for alone, sides in pairs]
    both = [max(sides.values()) - alone for alone, sides in pairs]
    each = [side - alone for alone, sides in pairs for side in sides.values()]
    save(
        "first_token",
        [
            Row("first token, upstream asked directly, p50", 1e3 * median(direct), "ms", None),
            Row("added to a side's first token, p50", 1e3 * median(each), "ms", "<= 5"),
            Row("added to a side's first token, p99", 1e3 * _p99(each), "ms", None),
            Row("added until the first side writes, p50", 1e3 * median(either), "ms", None),
            Row("added until both sides write, p50", 1e3 * median(both), "ms", None),
        ],
    )


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


if __name__ == "__main__":
    main()
