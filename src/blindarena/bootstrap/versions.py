"""Which version of an arena a plan is: what stands behind its deployments, and the hash."""

from collections.abc import Sequence
from datetime import datetime

from blindarena.bootstrap.plan import ArenaPlan, Plan
from blindarena.domain.arenas import Contestant, Prompt, VersionDraft
from blindarena.domain.comparison import (
    Models,
    comparison_of,
    contestant_fingerprint,
    digest,
    with_fingerprints,
)
from blindarena.settings import Deployment


def model_identities(plan: Plan) -> Models:
    """Return what stands behind each deployment; prices, regions and slots are not part of it."""
    return {
        name: {"replay": digest(dict(plan.replays[name]))}
        if name in plan.replays
        else _identity(deployment)
        for name, deployment in plan.deployments.items()
    }


def still_the_same(contestant: Contestant, models: Models) -> bool:
    """Say whether a contestant, perhaps a retired one, would be answered by the same models."""
    if not contestant.fingerprint:
        return True
    return contestant.fingerprint == contestant_fingerprint(contestant, models)


def draft_of(
    plan: ArenaPlan, imported: Sequence[Prompt], models: Models, *, at: datetime, who: str
) -> tuple[tuple[Contestant, ...], tuple[Prompt, ...], VersionDraft]:
    """Return a plan's contestants and prompts with fingerprints, and the version they make.

    Args:
        plan: of an arena with a file.
        imported: prompts that the arena has beside those of its file.
        models: see `model_identities`.
        at: the time now.
        who: configured it.
    """
    contestants, prompts = with_fingerprints(plan.contestants, plan.prompts, models)
    _, others = with_fingerprints((), imported, models)
    compared = comparison_of(plan.arena, contestants, (*prompts, *others), models)
    document = {"compared": compared, "file": plan.text}
    return contestants, prompts, VersionDraft(digest(compared), document, at, who)


def _identity(deployment: Deployment) -> dict[str, object]:
    names = ("provider", "engine", "model", "base_url")
    known = {name: getattr(deployment, name) for name in names}
    return {name: value for name, value in known.items() if value is not None}
