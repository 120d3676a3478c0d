"""Contestants that a voter chooses by name."""

from pydantic import BaseModel


class ChoiceOut(BaseModel):
    """One contestant; `ready` says whether it can answer now."""

    name: str
    description: str
    ready: bool


class ChoicesOut(BaseModel):
    """The contestants of an arena with a named mode."""

    contestants: list[ChoiceOut]
