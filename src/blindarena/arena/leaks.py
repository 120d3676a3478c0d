"""Answers that give their author away."""

import re
from collections.abc import Iterable
from functools import lru_cache

_WELL_KNOWN = (
    "ChatGPT", "GPT-3", "GPT-3.5", "GPT-4", "GPT-4o", "GPT-5", "OpenAI",
    "Anthropic", "Claude", "Gemini", "Google DeepMind", "DeepMind", "Bard",
    "Grok", "xAI", "DeepSeek", "Qwen", "Tongyi", "Alibaba Cloud", "Mistral AI", "Mixtral",
    "Llama", "Meta AI", "Cohere", "Command R", "ChatGLM", "Zhipu", "Z.ai", "Kimi", "Moonshot AI",
    "SmolLM", "SmolLM2", "Hugging Face", "HuggingFace", "Vicuna", "Phi-3", "Phi-4", "Gemma",
    "Ernie Bot", "Hunyuan", "Doubao", "MiniMax", "Nemotron",
)  # fmt: skip
_CLAIM = (
    r"(?:\bI\s*(?:am|'m|’m|was)\b|\bmy\s+name\s+is\b|\bas\b|\bcall\s+me\b|"
    r"\b(?:made|built|created|developed|trained|designed)\s+by\b|"
    r"\bich\s+(?:bin|heiße)\b|\bje\s+(?:suis|m'appelle)\b|\b(?:yo\s+)?soy\b)"
)


def leaks_identity(text: str, *, names: Iterable[str]) -> bool:
    """Say whether a text gives its author away.

    Two rules, both on whole words and ignoring case: one of the contestant's own `names` anywhere;
    or a well-known vendor or model name within 60 characters after a claim such as "I am", "as",
    "made by". So "ask Claude from accounting" passes, and "Claudette" is no "Claude".

    Args:
        text: one answer.
        names: the contestant's own names and aliases; blank ones are ignored.
    """
    own = _any_of(tuple(sorted({name.strip() for name in names if name.strip()})))
    return (own is not None and own.search(text) is not None) or _claims().search(text) is not None


@lru_cache(maxsize=512)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str] | None:
    if not names:
        return None
    return re.compile(rf"(?<!\w)(?:{_alternatives(names)})(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=1)
def _claims() -> re.Pattern[str]:
    return re.compile(
        rf"{_CLAIM}[^.!?\n]{{0,60}}?(?<!\w)(?:{_alternatives(_WELL_KNOWN)})(?!\w)", re.IGNORECASE
    )


def _alternatives(names: Iterable[str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest_first)
