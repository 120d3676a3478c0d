"""Public sets from a server on loopback: whole and checked, or not at all."""

import hashlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from blindarena.errors import ConfigError, FetchError, InputError
from blindarena.judge.downloads import Downloads, git_blob_of, origin_of, redirected
from blindarena.judge.fetched import (
    Expected,
    Fetched,
    file_name,
    join_references,
    take,
    write_questions,
)
from blindarena.judge.fetching import PUBLIC_SETS, fetch_questions
from blindarena.judge.questions import load_questions

from .fake_files import COMMIT, FakeFiles, blob_of, serve

LINES = b"".join(
    b'{"question_id": %d, "category": "math", "turns": ["Why %d?", "And then?"]}\n' % (n, n)
    for n in range(1, 2001)
)
SHA = hashlib.sha256(LINES).hexdigest()
HARD = "lmarena-ai/arena-hard-auto"
HARD_FILE = "data/arena-hard-v2.0/question.jsonl"
MT_BENCH = "/raw.githubusercontent.com/lm-sys/FastChat/main/fastchat/llm_judge/data/mt_bench/"


@pytest.fixture
async def files() -> AsyncIterator[FakeFiles]:
    async with serve(FakeFiles()) as server:
        yield server


async def from_mirror(files: FakeFiles, where: str, sha256: str | None = None) -> Fetched:
    mirror = f"{files.url}/"
    return await fetch_questions(where, env={}, mirror=mirror, sha256=sha256, pause_s=0)


async def from_hub(files: FakeFiles, where: str, sha256: str | None = None) -> Fetched:
    env = {"HF_ENDPOINT": files.url, "HF_TOKEN": "secret"}
    return await fetch_questions(where, env=env, sha256=sha256, pause_s=0)


async def test_an_address_from_a_mirror(files: FakeFiles, tmp_path: Path) -> None:
    files.files["/example.org/sets/mine.jsonl"] = LINES
    fetched = await from_mirror(files, "https://example.org/sets/mine.jsonl", SHA.upper())

    assert (fetched.checked, fetched.sha256, len(fetched.questions)) == ("given", SHA, 2000)
    assert file_name(fetched) == "mine.jsonl"
    write_questions(fetched, tmp_path / "mine.jsonl")
    assert (tmp_path / "mine.jsonl").read_bytes() == LINES
    assert [path.name for path in tmp_path.iterdir()] == ["mine.jsonl"]


async def test_mt_bench_has_a_checksum_of_ours(files: FakeFiles, parity_data: Path) -> None:
    data = (parity_data / "judge" / "mtbench_runs" / "question.jsonl").read_bytes()
    files.files[f"{MT_BENCH}question.jsonl"] = data
    fetched = await from_mirror(files, "mt-bench")

    assert (fetched.checked, len(fetched.questions)) == ("ours", 80)
    assert file_name(fetched) == "mt-bench.jsonl"
    joined = join_references(
        fetched, parity_data / "judge" / "mtbench_runs" / "reference_answer_gpt-4.jsonl"
    )
    assert joined.joined == 30
    by_id = {question.id: question for question in joined.questions}
    assert all(len(by_id[str(number)].reference) == 2 for number in range(101, 131))
    assert by_id["101"].reference[0].startswith("If you have just overtaken the second person")


async def test_another_file_than_mt_bench_is_refused(files: FakeFiles) -> None:
    files.files[f"{MT_BENCH}question.jsonl"] = LINES
    with pytest.raises(FetchError, match=f"its SHA-256 is {SHA}, expected was 119565ad"):
        await from_mirror(files, "mt-bench")
    assert (await from_mirror(files, "mt-bench", SHA)).checked == "given"


@pytest.mark.parametrize("lfs", [True, False])
async def test_a_datasets_file_is_read_at_one_commit_and_checked(
    files: FakeFiles, lfs: bool
) -> None:
    files.publish(HARD, HARD_FILE, LINES, lfs=lfs)
    fetched = await from_hub(files, "arena-hard")

    assert (fetched.checked, fetched.sha256) == ("hub", SHA)
    assert file_name(fetched) == "arena-hard.jsonl"
    assert fetched.source.endswith(f"/resolve/{COMMIT}/{HARD_FILE}")
    assert {request.headers["Authorization"] for request in files.requests} == {"Bearer secret"}
    assert (await from_hub(files, f"{HARD}:{HARD_FILE}", SHA)).checked == "given"


async def test_a_dataset_whose_file_is_not_what_the_hub_promises(files: FakeFiles) -> None:
    files.publish("org/one", "a.jsonl", LINES, lfs=False, blobId="0" * 40)
    files.publish("org/two", "a.jsonl", LINES, lfs=True)
    files.about["org/two"]["siblings"][0]["lfs"]["sha256"] = "0" * 64
    with pytest.raises(FetchError, match="not the file that the hub promises"):
        await from_hub(files, "org/one:a.jsonl")
    with pytest.raises(FetchError, match=f"expected was {'0' * 64}"):
        await from_hub(files, "org/two:a.jsonl")


