"""What one request through the gateway used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

Endpoint = Literal["chat", "completions", "embeddings", "messages"]

OWNER_KEY: Final = UUID(int=1)
"""Stands for a key where the owner's page asked: the playground, and "ask now"."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One request of a client, whatever became of it; holds no text of prompt or answer.

    Attributes:
        id: makes writing it twice harmless.
        at: when it came, in UTC.
        key_id: whose; None where the gateway asks for no key.
        model: as the client named it.
        deployment: who answered, or failed last; None where nobody was asked.
        prompt_tokens: None where unknown, like `completion_tokens` and `cost_usd`.
        reported: the upstream counted the tokens; False where we did.
        ttft_s: seconds until the first byte of the answer was passed on.
        seconds: until the last.
        status: the HTTP status that the client got; 499 where it left before the end.
        fault: what went wrong: a ProviderFault or the code of our own refusal.
    """

    id: UUID
    at: datetime
    request_id: str
    key_id: UUID | None
    endpoint: Endpoint
    model: str
    deployment: str | None
    stream: bool
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int
    reported: bool
    cost_usd: float | None
    ttft_s: float | None
    seconds: float
    status: int
    fault: str | None = None
