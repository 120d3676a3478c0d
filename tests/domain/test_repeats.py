"""When two messages are the same."""

from uuid import UUID

import pytest

from blindarena.domain.repeats import plain, prompt_mark

ARENA = UUID(int=1)


def mark(content: str, *, key: bytes = b"k", arena: UUID = ARENA, voter: str = "ann") -> str:
    return prompt_mark(key, arena_id=arena, voter=voter, content=content)


@pytest.mark.parametrize("other", ["  where is\nMY parcel? ", "ＷＨＥＲＥ is my parcel?"])
def test_case_and_spacing_make_no_other_message(other: str) -> None:
    assert plain(other) == "where is my parcel?"
    assert mark(other) == mark("Where is my parcel?")


def test_marks_tell_nothing_across_voters_arenas_and_keys() -> None:
    marks = {mark("A"), mark("B"), mark("A", voter="ben"), mark("A", key=b"l")}
    marks.add(mark("A", arena=UUID(int=2)))

    assert len(marks) == 5
    assert all(len(one) == 32 for one in marks)


def test_a_broken_character_is_no_error() -> None:
    assert mark("a\ud800") == mark("A\ud800")
