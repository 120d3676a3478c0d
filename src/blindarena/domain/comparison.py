"""What an arena compares, as one document and its hash: the rule behind its versions.

Only what changes which answers are judged, and against what, is in it; see
`docs/design/arena-versions.md`. Title, deadline, reasons and the like are not.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from blindarena.domain.arenas import Arena, ArenaVersion, Contestant, Prompt

Models = Mapping[str, Mapping[str, object]]
"""By name of the deployment: what stands behind it (provider, model, address)."""
USABLE_QUESTION = "send as is / after edits / never; breaks policy"


def with_fingerprints(
    contestants: Sequence[Contestant], prompts: Sequence[Prompt], models: Models
) -> tuple[tuple[Contestant, ...], tuple[Prompt, ...]]:
    """Return both with their fingerprints filled in."""
    return (
        tuple(replace(c, fingerprint=contestant_fingerprint(c, models)) for c in contestants),
        tuple(replace(p, fingerprint=prompt_fingerprint(p.text, p.policy)) for p in prompts),
    )


def prompt_fingerprint(text: str, policy: str) -> str:
    """Return what tells a prompt from another one of the same key."""
    return digest({"text": text, "policy": policy})


def contestant_fingerprint(contestant: Contestant, models: Models) -> str:
    """Return what tells a contestant's answers from those of another configuration.

    A deployment that is no longer defined counts as a model of its own.
    """
    return digest(_configuration(contestant, models))


def comparison_of(
    arena: Arena, contestants: Sequence[Contestant], prompts: Sequence[Prompt], models: Models
) -> dict[str, object]:
    """Return everything that, when it changes, makes a new version.

    Args:
        arena: its question, its usable-answer question and its redaction are taken.
        contestants: with fingerprints; their order does not count.
        prompts: with fingerprints; of these only how many and one hash, their order not.
        models: what stands behind the deployments.
    """
    redaction = None
    if arena.pii == "redact":
        redaction = sorted((p.name, p.shape) for p in arena.pii_patterns)
    return {
        "question": arena.question,
        "usable_answer": USABLE_QUESTION if arena.usable_answer else None,
        "redaction": redaction,
        "prompts": {"count": len(prompts), "hash": digest(sorted(p.fingerprint for p in prompts))},
        "contestants": [
            {"name": c.name, "fingerprint": c.fingerprint, **_configuration(c, models)}
            for c in sorted(contestants, key=lambda c: c.name)
        ],
    }


def compared_in(version: ArenaVersion) -> frozenset[tuple[str, str]]:
    """Return name and fingerprint of the contestants of a version."""
    compared = version.document.get("compared")
    listed = compared.get("contestants", []) if isinstance(compared, dict) else []
    return frozenset((c["name"], c["fingerprint"]) for c in listed)


def digest(document: object) -> str:
    """Return 16 hexadecimal digits of a JSON document: sorted keys, no blanks, SHA-256."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def _configuration(contestant: Contestant, models: Models) -> dict[str, object]:
    return {
        "models": [dict(models.get(name, {"missing": name})) for name in contestant.deployments],
        "system": contestant.system,
        "parameters": {**asdict(contestant.parameters), "stop": [*contestant.parameters.stop]},
    }
