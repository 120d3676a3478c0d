"""Values of `blindarena rank` that are more than one word or number."""

import re

from blindarena.errors import ConfigError

_MONEY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?\s*([A-Za-z$€£]*)")


def anchor_of(text: str | None) -> tuple[str, float] | None:
    """Read MODEL=RATING; a model's name may have an equals sign in it."""
    if text is None:
        return None
    model, _, rating = text.rpartition("=")
    try:
        at = float(rating)
    except ValueError:
        model = ""
    if not model.strip():
        raise ConfigError(f"--anchor is {text!r}; write MODEL=RATING, such as gpt-4=1200")
    return model.strip(), at


def columns_of(pairs: list[str]) -> dict[str, str]:
    """Read each OURS=THEIRS."""
    columns = {}
    for pair in pairs:
        ours, mark, theirs = pair.partition("=")
        if not (mark and ours.strip() and theirs.strip()):
            raise ConfigError(f"--map is {pair!r}; write OURS=THEIRS, such as model_a=left_model")
        columns[ours.strip()] = theirs.strip()
    return columns


def worth_of(text: str | None) -> float | None:
    """Read an amount above 0 in USD, the currency of all costs: 0.01USD."""
    if text is None:
        return None
    example = "write what 100 Elo are worth in an answer, such as 0.01USD"
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise ConfigError(f"--value-of-100-elo is {text!r}; {example}")
    if match[3].upper() not in ("USD", "$"):
        named = f"in {match[3]}" if match[3] else "without a currency"
        raise ConfigError(f"--value-of-100-elo is {text!r}, {named}; costs are in USD: {example}")
    amount = float(f"{match[1]}e{match[2] or 0}")
    if not 0 < amount < float("inf"):
        raise ConfigError(f"--value-of-100-elo is {text!r}; give more than 0: {example}")
    return amount