async def test_a_dataset_of_which_the_hub_says_no_checksum(files: FakeFiles) -> None:
    files.publish("org/repo", "a.jsonl", LINES, lfs=False)
    del files.about["org/repo"]["siblings"][0]["blobId"]
    assert (await from_hub(files, "org/repo:a.jsonl")).checked == "nobody"


async def test_no_such_dataset_or_file(files: FakeFiles) -> None:
    files.publish("org/repo", "data/a.jsonl", LINES, lfs=False)
    with pytest.raises(ConfigError, match=r"no file b.jsonl; .* there: data/a.jsonl"):
        await from_hub(files, "org/repo:b.jsonl")
    with pytest.raises(FetchError, match=r"not there or not readable \(404\); check ORG/REPO"):
        await from_hub(files, "org/none:a.jsonl")
    files.about["org/odd"] = {"sha": 5}
    with pytest.raises(FetchError, match="did not answer as it should"):
        await from_hub(files, "org/odd:a.jsonl")


async def test_a_dataset_from_a_mirror_needs_no_api(files: FakeFiles) -> None:
    files.files["/huggingface.co/datasets/org/repo/resolve/main/a.jsonl"] = LINES
    fetched = await from_mirror(files, "org/repo:a.jsonl")
    assert (fetched.checked, len(files.requests)) == ("nobody", 1)


async def test_a_broken_connection_is_gone_on_with(files: FakeFiles) -> None:
    files.files["/example.org/a.jsonl"] = LINES
    files.cut = [70_000, 10_000]
    fetched = await from_mirror(files, "https://example.org/a.jsonl", SHA)

    assert fetched.data == LINES
    first, second, third = files.ranges_asked()
    assert first is None
    assert second is not None
    assert third is not None
    assert 0 < int(second[6:-1]) < int(third[6:-1]) < len(LINES)


@pytest.mark.parametrize("fault", ["no ranges", "no etag", "weak etag", "wrong part"])
async def test_where_going_on_is_not_safe_it_begins_anew(files: FakeFiles, fault: str) -> None:
    files.files["/example.org/a.jsonl"] = LINES
    files.cut = [70_000]
    files.ranges = fault != "no ranges"
    files.etag = {"no etag": None, "weak etag": 'W/"one"'}.get(fault, '"one"')
    files.wrong_part = fault == "wrong part"

    assert (await from_mirror(files, "https://example.org/a.jsonl", SHA)).data == LINES
    asked = [asked is not None for asked in files.ranges_asked()]
    assert asked == {
        "no ranges": [False, True],
        "wrong part": [False, True, False],
    }.get(fault, [False, False])


async def test_a_server_that_is_busy_is_asked_again_but_not_for_ever(files: FakeFiles) -> None:
    files.files["/example.org/a.jsonl"] = LINES
    files.statuses = [503, 429, 200]
    assert (await from_mirror(files, "https://example.org/a.jsonl")).sha256 == SHA
    files.statuses = [500] * 9
    with pytest.raises(FetchError, match="the server answered 500; 4 attempts were made"):
        await from_mirror(files, "https://example.org/a.jsonl")
    assert len(files.statuses) == 5
    files.statuses = [418]
    with pytest.raises(FetchError, match=r"the server answered 418$"):
        await from_mirror(files, "https://example.org/a.jsonl")


async def test_what_a_mirror_does_not_have(files: FakeFiles) -> None:
    with pytest.raises(FetchError, match=r"the mirror must have https://example.org/a.jsonl there"):
        await from_mirror(files, "https://example.org/a.jsonl")
    assert len(files.requests) == 1


async def test_no_network() -> None:
    with socket.socket() as taken:  # bound and not listening: nothing answers there
        taken.bind(("127.0.0.1", 0))
        mirror = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(FetchError, match=r"cannot reach 127.0.0.1:\d+ .*; without a network"):
            await fetch_questions("mt-bench", env={}, mirror=mirror, pause_s=0)


async def test_too_long_a_file_is_not_read_to_its_end(files: FakeFiles) -> None:
    files.files["/a"] = LINES
    async with aiohttp.ClientSession() as http:
        with pytest.raises(FetchError, match="longer than 1,000 bytes"):
            await Downloads(http, max_bytes=1000).get(f"{files.url}/a")
        assert await Downloads(http, max_bytes=len(LINES)).get(f"{files.url}/a") == LINES


async def test_redirects_are_followed_and_the_token_stays_at_home(files: FakeFiles) -> None:
    async with serve(FakeFiles({"/a": LINES})) as other, aiohttp.ClientSession() as http:
        files.files["/a"] = LINES
        files.moved = {"/b": "/a", "/far": f"{other.url}/a", "/round": "/round"}
        home = Downloads(http, token="secret", token_origin=files.url)
        assert await home.get(f"{files.url}/b") == LINES
        with pytest.raises(FetchError, match="which is not HTTPS; not followed"):
            await home.get(f"{files.url}/far")
        with pytest.raises(FetchError, match="redirected more than 5 times"):
            await home.get(f"{files.url}/round")
        assert other.requests == []
        assert await home.get(f"{other.url}/a") == LINES
        assert "Authorization" not in other.requests[0].headers


