"""Live: a small model on this machine, and what else was found that could join."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from blindarena.demo.consent import consent_for
from blindarena.domain.arenas import Arena, Consent, Contestant, Recipient
from blindarena.domain.chat import Parameters
from blindarena.domain.ids import uuid7
from blindarena.errors import ConfigError

SLUG = "live-small-model"
TITLE = "Live: small model on your CPU"
MAX_TOKENS = 256
ALIASES = ("SmolLM2-135M", "SmolLM2", "SmolLM", "Hugging Face", "HuggingFace", "HuggingFaceTB")
SUGGESTED_PROMPTS = (
    "What is the capital of France, and what is it known for?",
    "Explain in simple words why the sky is blue.",
    "Write a short thank-you note to a neighbour who watered my plants.",
    "Give me three tips for a good night's sleep.",
    "What is the difference between a cat and a dog?",
    "Tell me a very short story about a lost umbrella.",
)
CONSENT_TEXT = (
    "What you type is sent to the recipients listed here and to nobody else. Any two contestants "
    "may be drawn, so each of these recipients may receive it.\n\n"
    "Kept in this installation's database, until its owner deletes it: your messages and the "
    "answers, your votes, the reasons and comments that you add, and a pseudonym that ties your "
    "votes in this arena together. Your name and your network address are not kept. One cookie "
    "recognises this browser; it serves nothing else. Please type nothing confidential."
)
THIS_MACHINE = Recipient(
    name="This machine (a model that runs where this page is served)",
    retention="only in this installation's database",
    trains_on_data=False,
)


@dataclass(frozen=True, slots=True)
class Detected:
    """A model found beside the small one: an Ollama model, a provider's key, a GGUF file.

    Attributes:
        name: the contestant's name, unique within the arena.
        deployment: the name of the deployment that reaches it.
        recipient: who receives what is typed; `THIS_MACHINE` for a local model.
        runs_at: where it runs, in words, e.g. "Ollama on this machine".
        price: the price in words; None is unknown.
        aliases: further names that would give it away wherever they stand in an answer, so no
            plain words ("Meta", "Apple"); its own name is added.
        enabled: only where the person who started the demo named it; else a click enables it.
    """

    name: str
    deployment: str
    recipient: Recipient
    runs_at: str
    price: str | None = None
    organization: str | None = None
    license: str | None = None
    aliases: tuple[str, ...] = ()
    enabled: bool = False


@dataclass(frozen=True, slots=True)
class LiveDemo:
    """The whole arena.

    Attributes:
        recipients: deployment name -> recipient, for `consent_for` when a contestant is switched.
    """

    arena: Arena
    contestants: tuple[Contestant, ...]
    recipients: Mapping[str, Recipient]


def live_arena(deployment: str, extra: Sequence[Detected] = ()) -> LiveDemo:
    """Build the arena of one small local model under three configurations, and `extra`.

    Args:
        deployment: name of the deployment that serves SmolLM2-135M-Instruct.
        extra: what else was found; each is disabled unless it says otherwise.

    Raises:
        ConfigError: two of `extra` are reached by one deployment under different recipients.
    """
    arena = Arena(
        id=uuid7(),
        slug=SLUG,
        title=TITLE,
        kind="live",
        consent=Consent(version="", text=CONSENT_TEXT),
        question="Which configuration of a very small model answers better?",
        description=(
            "A real model of 135 million parameters, running on this machine's processor, as three "
            "contestants: the same weights under different instructions."
        ),
        notice="Weak model, expect mistakes.",
        reasons=("Correct", "Makes sense", "Right tone", "Short enough", "Easy to read"),
        suggested_prompts=SUGGESTED_PROMPTS,
    )
    contestants = (
        *_configurations(arena.id, deployment),
        *(detected_contestant(arena.id, found) for found in extra),
    )
    recipients = _recipients(deployment, extra)
    consent = consent_for(arena, contestants, recipients)
    return LiveDemo(
        arena=replace(arena, consent=consent), contestants=contestants, recipients=recipients
    )


def detected_contestant(arena_id: UUID, found: Detected) -> Contestant:
    """Turn what was found into a contestant, disabled unless a person named it."""
    price = found.price or "price unknown"
    return Contestant(
        id=uuid7(),
        arena_id=arena_id,
        name=found.name,
        deployments=(found.deployment,),
        description=f"{found.runs_at}; {price}",
        organization=found.organization,
        license=found.license,
        aliases=tuple(dict.fromkeys((found.name, *found.aliases))),
        enabled=found.enabled,
    )


def _configurations(arena_id: UUID, deployment: str) -> Iterable[Contestant]:
    settings = (
        ("plain", "no system prompt", None, 0.2),
        ("brief", "asked for two sentences", "Answer in at most two short sentences.", 0.2),
        (
            "cheerful",
            "asked to be warm and detailed",
            "You are a warm and cheerful helper. Answer in detail, kindly, with an example.",
            0.8,
        ),
    )
    for name, words, system, temperature in settings:
        yield Contestant(
            id=uuid7(),
            arena_id=arena_id,
            name=f"SmolLM2 {name}",
            deployments=(deployment,),
            description=f"SmolLM2-135M-Instruct, {words}, temperature {temperature}",
            organization="Hugging Face",
            license="Apache-2.0",
            system=system,
            parameters=Parameters(temperature=temperature, max_tokens=MAX_TOKENS),
            aliases=ALIASES,
        )


def _recipients(deployment: str, extra: Sequence[Detected]) -> dict[str, Recipient]:
    recipients = {deployment: THIS_MACHINE}
    for found in extra:
        known = recipients.setdefault(found.deployment, found.recipient)
        if known != found.recipient:
            raise ConfigError(
                f"deployment {found.deployment!r} has two recipients, {known.name!r} and "
                f"{found.recipient.name!r}; give each its own deployment"
            )
    return recipients
