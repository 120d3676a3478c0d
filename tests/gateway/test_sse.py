from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.gateway.sse import BOM, SSEEvent, SSEOverflowError, SSEParser

LINES = st.sampled_from(
    [
        b"",
        b"data: one",
        b"data:two",
        b"data:  three",
        b"data",
        b"data: ",
        'data: {"a": "é漢😀"}'.encode(),
        b"data: a: b",
        b": comment",
        b"event: error",
        b"event",
        b"id: 7",
        b"retry: 9",
        b"unknown: x",
        b" data: blank first",
    ]
)
STREAMS = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=30)


def reference(stream: bytes) -> list[SSEEvent]:
    """The WHATWG algorithm, line by line on the whole stream, and a last event that is cut off."""
    text = stream.removeprefix(BOM).decode()
    events: list[SSEEvent] = []
    data, kind = "", ""
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        if line == "":
            if data:
                events.append(SSEEvent(kind or "message", data[:-1].encode()))
            data, kind = "", ""
            continue
        field, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if field == "data":
            data += value + "\n"
        elif field == "event":
            kind = value
    return events


def parse(chunks: list[bytes]) -> list[SSEEvent]:
    parser = SSEParser()
    return [event for chunk in chunks for event in parser.feed(chunk)] + parser.finish()


@given(STREAMS, st.booleans(), LINES, st.data())
def test_any_chunking_gives_the_same_events(
    lines: list[tuple[bytes, bytes]], bom: bool, tail: bytes, data: st.DataObject
) -> None:
    stream = (BOM if bom else b"") + b"".join(line + end for line, end in lines) + tail
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=20)) | {0, len(stream)})
    chunks = [stream[a:b] for a, b in pairwise(cuts)]

    expected = reference(stream)
    assert parse(chunks) == expected
    assert parse([stream]) == expected
    assert parse([stream[i : i + 1] for i in range(len(stream))]) == expected


def test_a_cut_inside_a_character_loses_nothing() -> None:
    stream = "data: 漢\n\n".encode()

    assert parse([stream[:7], stream[7:]]) == [SSEEvent("message", "漢".encode())]


def test_events_come_as_soon_as_they_are_complete() -> None:
    parser = SSEParser()

    assert parser.feed(b"data: a\n\ndata: b\n") == [SSEEvent("message", b"a")]
    assert parser.feed(b"\nda") == [SSEEvent("message", b"b")]
    assert parser.feed(b"ta: c\r\n\r") == [SSEEvent("message", b"c")]
    assert parser.feed(b"\ndata: d\n\n") == [SSEEvent("message", b"d")]


@pytest.mark.parametrize("piece", [b"x" * 50, b"data: " + b"x" * 50 + b"\n"])
def test_an_event_without_end_is_refused(piece: bytes) -> None:
    parser = SSEParser(max_event_bytes=1000)

    with pytest.raises(SSEOverflowError, match="1000 bytes"):
        _ = [parser.feed(piece) for _ in range(100)]


def test_size_is_counted_per_event() -> None:
    parser = SSEParser(max_event_bytes=100)

    for _ in range(50):
        for piece in (b"data: " + b"x" * 40, b"\r", b"\n\r\n"):
            parser.feed(piece)
