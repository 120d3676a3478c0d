"""Repeated texts."""

import random
import sys

import pytest

from blindarena.errors import InputError
from blindarena.pipeline.duplicates import Doubles, duplicate_groups, normalised

WORDS = ["parcel", "order", "late", "lamp", "refund", "invoice", "driver", "door", "colour", "box"]


def ticket(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(40))


def jaccard(one: str, other: str) -> float:
    """The definition, on the pieces themselves."""
    sets = [{t[i : i + 5] for i in range(len(t) - 4)} for t in (normalised(one), normalised(other))]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def test_exact_repetitions_ignore_case_numbers_and_punctuation() -> None:
    texts = ["Where is order 123?", "other", "where is order 77", "WHERE IS ORDER, 5!", "other."]
    result = duplicate_groups(texts, near=False)

    assert result.groups == ((0, 2, 3), (1, 4))
    assert (result.kept, result.method) == ((0, 1), "exact")


def test_near_repetitions_are_those_above_the_threshold() -> None:
    rng = random.Random(7)
    texts = [ticket(rng) for _ in range(25)]
    for text in texts[:25]:
        words = text.split()
        for at in rng.sample(range(40), rng.randint(1, 8)):
            words[at] = "zebra"
        texts.append(" ".join(words))
    doubles = Doubles(threshold=0.8, near=True)
    kept: list[int] = []
    for number, text in enumerate(texts):
        rivals = {other: jaccard(text, texts[other]) for other in kept}
        nearest = max(rivals, key=lambda other: (rivals[other], -other), default=None)
        expected = nearest if nearest is not None and rivals[nearest] >= 0.8 else None
        if expected is None:
            kept.append(number)

        assert doubles.add(text) == expected, number
    assert 25 < len(kept) < 50


def test_the_same_texts_and_seed_give_the_same_groups() -> None:
    rng = random.Random(3)
    texts = [ticket(rng) for _ in range(20)] * 2
    first = duplicate_groups(texts, seed=5)

    assert first == duplicate_groups(texts, seed=5)
    assert first.groups == tuple((n, n + 20) for n in range(20))
    assert (first.method, first.seed, first.threshold) == ("near", 5, 0.8)


def test_a_long_text_is_compared_by_a_part_of_its_pieces() -> None:
    rng = random.Random(1)
    long = " ".join(f"w{rng.random():.9f}".translate(str.maketrans("0123456789.", "abcdefghijk"))
                    for _ in range(2000))  # fmt: skip
    result = duplicate_groups([long, long + " one more word", long[: len(long) // 2]])

    assert result.groups == ((0, 1),)


def test_without_the_extra_only_exact_repetitions_are_found(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "rensa", None)
    monkeypatch.setattr("blindarena.pipeline.duplicates.find_spec", lambda name: None)
    text = "the parcel that I ordered last week has not been delivered to my door"

    assert duplicate_groups([text, text + "s", text]).groups == ((0, 2),)
    with pytest.raises(InputError, match=r"blindarena\[pipeline\]"):
        Doubles(near=True)


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_a_threshold_outside_is_named(threshold: float) -> None:
    with pytest.raises(InputError, match=str(threshold)):
        Doubles(threshold=threshold)


def test_empty_texts_repeat_one_another() -> None:
    assert duplicate_groups(["", " ?", "a"]).groups == ((0, 1),)
