"""An answer that names its author is found on word borders, and nothing else is."""

import pytest

from blindarena.arena.leaks import leaks_identity


@pytest.mark.parametrize(
    "text",
    [
        "I am Claude, made by Anthropic.",
        "I'm ChatGPT and happy to help",
        "As Gemini, I can't do that.",
        "I was trained by OpenAI.",
        "My name is Qwen.",
        "Ich bin Claude.",
        "This is alder-large speaking.",
        "Hi, ALDER-LARGE here",
    ],
)
def test_leaks(text: str) -> None:
    assert leaks_identity(text, names=("alder-large",))


@pytest.mark.parametrize(
    "text",
    [
        "Ask Claude from accounting.",
        "I am Claudette, your clerk.",
        "The alder-larger tree grows fast.",
        "The constellation Gemini rises in winter.",
        "I am sorry. Claude Monet painted water lilies.",
        "llama wool is warm, as you know: alpacas too",
        "",
    ],
)
def test_does_not_leak(text: str) -> None:
    assert not leaks_identity(text, names=("alder-large", "", "  "))
