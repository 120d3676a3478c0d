"""Replay: parcel support. Prepared tickets, scripted answers, and the truth planted in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from uuid import UUID

import msgspec

from blindarena.demo.replay_files import ReplayFiles, Ticket, read_replay_files
from blindarena.domain.arenas import Arena, Contestant, Prompt
from blindarena.domain.consent import consent_of
from blindarena.domain.ids import uuid7
from blindarena.domain.queue import QueueRules
from blindarena.domain.replay import Breach

SLUG = "parcel-support"
TITLE = "Replay: parcel support"
REASONS = (
    "Correct",
    "Follows policy",
    "Right tone",
    "Clear next step",
    "Short enough",
    "Easy to read",
)
CONSENT_TEXT = (
    "The answers that you will compare were written for this demo. No model is asked, and nothing "
    "leaves the machine that serves this page.\n\n"
    "Kept in this installation's database, until its owner deletes it: which tickets you saw and "
    "when, your votes, the reasons and comments that you add, and a pseudonym that ties your votes "
    "in this arena together. Your name and your network address are not kept. One cookie "
    "recognises this browser; it serves nothing else."
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the simulated voters follow; told only after they have voted.

    Attributes:
        strengths: planted Elo points by contestant name, mean 1000.
        words: what each contestant is good and bad at, by name.
        tie_share: share of ties, both bad included, between equals.
        both_bad_share: share of the ties that are "both bad".
        battles_per_voter: votes of each simulated voter.
        note: one line for the page that tells it.
    """

    strengths: Mapping[str, float]
    words: Mapping[str, str]
    tie_share: float
    both_bad_share: float
    battles_per_voter: int
    note: str


@dataclass(frozen=True, slots=True)
class ReplayDemo:
    """The whole arena.

    Attributes:
        answers: deployment name -> text of the prompt -> the answer to stream.
        breaches: (contestant name, prompt key) -> the breach planted in that answer.
    """

    arena: Arena
    contestants: tuple[Contestant, ...]
    prompts: tuple[Prompt, ...]
    answers: Mapping[str, Mapping[str, str]]
    breaches: Mapping[tuple[str, str], Breach]
    truth: Truth


def load_parcel_support(folder: Traversable | None = None) -> ReplayDemo:
    """Read and check the shipped demo; ids are new at each call.

    Args:
        folder: where tickets, answers, breaches and truth lie; None is the shipped folder.

    Raises:
        InputError: a file is missing or malformed, an answer is missing, or a breach quotes words
            that are not in the answer or not in the policy.
    """
    folder = folder or files("blindarena.demo") / "data" / "parcel_support"
    content = read_replay_files(folder)
    arena = _arena()
    return ReplayDemo(
        arena=arena,
        contestants=tuple(_contestants(content, arena.id)),
        prompts=tuple(_prompts(content.tickets, arena.id)),
        answers={
            scripted.deployment: {
                t.text: content.answers[scripted.name][t.key] for t in content.tickets
            }
            for scripted in content.truth.contestants
        },
        breaches={
            (name, key): Breach(policy=breach.policy, quote=breach.quote)
            for name, by_ticket in content.breaches.items()
            for key, breach in by_ticket.items()
        },
        truth=Truth(
            strengths={c.name: c.strength for c in content.truth.contestants},
            words={c.name: c.words for c in content.truth.contestants},
            tie_share=content.truth.tie_share,
            both_bad_share=content.truth.both_bad_share,
            battles_per_voter=content.truth.battles_per_voter,
            note=content.truth.note,
        ),
    )


def _arena() -> Arena:
    return Arena(
        id=uuid7(),
        slug=SLUG,
        title=TITLE,
        kind="replay",
        consent=consent_of(SLUG, text=CONSENT_TEXT, recipients=()),
        question="Which answer would you send to this customer?",
        description=(
            "24 tickets to an invented parcel company, each with the policy that applies and two "
            "of four prepared answers."
        ),
        notice="Written for this demo, no real model.",
        prompt_mode="prepared",
        follow_ups=False,
        reasons=REASONS,
        modes=("battle", "queue"),
        queue=QueueRules(open_to_all=True),
    )


def _contestants(content: ReplayFiles, arena_id: UUID) -> Iterable[Contestant]:
    for scripted in content.truth.contestants:
        yield Contestant(
            id=uuid7(),
            arena_id=arena_id,
            name=scripted.name,
            deployments=(scripted.deployment,),
            description="Scripted answers, no real model.",
            organization="BlindArena demo",
            license="Apache-2.0",
            aliases=(scripted.name,),
        )


def _prompts(tickets: Iterable[Ticket], arena_id: UUID) -> Iterable[Prompt]:
    for position, ticket in enumerate(tickets):
        yield Prompt(
            id=uuid7(), arena_id=arena_id, position=position, **msgspec.structs.asdict(ticket)
        )
