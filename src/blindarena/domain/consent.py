"""The consent of an arena: its text and every possible recipient, as one version."""

import hashlib
from collections.abc import Sequence

from blindarena.domain.arenas import Consent, Recipient


def consent_of(
    slug: str, *, text: str, recipients: Sequence[Recipient], label: str = ""
) -> Consent:
    """Return a consent whose version changes whenever the text, a recipient or the label does.

    Args:
        slug: of the arena.
        text: what the voter agrees to.
        recipients: who may receive what the voter types.
        label: the owner's own name of the version.
    """
    named = sorted(recipients, key=lambda recipient: recipient.name)
    digest = hashlib.sha256(repr((text, named)).encode()).hexdigest()
    version = "-".join(filter(None, (slug, label, digest[:10])))
    return Consent(version=version, text=text, recipients=tuple(named), label=label)
