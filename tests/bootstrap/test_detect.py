"""What else could join the demo: found, listed, and off until somebody clicks."""

import struct
from pathlib import Path

from aiohttp import web

from blindarena.bootstrap.demo import plan_demo
from blindarena.bootstrap.detect import detect_keys, detect_ollama
from blindarena.gateway.catalog import load_catalog


async def ollama(reply: web.Response) -> tuple[web.AppRunner, str]:
    app = web.Application()

    async def tags(request: web.Request) -> web.Response:
        return reply

    app.router.add_get("/api/tags", tags)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def test_a_local_ollama_is_found() -> None:
    models = {"models": [{"name": "qwen3:4b"}, {"name": "gemma3:1b"}]}
    runner, url = await ollama(web.json_response(models))
    found = await detect_ollama(url)
    await runner.cleanup()

    assert {d.model for d in found.values()} == {"qwen3:4b", "gemma3:1b"}
    assert {d.base_url for d in found.values()} == {f"{url}/v1"}


async def test_no_ollama_and_a_strange_one_are_no_error() -> None:
    assert await detect_ollama("http://127.0.0.1:9") == {}
    for reply in (web.Response(text="hello"), web.json_response([1]), web.Response(status=500)):
        runner, url = await ollama(reply)
        assert await detect_ollama(url) == {}
        await runner.cleanup()


def test_keys_in_the_environment_name_real_rows_of_the_catalogue() -> None:
    environ = {p.key_env: "k" for p in load_catalog().values() if p.key_env}
    found = detect_keys(environ)

    assert len(found) >= 6
    assert detect_keys({}) == {}
    assert "k" not in {d.key and d.key.env for d in found.values()}


async def test_the_demo_lists_them_disabled_with_their_price(tmp_path: Path) -> None:
    plan = await plan_demo(
        data_dir=tmp_path,
        host="127.0.0.1",
        port=0,
        model=None,
        environ={"OPENAI_API_KEY": "k", "GROQ_API_KEY": ""},
    )
    live = plan.arenas[1].contestants
    added = [c for c in live if not c.name.startswith("SmolLM2")]

    assert [c.enabled for c in added] == [False]
    assert "USD per M tokens" in added[0].description
    assert "k" not in repr(plan.deployments[added[0].deployments[0]].key)


async def test_a_model_named_by_the_user_joins_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 1, 0))  # a head is all that is read here
    plan = await plan_demo(data_dir=tmp_path, host="127.0.0.1", port=0, model=str(file), environ={})
    mine = next(c for c in plan.arenas[1].contestants if c.name == "mine")

    assert mine.enabled
    assert plan.deployments[mine.deployments[0]].model == str(file)
