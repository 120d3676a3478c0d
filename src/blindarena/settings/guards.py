"""`[limits]` and `[moderation]`: what a server does about floods and what it will not send."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from blindarena.settings.base import KeySource, Section

NotNegative = Annotated[float, Field(ge=0)]


class Limits(Section):
    """`[limits]`: rates are per minute; 0 switches a rate off."""

    battles_per_session: NotNegative = 30
    battles_per_address: NotNegative = 300
    sessions_per_address: NotNegative = 120
    logins_per_address: NotNegative = 10
    same_prompt_per_session: NotNegative = 3
    challenge: Literal["off", "sessions", "battles"] = "off"
    challenge_difficulty: Annotated[int, Field(ge=1_000, le=100_000_000)] = 1_000_000
    max_prompt_chars: Annotated[int, Field(ge=1, le=500_000)] = 20_000
    max_body_kb: Annotated[int, Field(ge=1, le=10_000)] = 256
    max_upload_mb: Annotated[int, Field(ge=1, le=2_000)] = 64


class ModerationEndpoint(Section):
    """`[moderation.endpoint]`: a server that answers `POST URL/moderations` as OpenAI's does."""

    url: str
    model: str | None = None
    key: KeySource | None = None
    recipient: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    region: str | None = None
    retention: str | None = None
    trains_on_data: bool | None = None
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 5.0

    @model_validator(mode="after")
    def _usable(self) -> "ModerationEndpoint":
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError(f'"url" is {self.url!r}; give a base such as "https://host/v1"')
        if self.key is not None and self.key.env is None:
            raise ValueError('"key" is read from the environment: { env = "NAME" }')
        return self


class Moderation(Section):
    """`[moderation]`: what holds messages back; without a list and an endpoint nothing does."""

    words: Path | None = None
    endpoint: ModerationEndpoint | None = None
    on_failure: Literal["pass", "flag"] = "flag"
