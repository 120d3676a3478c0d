"""A login at an identity provider, between leaving our page and coming back."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Login:
    """What must be known when the browser comes back; state and cookie only as hashes.

    Attributes:
        verifier: of PKCE, which the provider is told at the end.
        nonce: must be in the ID token.
        back: the path of our own page to go to.
        until: when it is too late.
    """

    state_hash: str
    browser_hash: str
    verifier: str
    nonce: str
    back: str
    until: datetime
