"""What `memory` keeps of one arena, and its versions."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from blindarena.domain.arenas import Arena, ArenaVersion, Contestant, Prompt, VersionDraft


@dataclass
class Configured:
    """One arena; its contestants and prompts are found by `named`, retired ones too."""

    arena: Arena
    contestants: dict[str, Contestant] = field(default_factory=dict)
    prompts: dict[str, Prompt] = field(default_factory=dict)
    positions: dict[str, int] = field(default_factory=dict)
    current: frozenset[str] = frozenset()
    current_prompts: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    versions: list[ArenaVersion] = field(default_factory=list)


def named(name: str, given: Contestant | Prompt) -> str:
    """Return the key of a contestant or a prompt: its name, and which of that name it is."""
    return f"{name}\0{given.fingerprint}" if given.fingerprint else name


def take_version(
    kept: Configured,
    draft: VersionDraft,
    contestants: Sequence[Contestant],
    prompts: Sequence[Prompt],
) -> int:
    """Return the number of the version that compares the same; where there is none, make it."""
    for version in kept.versions:
        if version.hash == draft.hash:
            return version.number
    if not kept.versions:
        _adopt(kept, contestants, prompts)
    number = len(kept.versions) + 1
    kept.versions.append(ArenaVersion(number, draft.hash, draft.document, draft.at, draft.who))
    return number


def _adopt(kept: Configured, contestants: Sequence[Contestant], prompts: Sequence[Prompt]) -> None:
    """Take what the arena held before it had versions as what the first one is about."""
    for given in contestants:
        if (old := kept.contestants.pop(given.name, None)) is not None:
            kept.contestants[named(given.name, given)] = replace(old, fingerprint=given.fingerprint)
            kept.positions[named(given.name, given)] = kept.positions.pop(given.name)
            if given.name in kept.current:
                kept.current = kept.current - {given.name} | {named(given.name, given)}
    for prompt in prompts:
        if (known := kept.prompts.pop(prompt.key, None)) is not None:
            kept.prompts[named(prompt.key, prompt)] = replace(known, fingerprint=prompt.fingerprint)
