"""Secrets of keys: made once, shown once, kept as a hash."""

import secrets
from hashlib import sha256

PREFIX = "ba-"
SHOWN = 9
"""Signs of a secret by which people recognise a key: 6 of 43 are no help in guessing it."""
LONGEST = 200


def new_secret() -> str:
    """Return a new secret: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return what is stored of a secret.

    One round of SHA-256 is right for 256 random bits, which nobody can guess however fast the
    hash; a slow one is for passwords. And since keys are looked up by this hash, how long a
    look-up takes tells nothing about a secret: nobody can choose where a hash begins to differ.
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
