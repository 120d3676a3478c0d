"""The consent of an arena: its text and every possible recipient, as one version."""

import hashlib
from collections.abc import Sequence

from blindarena.domain.arenas import Consent, Recipient


def consent_of(slug: str, *, text: str, recipients: Sequence[Recipient]) -> Consent:
    """Return a consent whose version changes whenever the text or a recipient does."""
    named = sorted(recipients, key=lambda recipient: recipient.name)
    digest = hashlib.sha256(repr((text, named)).encode()).hexdigest()
    return Consent(version=f"{slug}-{digest[:10]}", text=text, recipients=tuple(named))
