"""Which answers are still to be asked for, and what they would cost."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from uuid import UUID

from blindarena.arena.import_ports import Tariff
from blindarena.domain.arenas import Contestant, Prompt
from blindarena.domain.imports import PreparedState

States = Mapping[tuple[UUID, UUID], PreparedState]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One answer to be asked for.

    Attributes:
        text: as it may be sent.
        asked: hash of what is asked.
        tokens: of the request, estimated.
        bound_usd: what it costs at most, with the longest answer allowed; None is unknown.
    """

    contestant: Contestant
    prompt: Prompt
    text: str
    asked: str
    tokens: int
    bound_usd: float | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one contestant's missing answers would cost.

    Attributes:
        likely_usd: from the mean of the answers measured so far; None before there are any.
        at_most_usd: with the longest answers allowed; None where the price is unknown.
    """

    contestant: str
    answers: int
    prompt_tokens: int
    likely_usd: float | None
    at_most_usd: float | None


def asked_of(contestant: Contestant, text: str) -> str:
    """Return a hash of everything that the answer depends on."""
    document = [
        contestant.system,
        asdict(contestant.parameters),
        contestant.fingerprint or contestant.deployments,
        text,
    ]
    return hashlib.sha256(json.dumps(document, default=list).encode()).hexdigest()[:32]


def outstanding(
    contestants: Sequence[Contestant],
    prompts: Iterable[tuple[Prompt, str]],
    states: States,
    *,
    tariff: Tariff,
) -> list[Wanted]:
    """Return every answer that is missing, failed or out of date, prompt by prompt.

    An answer that came with the file is never asked for again.

    Args:
        contestants: who answers.
        prompts: each with its text as it may be sent.
        states: what there is.
        tariff: estimates size and cost.
    """
    wanted = []
    for prompt, text in prompts:
        for contestant in contestants:
            asked = asked_of(contestant, text)
            state = states.get((prompt.id, contestant.id))
            if _holds(state, asked):
                continue
            tokens = tariff.tokens([*([contestant.system] if contestant.system else []), text])
            bound = tariff.cost(
                contestant.deployments,
                prompt=tokens,
                completion=contestant.parameters.max_tokens,
                seconds=None,
            )
            if bound is None and tariff.is_here(contestant.deployments):
                bound = 0.0
            wanted.append(Wanted(contestant, prompt, text, asked, tokens, bound))
    return wanted


def _holds(state: PreparedState | None, asked: str) -> bool:
    """Say whether there is an answer that may stay."""
    if state is None or state.fault is not None:
        return False
    return state.source == "import" or state.asked == asked


def estimates(wanted: Sequence[Wanted], states: States, *, tariff: Tariff) -> list[Estimate]:
    """Return what each contestant's missing answers would cost, in order of their first."""
    by_contestant: dict[UUID, list[Wanted]] = {}
    for one in wanted:
        by_contestant.setdefault(one.contestant.id, []).append(one)
    return [_estimate(found, states, tariff) for found in by_contestant.values()]


def _estimate(wanted: Sequence[Wanted], states: States, tariff: Tariff) -> Estimate:
    contestant = wanted[0].contestant
    measured = [
        state
        for (_, contestant_id), state in states.items()
        if contestant_id == contestant.id
        and state.fault is None
        and state.completion_tokens is not None
        and state.seconds is not None
    ]
    tokens = sum(one.tokens for one in wanted)
    likely = None
    if measured:
        each = tariff.cost(
            contestant.deployments,
            prompt=round(tokens / len(wanted)),
            completion=round(fmean(s.completion_tokens or 0 for s in measured)),
            seconds=fmean(s.seconds or 0.0 for s in measured),
        )
        likely = None if each is None else each * len(wanted)
    bounds = [one.bound_usd for one in wanted if one.bound_usd is not None]
    priced = [
        one
        for one in wanted
        if tariff.cost(contestant.deployments, prompt=1, completion=1, seconds=None) is not None
    ]
    return Estimate(
        contestant=contestant.name,
        answers=len(wanted),
        prompt_tokens=tokens,
        likely_usd=likely,
        at_most_usd=sum(bounds) if priced else None,
    )
