"""Deltas are cut at fixed places, whatever pieces the upstream sends."""

from hypothesis import given
from hypothesis import strategies as st

from blindarena.arena.events import PIECE, Cutter


@given(st.lists(st.text(max_size=9), max_size=20))
def test_pieces_depend_on_the_text_alone(parts: list[str]) -> None:
    whole = "".join(parts)
    cutter = Cutter()
    pieces = [piece for part in parts for piece in cutter.feed(part)] + cutter.flush()

    assert pieces == [whole[i : i + PIECE] for i in range(0, len(whole), PIECE)]
