"""What all tables of the settings share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """Base of every table: frozen, and strict about keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class KeySource(Section):
    """Where a secret is: in an environment variable, or entered on the owner's page."""

    env: str | None = None
    vault: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "KeySource":
        if (self.env is None) == (self.vault is None):
            raise ValueError('give { env = "NAME" } or { vault = "NAME" }')
        return self
