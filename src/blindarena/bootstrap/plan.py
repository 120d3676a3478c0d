"""What a server will serve, before anything is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blindarena.demo.replay import Truth
from blindarena.domain.arenas import Arena, Contestant, Prompt
from blindarena.domain.boards import PairCount
from blindarena.domain.replay import Breach
from blindarena.settings import Deployment, Settings


@dataclass(frozen=True, slots=True)
class ArenaPlan:
    """One arena with everything that comes with it.

    Attributes:
        published: counts of a read-only board under the ids of `contestants`.
        truth: planted strengths, for simulated voters.
        file: the arena's file; None is an arena of the demo, which has one version for ever.
        text: what is in the file.
    """

    arena: Arena
    contestants: tuple[Contestant, ...]
    prompts: tuple[Prompt, ...] = ()
    published: tuple[PairCount, ...] = ()
    breaches: Mapping[tuple[str, str], Breach] = field(default_factory=dict)
    truth: Truth | None = None
    file: Path | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All arenas and deployments of one server.

    Attributes:
        replays: prepared answers by deployment name: user message -> answer.
        pull: fetch missing local models in the background (the demo does).
    """

    settings: Settings
    arenas: tuple[ArenaPlan, ...]
    deployments: Mapping[str, Deployment]
    replays: Mapping[str, Mapping[str, str]]
    pull: bool = False
