"""Modes, placeholders and what holds for every text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.errors import InputError
from blindarena.pipeline.pii import Placeholders, RestoringStream, find, screen

PIECES = st.sampled_from(
    [
        "Hi Anna, ", "my name is Lea Sommer", "Kind regards,\nLea", "anna@example.org", "Mr Lea ",
        "+49 170 1234567", "order 48213", "48213", "DE89 3704 0044 0532 0130 00", "[EMAIL_1]", "[",
        "_1]", "\\[name\\_1\\]", "Marktstraße 3, 04109 Leipzig", "203.0.113.9", "\n", " ", ", ",
        ". ", "born 1.2.1990", "4111 1111 1111 1111", "https://a.example/?token=1 ", "\ue000",
        "12 High Street", "075", "-", "ß", "名前", "🙂", "passport A1234567", "Straße", "Sir", "İ",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=14).map("".join)
MESSAGE = "Hi, I am Lea Sommer, mail lea@example.org or lea.s@example.org. Lea Sommer"


def test_redact_puts_the_same_placeholder_for_the_same_value() -> None:
    result = screen(MESSAGE, mode="redact")

    assert result.text == "Hi, I am [NAME_1], mail [EMAIL_1] or [EMAIL_2]. [NAME_1]"
    assert result.counts() == {"email": 2, "name": 2}
    assert result.summary() == "2 e-mail addresses and 2 names"
    assert result.state.restore(result.text) == MESSAGE


def test_a_conversation_keeps_its_placeholders() -> None:
    first = screen("My name is Noor, mail noor@example.org", mode="redact")
    second = screen("Noor here, or is noor2@example.org better?", mode="redact", state=first.state)

    assert second.text == "[NAME_1] here, or is [EMAIL_2] better?"
    assert Placeholders.from_dict(second.state.as_dict()) == second.state


def test_warn_finds_and_changes_nothing() -> None:
    result = screen(MESSAGE, mode="warn")

    assert (result.text, len(result.findings), result.blocked) == (MESSAGE, 4, False)
    assert result.state == Placeholders()


def test_block_lets_only_clean_texts_pass() -> None:
    blocked, passed = screen(MESSAGE, mode="block"), screen("Where is it?", mode="block")

    assert (blocked.text, blocked.blocked) == ("", True)
    assert (passed.text, passed.blocked, passed.summary()) == ("Where is it?", False, "nothing")


def test_off_does_not_look() -> None:
    result = screen(MESSAGE, mode="off")

    assert (result.text, result.findings) == (MESSAGE, ())


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(InputError, match=r"'hide'.*off, warn, redact, block"):
        screen("", mode="hide")  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["warn", "redact", "block"])
def test_values_do_not_show_in_logs(mode) -> None:
    result = screen(MESSAGE, mode=mode)

    for shown in (repr(result), repr(result.state), result.summary(), str(result.findings)):
        assert not re.search(r"lea|sommer", shown, re.IGNORECASE)


def test_typed_placeholders_are_not_given_out() -> None:
    result = screen("[EMAIL_1] is what you call lea@example.org", mode="redact")

    assert result.text == "[EMAIL_1] is what you call [EMAIL_2]"
    assert result.state.restore(result.text) == "[EMAIL_1] is what you call lea@example.org"


def test_a_model_may_write_a_placeholder_its_own_way() -> None:
    state = Placeholders({"[NAME_1]": "Lea"})

    assert state.restore(r"Dear \[NAME\_1\], [name_1], [NAME_2]") == "Dear Lea, Lea, [NAME_2]"


def test_placeholders_are_read_with_care() -> None:
    with pytest.raises(InputError, match="'Lea'"):
        Placeholders.from_dict({"Lea": "[NAME_1]"})


@given(TEXTS)
def test_redact_then_restore_gives_the_original(text: str) -> None:
    result = screen(text, mode="redact")

    assert result.state.restore(result.text) == text


@given(TEXTS)
def test_redact_is_idempotent(text: str) -> None:
    once = screen(text, mode="redact")
    afresh = screen(once.text, mode="redact")
    again = screen(once.text, mode="redact", state=once.state)

    assert (afresh.text, afresh.findings) == (once.text, ())
    assert (again.text, again.findings, again.state) == (once.text, (), once.state)


@given(TEXTS)
def test_findings_never_overlap_and_lie_within_the_text(text: str) -> None:
    findings = find(text)
    edges = [edge for finding in findings for edge in (finding.start, finding.end)]

    assert edges == sorted(edges)
    assert all(0 <= f.start < f.end <= len(text) for f in findings)


@given(TEXTS)
def test_no_value_stands_in_the_redacted_text(text: str) -> None:
    result = screen(text, mode="redact")
    plain = re.sub(r"\[[A-Z]{2,20}_[0-9]{1,6}\]", "\ue000", result.text)

    for value in result.state.values.values():
        assert not re.search(rf"(?<!\w){re.escape(value)}(?!\w)", plain)


@given(TEXTS, st.lists(st.integers(1, 9), min_size=1))
def test_a_restored_stream_equals_the_restored_whole(text: str, lengths: list[int]) -> None:
    result = screen(text, mode="redact")
    stream, shown, rest = RestoringStream(result.state), [], result.text
    for length in lengths:
        shown.append(stream.feed(rest[:length]))
        rest = rest[length:]
    shown += [stream.feed(rest), stream.end()]

    assert "".join(shown) == text


def test_a_stream_holds_back_only_what_could_be_a_placeholder() -> None:
    stream = RestoringStream(Placeholders({"[NAME_1]": "Lea"}))

    assert [stream.feed(piece) for piece in ("Dear [NA", "ME_", "1", "], x[1] ok", " [")] == [
        "Dear ", "", "", "Lea, x[1] ok", " ",
    ]  # fmt: skip
    assert stream.end() == "["
