"""The consent of an arena: its text and every possible recipient, as one version."""

import hashlib
from collections.abc import Sequence

from blindarena.domain.arenas import Consent, PiiMode, Recipient


def consent_of(
    slug: str,
    *,
    text: str,
    recipients: Sequence[Recipient],
    label: str = "",
    handling: tuple[PiiMode, bool, int | None] | None = None,
) -> Consent:
    """Return a consent whose version changes whenever what the voter is told does.

    Args:
        slug: of the arena.
        text: what the voter agrees to.
        recipients: who may receive what the voter types.
        label: the owner's own name of the version.
        handling: what is done about personal data in messages, whether values come back into
            answers, and after how many days texts are deleted; None where it is not told.
    """
    named = sorted(recipients, key=lambda recipient: (recipient.name, repr(recipient)))
    told = (text, named) if handling is None else (text, named, handling)
    digest = hashlib.sha256(repr(told).encode()).hexdigest()
    version = "-".join(filter(None, (slug, label, digest[:10])))
    return Consent(version=version, text=text, recipients=tuple(named), label=label)
