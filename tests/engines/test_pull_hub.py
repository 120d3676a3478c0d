"""Pulling from a hub on loopback: whole and checked, or not at all."""

import asyncio
import os
from pathlib import Path

import pytest

from blindarena.engines import hub as hub_module
from blindarena.engines.hub import redirected
from blindarena.engines.models import resolve_model
from blindarena.engines.pull import pull_model
from blindarena.errors import BlindArenaError, ConfigError, EngineError

from .fake_hub import COMMIT, FakeHub, serve
from .helpers import GGUF_BYTES

BIG = GGUF_BYTES + os.urandom(3_000_000)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RETRY_PAUSE_S", 0.01)


async def pull(hub: FakeHub, folder: Path, model: str = "org/repo:m.gguf", **env: str) -> Path:
    return await pull_model(model, models_dir=folder, env={"HF_ENDPOINT": hub.url, **env})


def leftovers(folder: Path) -> list[str]:
    """Everything in the models directory but locks and empty directories."""
    files = [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock"]
    return sorted(str(p.relative_to(folder)) for p in files)


async def test_streams_checks_and_is_found_again(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    async with serve(FakeHub({"m.gguf": BIG, "README.md": b"x"})) as hub:
        path = await pull_model(
            "org/repo:m.gguf",
            models_dir=tmp_path / "made",
            env={"HF_ENDPOINT": hub.url + "/"},
            progress=lambda done, total: seen.append((done, total)),
        )
        assert path.read_bytes() == BIG
        assert resolve_model("org/repo", models_dir=tmp_path / "made") == path
        assert seen[0] == (0, len(BIG))
        assert seen[-1] == (len(BIG), len(BIG))
        assert [d for d, _ in seen] == sorted(d for d, _ in seen)
        asked = len(hub.requests)
        assert await pull(hub, tmp_path / "made") == path
        assert len(hub.requests) == asked, "a pulled model is pulled again"
        assert COMMIT in hub.downloads()[0].path
    assert leftovers(tmp_path) == ["made/org--repo/m.gguf"]


async def test_the_file_is_chosen_where_none_is_named(tmp_path: Path) -> None:
    files = {"m-f16.gguf": BIG, "sub/m-Q4_K_M.gguf": GGUF_BYTES}
    async with serve(FakeHub(files)) as hub:
        path = await pull(hub, tmp_path, "org/repo")
    assert path == tmp_path / "org--repo" / "sub" / "m-Q4_K_M.gguf"
    assert path.read_bytes() == GGUF_BYTES


async def test_a_wrong_checksum_leaves_nothing(tmp_path: Path) -> None:
    hub = FakeHub({"m.gguf": BIG}, promised={"m.gguf": "ab" * 32})
    async with serve(hub):
        with pytest.raises(EngineError, match=r"abababababab\.\.\. was promised"):
            await pull(hub, tmp_path)
    assert leftovers(tmp_path) == []


async def test_a_broken_connection_goes_on_where_it_stopped(tmp_path: Path) -> None:
    hub = FakeHub({"m.gguf": BIG}, cut=[1_000_000, 500_000])
    async with serve(hub):
        path = await pull(hub, tmp_path)
        starts = [int(r.headers.get("Range", "bytes=0-")[6:-1]) for r in hub.downloads()]
    assert path.read_bytes() == BIG
    assert starts[0] == 0
    assert 0 < starts[1] < starts[2] <= 1_500_000
    assert leftovers(tmp_path) == ["org--repo/m.gguf"]


async def test_it_goes_on_in_the_next_pull_after_giving_up(tmp_path: Path) -> None:
    hub = FakeHub({"m.gguf": BIG}, cut=[400_000, 0, 0, 0])
    async with serve(hub):
        with pytest.raises(EngineError, match=r"bytes are kept, pull again to go on") as caught:
            await pull(hub, tmp_path)
        assert "of 3,010,264 bytes" in str(caught.value)
        assert len(leftovers(tmp_path)) == 1
        assert resolve_model("org/repo:m.gguf", models_dir=tmp_path) is None
        asked = len(hub.downloads())
        path = await pull(hub, tmp_path)
        assert "Range" in hub.downloads()[asked].headers
    assert path.read_bytes() == BIG
    assert leftovers(tmp_path) == ["org--repo/m.gguf"]


async def test_a_server_without_ranges_sends_it_whole(tmp_path: Path) -> None:
    hub = FakeHub({"m.gguf": BIG}, cut=[1_000_000], ranges=False)
    async with serve(hub):
        path = await pull(hub, tmp_path)
    assert path.read_bytes() == BIG


async def test_what_is_no_model_is_thrown_away(tmp_path: Path) -> None:
    async with serve(FakeHub({"m.gguf": b"<html>not today</html>" * 9})) as hub:
        with pytest.raises(ConfigError, match="not a GGUF file"):
            await pull(hub, tmp_path)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("model", "hub", "message"),
    [
        ("org/none", FakeHub(), r"no readable org/none \(404\); check the name; .* HF_TOKEN"),
        ("org/repo:x.gguf", FakeHub({"m.gguf": BIG}), "no file x.gguf; its GGUF files: m.gguf"),
        ("org/repo:x.gguf", FakeHub({}), "no file x.gguf; its GGUF files: none"),
        ("org/repo", FakeHub({"a.txt": b""}), "no GGUF file in one piece"),
        ("org/repo", FakeHub({"m.gguf": BIG}, no_lfs=True), "gave no checksum"),
        ("org/repo", FakeHub(status=503), "answered 503"),
        ("org/repo", FakeHub(api_body=b"<html>"), "cannot look up org/repo"),
        ("org/repo", FakeHub(api_body=b"[]"), "gave no checksum"),
        ("org/repo", FakeHub({"../../m.gguf": BIG}), "unsafe name"),
        (
            "org/repo:m-00001-of-00002.gguf",
            FakeHub({"m-00001-of-00002.gguf": BIG}),
            "one part of a split model",
        ),
    ],
)
async def test_what_the_hub_does_not_have(
    model: str, hub: FakeHub, message: str, tmp_path: Path
) -> None:
    async with serve(hub):
        with pytest.raises(BlindArenaError, match=message) as caught:
            await pull(hub, tmp_path, model)
    assert "\n" not in str(caught.value)
    assert leftovers(tmp_path) == []


async def test_nobody_listens(tmp_path: Path) -> None:
    hub = FakeHub(url="http://127.0.0.1:9")
    with pytest.raises(EngineError, match=r"cannot look up org/repo from http://127\.0\.0\.1:9"):
        await pull(hub, tmp_path)


async def test_an_endpoint_that_is_no_address(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="HF_ENDPOINT is 'mirror'"):
        await pull(FakeHub(url="mirror"), tmp_path)


async def test_the_token_is_sent_to_the_hub_and_not_where_it_redirects(tmp_path: Path) -> None:
    async with serve(FakeHub({"m.gguf": BIG})) as cdn:
        hub = FakeHub(
            {"m.gguf": BIG}, token="hf_secret", redirect=lambda name: f"{cdn.url}/cdn/{name}"
        )
        async with serve(hub):
            with pytest.raises(ConfigError, match=r"\(401\).*set HF_TOKEN"):
                await pull(hub, tmp_path)
            with pytest.raises(ConfigError, match=r"\(401\).*whether the token may read it"):
                await pull(hub, tmp_path, HF_TOKEN="hf_wrong")
            await pull(hub, tmp_path, HF_TOKEN="hf_secret")
            assert hub.downloads()[0].headers["Authorization"] == "Bearer hf_secret"
            assert "Authorization" not in cdn.downloads()[0].headers


async def test_redirects_end_and_stay_on_the_web(tmp_path: Path) -> None:
    hub = FakeHub({"m.gguf": BIG})
    async with serve(hub):
        hub.redirect = lambda name: f"/org/repo/resolve/{COMMIT}/{name}"
        with pytest.raises(EngineError, match="redirects more than 5 times"):
            await pull(hub, tmp_path)
        hub.redirect = lambda name: f"file:///etc/{name}"
        with pytest.raises(EngineError, match=r"insecure address \(file://\)"):
            await pull(hub, tmp_path)
    assert leftovers(tmp_path) == []


def test_a_redirect_never_leaves_https() -> None:
    assert redirected("https://a/x", "/y") == "https://a/y"
    assert redirected("https://a/x", "https://b/y") == "https://b/y"
    assert redirected("http://a/x", "https://b/y") == "https://b/y"
    with pytest.raises(EngineError, match=r"https://a redirects to an insecure address \(http://"):
        redirected("https://a/x", "http://b/y")


async def test_two_pulls_at_once_download_once(tmp_path: Path) -> None:
    hub = FakeHub({"m.gguf": BIG})
    async with serve(hub):
        first, second = await asyncio.gather(pull(hub, tmp_path), pull(hub, tmp_path))
    assert first == second
    assert len(hub.downloads()) == 1


async def test_a_full_disk_is_said_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    async with serve(FakeHub({"m.gguf": BIG})) as hub:
        with pytest.raises(EngineError, match="has 1 MB free and the model needs 3 MB"):
            await pull(hub, tmp_path)
        assert hub.downloads() == []


async def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    async with serve(FakeHub({"m.gguf": BIG})) as hub:
        with pytest.raises(EngineError, match=r"cannot pull org/repo:m.gguf into .*: "):
            await pull(hub, tmp_path / "file" / "models")
