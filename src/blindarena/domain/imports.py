"""A file of prompts on its way into an arena, and the answers that are prepared for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from blindarena.domain.battles import Answer, Side
from blindarena.domain.chat import FinishReason
from blindarena.domain.style import Style
from blindarena.errors import ProviderFault

ImportStatus = Literal["staged", "done"]
"""staged: nobody sees its prompts yet; done: they are prompts of the arena."""
AnswerSource = Literal["import", "generated"]


@dataclass(frozen=True, slots=True)
class Import:
    """One file that was taken into an arena.

    Attributes:
        name: of the file.
        digest: SHA-256 of its bytes; the same file again replaces what it brought before.
        facts: how it was read and what was found, as the preview shows it.
    """

    id: UUID
    arena_id: UUID
    name: str
    digest: str
    created_at: datetime
    status: ImportStatus = "staged"
    done_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportedAnswer:
    """An answer that stood in the file; `leaked` where it gives its author away."""

    contestant_id: UUID
    text: str
    leaked: bool = False


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One prompt of the file, already screened for personal data.

    Attributes:
        key: unique within the arena; the file's own id, or made from the text.
    """

    key: str
    text: str
    title: str = ""
    category: str = ""
    language: str = ""
    policy: str = ""
    answers: tuple[ImportedAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """A contestant's one answer to a prepared prompt, measured where it was generated here.

    Attributes:
        asked: hash of what was asked (prompt, system prompt, parameters, deployments); another
            hash makes the answer out of date. Empty for an answer from a file.
        fault: why there is no answer; such a one is asked for again.
    """

    prompt_id: UUID
    contestant_id: UUID
    arena_id: UUID
    source: AnswerSource
    text: str
    style: Style
    created_at: datetime
    asked: str = ""
    deployment: str | None = None
    finish_reason: FinishReason | None = None
    fault: ProviderFault | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    tokens_reported: bool = False
    ttft_s: float | None = None
    seconds: float | None = None
    cost_usd: float | None = None
    price: str | None = None
    leaked: bool = False

    def as_answer(self, turn_id: UUID, side: Side) -> Answer:
        """Return it as the answer of one side of a turn."""
        return Answer(
            turn_id=turn_id,
            side=side,
            contestant_id=self.contestant_id,
            text=self.text,
            style=self.style,
            deployment=self.deployment,
            finish_reason=self.finish_reason,
            fault=self.fault,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            tokens_reported=self.tokens_reported,
            ttft_s=self.ttft_s,
            seconds=self.seconds,
            cost_usd=self.cost_usd,
            price=self.price,
            leaked=self.leaked,
        )


@dataclass(frozen=True, slots=True)
class PreparedState:
    """What is known of a prepared answer without its text."""

    source: AnswerSource
    asked: str
    fault: ProviderFault | None
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float | None
    cost_usd: float | None
