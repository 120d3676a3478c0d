import hashlib
import json
import struct

import pytest
from board_cases import contestants, pair

from blindarena.leaderboard.counted import count, data_hash

NAMES = ["b", "a", "ü"]
PAIRS = [pair(0, 1, 1, 2, 3, 4), pair(0, 2, 5, 6, 7, 8), pair(1, 2, 0, 0, 0, 0)]


def hashed(pairs: list, names: list[str]) -> str:  # type: ignore[type-arg]
    return data_hash(count(pairs, [c.id for c in contestants(*names)]), names)


def test_the_hash_is_what_the_documentation_says() -> None:
    names = json.dumps(["a", "b", "ü"]).encode("ascii")
    votes = struct.pack("<12q", 0, 1, 2, 1, 3, 4, 1, 2, 5, 6, 7, 8)

    assert hashed(PAIRS, NAMES) == hashlib.sha256(names + votes).hexdigest()[:16]


def test_the_hash_depends_on_names_and_votes_alone() -> None:
    turned = [pair(0, 1, 7, 8, 0, 0), pair(2, 0, 6, 5, 7, 8), pair(1, 2, 0, 0, 0, 0)]
    turned[0] = pair(1, 0, 2, 1, 3, 4)

    assert hashed(turned[::-1], NAMES) == hashed(PAIRS, NAMES)
    assert hashed(PAIRS, [*NAMES, "nobody"]) == hashed(PAIRS, NAMES)
    assert hashed(PAIRS, ["b", "a", "u"]) != hashed(PAIRS, NAMES)
    assert hashed([pair(0, 1, 1, 2, 3, 5), PAIRS[1]], NAMES) != hashed(PAIRS, NAMES)
    assert hashed([pair(0, 1, 2, 1, 3, 4), PAIRS[1]], NAMES) != hashed(PAIRS, NAMES)


def test_no_votes_have_a_hash_too() -> None:
    assert hashed([], NAMES) == hashlib.sha256(b"[]").hexdigest()[:16]


def test_thinning_draws_from_every_cell() -> None:
    counted = count(PAIRS, [c.id for c in contestants(*NAMES)])

    thinned = counted.thinned(20, seed=1)

    assert (counted.total, thinned.total) == (36, 20)
    assert (thinned.cells <= counted.cells).all()
    assert thinned.cells.tolist() == counted.thinned(20, seed=1).cells.tolist()


def test_an_unknown_contestant_is_named() -> None:
    with pytest.raises(ValueError, match="00000066, which is not among"):
        count(PAIRS, [c.id for c in contestants("b", "a")])
