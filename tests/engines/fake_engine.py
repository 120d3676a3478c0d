"""A stand-in for vLLM, SGLang or a server of one's own: their flags, FakeUpstream's answers.

It takes only options of the published lists, so that a typo in our commands ends it, asks for its
key as the real ones do, and has their /health and /metrics. Run as

    python fake_engine.py vllm serve MODEL --host H --port P ...
    python fake_engine.py sglang --model-path MODEL --host H --port P ...
    python fake_engine.py own --port P
"""

import argparse
import asyncio
import os
import subprocess
import sys
from pathlib import Path

import aiohttp
from aiohttp import web

from blindarena.testing.fake_upstream import FakeUpstream
from blindarena.testing.upstream_behaviour import Behaviour

DATA = Path(__file__).parent / "data"
BUSY = {
    "vllm": 'vllm:num_requests_running{{engine="0",model_name="m"}} {open}.0\n'
    'vllm:num_requests_waiting{{engine="0",model_name="m"}} 0.0\n',
    "sglang": 'sglang:num_running_reqs{{model_name="m"}} {open}.0\n'
    'sglang:num_queue_reqs{{model_name="m"}} 0.0\n',
}


def published(kind: str) -> set[str]:
    """Return the option names that a package publishes."""
    lines = (DATA / f"{kind}_options.txt").read_text().splitlines()
    return {line for line in lines if line.startswith("--")}


def parse(argv: list[str]) -> tuple[str, argparse.Namespace]:
    kind, *line = argv
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    if kind == "vllm":
        parser.add_argument("verb", choices=["serve"])
        parser.add_argument("model")
    if kind == "sglang":
        parser.add_argument("--model-path", dest="model", required=True)
    if kind != "own":
        unknown = {word for word in line if word.startswith("--")} - published(kind)
        if unknown:
            sys.exit(f"unrecognized arguments: {' '.join(sorted(unknown))}")
    parser.add_argument("--served-model-name", default="own")
    parser.add_argument("--api-key", default=os.environ.get("VLLM_API_KEY") or None)
    parser.add_argument("--enable-metrics", action="store_true")
    known, _ = parser.parse_known_args(line)
    return kind, known


async def serve(kind: str, options: argparse.Namespace) -> None:
    pace = float(os.environ.get("FAKE_ENGINE_DELAY_S", "0"))
    words = int(os.environ.get("FAKE_ENGINE_WORDS", "3"))
    text = " ".join(f"word{n}" for n in range(words))
    behaviour = Behaviour(text=text, chunk_size=7, delay_s=pace)
    upstream = FakeUpstream({options.served_model_name: behaviour}, port=0)

    @web.middleware
    async def key(request: web.Request, handler: object) -> web.StreamResponse:
        wrong = request.headers.get("Authorization") != f"Bearer {options.api_key}"
        if options.api_key and request.path.startswith("/v1") and wrong:
            return web.json_response({"error": "Unauthorized"}, status=401)
        return await handler(request)  # type: ignore[operator,no-any-return]

    async def health(request: web.Request) -> web.Response:
        return web.Response()

    async def metrics(request: web.Request) -> web.Response:
        return web.Response(text=BUSY[kind].format(open=upstream.open))

    async def answer(request: web.Request) -> web.StreamResponse:
        url = upstream.url.removesuffix("/v1") + request.path
        async with http.request(request.method, url, data=await request.read()) as reply:
            response = web.StreamResponse(status=reply.status)
            response.content_type = reply.content_type
            await response.prepare(request)
            async for piece in reply.content.iter_any():
                await response.write(piece)
            await response.write_eof()
            return response

    app = web.Application(middlewares=[key])
    app.router.add_route("*", "/v1/{path:.+}", answer)
    if kind != "own":
        app.router.add_get("/health", health)
    if kind == "vllm" or options.enable_metrics:
        app.router.add_get("/metrics", metrics)
    async with upstream, aiohttp.ClientSession() as http:
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, options.host, options.port).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    name, parsed = parse(sys.argv[1:])
    if pids := os.environ.get("FAKE_ENGINE_CHILD"):  # like vLLM's own engine process
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        with Path(pids).open("a") as file:
            file.write(f"{os.getpid()} {child.pid}\n")
    asyncio.run(serve(name, parsed))
