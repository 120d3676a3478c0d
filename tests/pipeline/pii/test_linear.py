"""Texts made to be slow; a pattern that backtracks without bound would never end."""

import pytest

from blindarena.pipeline.pii import Detection, NumberPattern, screen

SEEDS = [
    "a", "1", "@", "a@", "a@b.", "A ", "Aa ", "1-", "1.", " ", "\n", "+", "(", "https://", "1 Aa ",
    "0 ", ":", "a:", "DE89 ", "my name is ", "order ", "order A-", "Am Alten ", "1 rue de la ",
    "Calle de la ", "Mr Aa Bb Cc Dd ", "passport A1 ", "born 1 ", "Thanks, ", "[", "[EMAIL_1]",
    "Aa von von ", "555-", "a (at) b ", "NHS ", "\ue000", "Hi Anna, call 0170 1234567, a@b.cd. ",
]  # fmt: skip
DETECTION = Detection(numbers=(NumberPattern("code", "****-****"),))


def endure(seed: str, length: int) -> None:
    text = (seed * (length // len(seed) + 1))[:length]
    result = screen(text, mode="redact", detection=DETECTION)

    assert result.state.restore(result.text) == text


@pytest.mark.parametrize("seed", SEEDS)
def test_two_kilobytes(seed: str) -> None:
    endure(seed, 2_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", ["a", "1", "1-", "a@b.", "Aa ", "\n", ":", "Mr Aa Bb Cc Dd ", "(1"]
)
def test_a_megabyte(seed: str) -> None:
    endure(seed, 1_000_000)


@pytest.mark.slow
def test_a_megabyte_of_different_values() -> None:
    text = " ".join(f"a{n}@b{n}.cd" for n in range(70_000))
    result = screen(text, mode="redact")

    assert result.counts() == {"email": 70_000}
