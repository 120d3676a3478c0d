"""Contestants that a voter chooses by name."""

from pydantic import BaseModel


class ChoiceOut(BaseModel):
    """One contestant; `ready`: it can answer now, `images`: it takes pictures."""

    name: str
    description: str
    ready: bool
    images: bool


class ChoicesOut(BaseModel):
    """The contestants of an arena with a named mode."""

    contestants: list[ChoiceOut]
