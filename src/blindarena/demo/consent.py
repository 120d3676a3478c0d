"""Consent whose version names exactly what was agreed to: the text and the recipients."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple

from blindarena.domain.arenas import Arena, Consent, Contestant, Recipient
from blindarena.errors import ConfigError


def make_consent(title: str, text: str, recipients: Iterable[Recipient] = ()) -> Consent:
    """Build a consent; its version is the title and a short hash of text and recipients.

    Recipients are listed once each, by name, so their order never changes the version.
    """
    listed = tuple(sorted(set(recipients), key=lambda r: json.dumps(astuple(r))))
    agreed = json.dumps([text, [astuple(r) for r in listed]], ensure_ascii=False)
    digest = hashlib.sha256(agreed.encode()).hexdigest()[:12]
    return Consent(version=f"{title} {digest}", text=text, recipients=listed)


def consent_for(
    arena: Arena, contestants: Sequence[Contestant], recipients: Mapping[str, Recipient]
) -> Consent:
    """Return the arena's consent for the contestants that are enabled now.

    Call it again whenever a contestant is switched: a new recipient gives a new version, and every
    voter is asked again.

    Args:
        arena: its consent text is kept.
        contestants: a disabled one adds no recipient, since nothing can reach it.
        recipients: who receives what is sent to a deployment, by the deployment's name.

    Raises:
        ConfigError: an enabled contestant can reach a deployment whose recipient nobody named.
    """
    named: list[Recipient] = []
    for contestant in contestants:
        if not contestant.enabled:
            continue
        for deployment in contestant.deployments:
            if deployment not in recipients:
                raise ConfigError(
                    f"contestant {contestant.name!r} of arena {arena.slug!r} uses deployment "
                    f"{deployment!r}, but nothing says who receives what is sent there; "
                    "name its recipient"
                )
            named.append(recipients[deployment])
    return make_consent(arena.title, arena.consent.text, named)
