"""Who must be named in an arena's consent, given which contestants are enabled."""

from collections.abc import Mapping, Sequence

from blindarena.domain.arenas import Arena, Consent, Contestant, Recipient
from blindarena.domain.consent import consent_of
from blindarena.errors import ConfigError


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
    named: dict[Recipient, None] = {}  # in order, each once
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
            named[recipients[deployment]] = None
    return consent_of(arena.slug, text=arena.consent.text, recipients=tuple(named))
