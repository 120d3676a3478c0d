"""When two messages are the same, and a mark by which that is known without either."""

import hashlib
import hmac
import unicodedata
from uuid import UUID

PROMPT_KEY = "prompt-hash-key"
"""Name of the secret that the marks are made with."""


def plain(text: str) -> str:
    """Return a message without what makes no other message of it: case, spacing, width of signs."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def prompt_mark(key: bytes, *, arena_id: UUID, voter: str, content: str) -> str:
    """Return a keyed hash of one voter's message, 32 hexadecimal digits.

    Messages that are the same but for case and spacing have the same mark; those of two voters or
    in two arenas have not, so that nobody is linked by what they ask.
    """
    said = b"\0".join((arena_id.bytes, voter.encode(), plain(content).encode("utf-8", "replace")))
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:32]
