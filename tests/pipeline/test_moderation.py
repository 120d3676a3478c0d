"""The word list, the endpoint, and both in turn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from blindarena.errors import InputError, ProviderError
from blindarena.pipeline.moderation import Endpoint, Moderation, WordList, moderate, read_reply

WORDS = WordList(["darn", "blast it", "heck*"])


def replying(reply: Mapping[str, Any], asked: list[Any]):
    async def post(body: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append(dict(body))
        return reply

    return post


async def failing(body: Mapping[str, Any]) -> Mapping[str, Any]:
    raise ProviderError("no answer", fault="timeout")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Darn!", ("darn",)),
        ("DARN, blast\nit", ("darn", "blast it")),
        ("what the heckling", ("heck*",)),
        ("darning socks, a blast of its own, oh check", ()),
        ("", ()),
    ],
)
def test_words_are_found_at_their_borders(text: str, entries: tuple[str, ...]) -> None:
    assert WORDS.look(text).entries == entries
    assert WORDS.look(text).flagged == bool(entries)


def test_an_empty_list_flags_nothing() -> None:
    assert not WordList().look("darn").flagged


def test_a_file_has_one_entry_a_line(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeff# ours\nnaïf  # rude here\n\nfoo bar\n".encode())

    assert WordList.from_file(path).look("NAÏF, foo, bar").entries == ("naïf", "foo bar")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"na\xefve")

    with pytest.raises(InputError, match=r"latin\.txt: byte 2"):
        WordList.from_file(tmp_path / "latin.txt")
    with pytest.raises(InputError, match=r"none\.txt"):
        WordList.from_file(tmp_path / "none.txt")


async def test_an_endpoint_is_asked_in_the_openai_format() -> None:
    asked: list[Any] = []
    reply = {"results": [{"flagged": True, "categories": {"hate": True, "violence": False}}]}
    result = await Endpoint(replying(reply, asked), name="guard", model="m1")("some text")

    assert asked == [{"input": "some text", "model": "m1"}]
    assert result == Moderation(flagged=True, by="guard", categories=("hate",))


@pytest.mark.parametrize(("on_failure", "flagged"), [("flag", True), ("pass", False)])
async def test_the_owner_says_what_holds_when_it_does_not_answer(on_failure, flagged) -> None:
    result = await Endpoint(failing, name="guard", on_failure=on_failure)("text")

    assert result == Moderation(flagged=flagged, by="guard", failed=True)


@pytest.mark.parametrize("reply", [{}, {"results": []}, {"results": ["x"]}, {"results": [{}]}])
async def test_a_reply_of_another_shape_is_a_failure(reply: dict[str, Any]) -> None:
    with pytest.raises(ProviderError):
        read_reply(reply)
    assert (await Endpoint(replying(reply, []), name="guard")("text")).failed


async def test_the_endpoint_is_not_asked_about_what_the_words_flag() -> None:
    asked: list[Any] = []
    endpoint = Endpoint(replying({"results": [{"flagged": False}]}, asked), name="guard")

    assert (await moderate("darn", WORDS, endpoint)).by == "words"
    assert asked == []
    assert await moderate("fine", WORDS, endpoint) == Moderation(flagged=False)
    assert asked == [{"input": "fine"}]


async def test_a_failure_that_passes_is_still_told() -> None:
    result = await moderate("fine", Endpoint(failing, name="guard", on_failure="pass"), WORDS)

    assert (result.flagged, result.failed) == (False, True)


def test_entries_do_not_show_in_logs() -> None:
    assert "darn" not in repr(WORDS.look("darn"))