def test_where_redirects_may_lead() -> None:
    assert redirected("https://a.org/x", "https://cdn.org/y") == "https://cdn.org/y"
    assert redirected("http://a.org/x", "https://cdn.org/y") == "https://cdn.org/y"
    assert redirected("http://a.org/x", "/y") == "http://a.org/y"
    for url, location in [
        ("https://a.org/x", "http://a.org/y"),
        ("http://a.org/x", "http://b.org/y"),
        ("http://a.org/x", "http://a.org:81/y"),
        ("https://a.org/x", "file:///etc/hosts"),
    ]:
        with pytest.raises(FetchError, match="not followed"):
            redirected(url, location)
    assert origin_of("https://a.org:8/x?y") == "https://a.org:8"


def test_gits_id_of_a_file() -> None:
    """`printf 'hello\\n' | git hash-object --stdin`."""
    assert git_blob_of(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert git_blob_of(LINES) == blob_of(LINES)


@pytest.mark.parametrize(
    ("where", "options", "message"),
    [
        ("nothing", {}, r"neither a known set \(mt-bench, arena-hard"),
        ("http://example.org/a.jsonl", {}, "nor an https:// address"),
        ("mt-bench", {"sha256": "abc"}, "--sha256 'abc': expected 64 hexadecimal digits"),
        ("mt-bench", {"mirror": "example.org"}, "the mirror is 'example.org'"),
        ("arena-hard", {"env": {"HF_ENDPOINT": "x"}}, "HF_ENDPOINT is 'x'"),
    ],
)
async def test_what_means_nothing(where: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        await fetch_questions(where, **({"env": {}, "pause_s": 0} | options))  # type: ignore[arg-type]


async def test_a_page_that_is_no_set_of_questions_is_refused(files: FakeFiles) -> None:
    files.files["/example.org/a.jsonl"] = b"<html>Please log in</html>"
    with pytest.raises(InputError, match=r"a.jsonl:1: not a question"):
        await from_mirror(files, "https://example.org/a.jsonl")
    files.files["/example.org/a.jsonl"] = b"\xff\xfe"
    with pytest.raises(InputError, match="not a text in UTF-8"):
        await from_mirror(files, "https://example.org/a.jsonl")


async def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("prompt,id\nWhy?,1\n")
    fetched = await fetch_questions(str(file), env={})
    assert (fetched.checked, file_name(fetched)) == ("nobody", "mine.csv")
    with pytest.raises(FetchError, match="nothing was written"):
        await fetch_questions(str(file), env={}, sha256="0" * 64)
    with pytest.raises(InputError, match="can't be read"):
        await fetch_questions(str(tmp_path), env={})


def questions_of(*turns: int) -> Fetched:
    lines = "".join(
        json.dumps({"question_id": n, "turns": ["Why?"] * count}) + "\n"
        for n, count in enumerate(turns, 1)
    )
    return take("here", "here.jsonl", lines.encode(), Expected())


def reference(number: int, *turns: str) -> str:
    choices = [{"index": 0, "turns": turns}]
    row = {"question_id": number, "answer_id": "x", "model_id": "m", "choices": choices}
    return json.dumps({**row, "tstamp": 1.0}) + "\n"


def test_joined_references_are_written_in_our_spelling(tmp_path: Path) -> None:
    file = tmp_path / "reference.jsonl"
    file.write_text(reference(2, "So.", "Thus."))
    joined = join_references(questions_of(1, 2), file)
    write_questions(joined, tmp_path / "out.jsonl")

    assert joined.joined == 1
    found = load_questions(str(tmp_path / "out.jsonl")).questions
    assert [question.reference for question in found] == [(), ("So.", "Thus.")]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (reference(9, "So."), "reference.jsonl:1: question '9' is not in here"),
        (reference(1, "So.", "No."), "2 references for the 1 turns of question '1'"),
        (reference(1, "$ERROR$"), "turn 1 failed"),
        ("", "no reference in it"),
        ("{}", "reference.jsonl:1: not an answer"),
    ],
)
def test_references_that_do_not_fit(tmp_path: Path, lines: str, message: str) -> None:
    file = tmp_path / "reference.jsonl"
    file.write_text(lines)
    with pytest.raises(InputError, match=message):
        join_references(questions_of(1), file)


def test_a_file_that_is_there_is_not_lost(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        write_questions(questions_of(1), file)
    assert file.read_text() == "mine"
    write_questions(questions_of(1), file, overwrite=True)
    assert file.read_bytes() == questions_of(1).data
    assert file.stat().st_mode & 0o777 == 0o644
    with pytest.raises(ConfigError, match=r"the name must end in \.jsonl"):
        write_questions(questions_of(1), tmp_path / "out.csv")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_questions(questions_of(1), tmp_path / "none" / "out.jsonl")


def test_what_we_promise_of_public_sets() -> None:
    assert {name for name, known in PUBLIC_SETS.items() if known.sha256} == {"mt-bench"}
    for known in PUBLIC_SETS.values():
        assert known.licence
        assert known.where.startswith("https://") or known.where.count(":") == 1
