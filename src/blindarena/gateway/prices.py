"""What an answer costs: the owner's price, else a dated snapshot, else unknown (never 0)."""

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Protocol

from blindarena.domain.chat import Usage
from blindarena.errors import ConfigError
from blindarena.gateway.catalog import Provider

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo

Cost = tuple[float | None, str | None]
"""USD and the price used, in words; both None where the price is unknown."""


class Price(Protocol):
    """The price of one deployment."""

    @property
    def label(self) -> str | None:
        """The price in words, for lists of contestants; None where it is unknown."""
        ...

    def cost(self, usage: Usage, seconds: float, *, cached_tokens: int = 0) -> Cost:
        """Return the cost of one answer in USD and the price used, in words."""
        ...


@dataclass(frozen=True, slots=True)
class UnknownPrice:
    """Nobody told us."""

    @property
    def label(self) -> str | None:
        """The price in words: none."""
        return None

    def cost(self, usage: Usage, seconds: float, *, cached_tokens: int = 0) -> Cost:
        """Return no cost, which is not 0."""
        return None, None


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """The owner's price in USD per million tokens; 0 is a price, and means free."""

    input_usd: float
    output_usd: float

    def __post_init__(self) -> None:
        _check_amount("input price per million tokens", self.input_usd)
        _check_amount("output price per million tokens", self.output_usd)

    @property
    def label(self) -> str:
        """The price in words."""
        return f"{_usd(self.input_usd)}/{_usd(self.output_usd)} USD per M tokens (own price)"

    def cost(self, usage: Usage, seconds: float, *, cached_tokens: int = 0) -> Cost:
        """Return tokens times price; cached tokens cost as much as others."""
        usd = usage.prompt_tokens * self.input_usd + usage.completion_tokens * self.output_usd
        return usd / 1e6, self.label + _counted_here(usage)


@dataclass(frozen=True, slots=True)
class HourlyPrice:
    """What an hour of a self-hosted model costs in USD; gives a cost measured by time.

    Answers that overlap are each charged their whole time: the sum is an upper bound.
    """

    usd_per_hour: float

    def __post_init__(self) -> None:
        _check_amount("cost_per_hour", self.usd_per_hour)

    @property
    def label(self) -> str:
        """The price in words."""
        return f"{_usd(self.usd_per_hour)} USD per hour (own price)"

    def cost(self, usage: Usage, seconds: float, *, cached_tokens: int = 0) -> Cost:
        """Return the share of the hour that the answer took."""
        return self.usd_per_hour * seconds / 3600, self.label


@dataclass(frozen=True, slots=True)
class SnapshotPrice:
    """The list price in the installed version of genai-prices; never updated over the network.

    Args:
        provider: genai-prices' id of the provider.
        model: the upstream's name of the model.
        now: the time in UTC; some prices depend on date or hour.
    """

    provider: str
    model: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def label(self) -> str | None:
        """The price of a short request in words."""
        return self.cost(Usage(prompt_tokens=1, completion_tokens=1, reported=True), 0.0)[1]

    def cost(self, usage: Usage, seconds: float, *, cached_tokens: int = 0) -> Cost:
        """Return tokens times list price, with the tier and the cache price that apply."""
        from genai_prices import Usage as PricedUsage

        model = _snapshot_model(self.provider, self.model)
        if model is None:
            return None, None
        prices = model.get_prices(self.now())
        rates = [_rate(prices, key, usage.prompt_tokens) for key in ("input_mtok", "output_mtok")]
        if None in rates:  # an embedding or image model, or a row without prices
            return None, None
        try:
            total = prices.calc_price(
                PricedUsage(
                    input_tokens=usage.prompt_tokens,
                    cache_read_tokens=min(cached_tokens, usage.prompt_tokens) or None,
                    output_tokens=usage.completion_tokens,
                )
            )["total_price"]
        except (LookupError, ValueError):  # priced by something that we do not know
            return None, None
        text = "/".join(_usd(rate) for rate in rates if rate is not None)
        cached = ", cached input at its own price" if cached_tokens else ""
        label = f"{text} USD per M tokens ({snapshot_version()}){cached}{_counted_here(usage)}"
        return float(total), label


def price_of(
    provider: Provider | None,
    model: str,
    *,
    own: TokenPrice | None = None,
    cost_per_hour: float | None = None,
) -> Price:
    """Choose the price of a deployment.

    Args:
        provider: its row in the catalogue; None for any other address.
        model: the upstream's name of the model.
        own: the owner's price per token, which goes before the snapshot's.
        cost_per_hour: the owner's price for a self-hosted model, in USD.

    Raises:
        ConfigError: two prices of the owner's, or one that is not a number of at least 0.
    """
    if own is not None and cost_per_hour is not None:
        raise ConfigError(f"model {model!r}: give a price per token or cost_per_hour, not both")
    if own is not None:
        return own
    if cost_per_hour is not None:
        return HourlyPrice(cost_per_hour)
    if provider is not None and provider.prices is not None:
        snapshot = SnapshotPrice(provider.prices, model)
        if snapshot.label is not None:
            return snapshot
    return UnknownPrice()


def cost_usd(price: Price, usage: Usage, seconds: float, *, cached_tokens: int = 0) -> float | None:
    """Return what `price.cost` does, without the words: cheap enough for every request.

    A list price is looked up once where it depends on nothing but the number of tokens.
    """
    if isinstance(price, SnapshotPrice):
        rates = _flat_rates(price.provider, price.model)
        if rates is not None:
            input_rate, output_rate, cached_rate = rates
            cached = min(cached_tokens, usage.prompt_tokens)
            total = (
                (usage.prompt_tokens - cached) * input_rate
                + usage.completion_tokens * output_rate
                + cached * cached_rate
            )
            return float(total / 1_000_000)
    elif isinstance(price, TokenPrice):
        total_usd = (
            usage.prompt_tokens * price.input_usd + usage.completion_tokens * price.output_usd
        )
        return total_usd / 1e6
    return price.cost(usage, seconds, cached_tokens=cached_tokens)[0]


@cache
def _flat_rates(provider: str, model: str) -> tuple[Decimal, Decimal, Decimal] | None:
    """Return USD per million tokens of input, output and cached input; None where it is not so.

    It is not so for prices with tiers, at times of day, from a date on, or per request.
    """
    found = _snapshot_model(provider, model)
    prices = getattr(found, "prices", None)
    rate, per_answer = getattr(prices, "input_mtok", None), getattr(prices, "output_mtok", None)
    cached = getattr(prices, "cache_read_mtok", None)
    if not isinstance(rate, Decimal) or not isinstance(per_answer, Decimal):
        return None
    if cached is not None and not isinstance(cached, Decimal):
        return None
    if getattr(prices, "requests_kcount", None) is not None:
        return None
    return rate, per_answer, rate if cached is None else cached


@cache
def snapshot_version() -> str:
    """Return name and version of the price list; its releases are dated on PyPI."""
    return f"genai-prices {importlib.import_module('genai_prices').__version__}"


@cache
def _snapshot() -> "DataSnapshot":
    """Load the list that is inside the installed package (25 MB of memory, so only when needed).

    A snapshot of our own, not the package's current one, which other code could have updated.
    """
    from genai_prices.data import providers
    from genai_prices.data_snapshot import DataSnapshot

    return DataSnapshot(providers=providers, from_auto_update=False)


def _snapshot_model(provider: str, model: str) -> "ModelInfo | None":
    try:
        return _snapshot().find_provider_model(model, None, provider, None)[1]
    except LookupError:
        return None


def _rate(prices: object, key: str, input_tokens: int) -> float | None:
    """Return USD per million tokens; a tier is chosen by the size of the input, for both sides."""
    rate = getattr(prices, key, None)
    tiers = getattr(rate, "tiers", None)
    if tiers is not None:
        passed = [tier.price for tier in tiers if input_tokens > tier.start]
        rate = passed[-1] if passed else getattr(rate, "base", None)
    return None if rate is None else float(rate)


def _usd(amount: float) -> str:
    """Write 1.1 as 1.10 and 0.075 as 0.075."""
    short = f"{amount:.2f}"
    return short if math.isclose(float(short), amount, abs_tol=1e-12) else f"{amount:.6g}"


def _counted_here(usage: Usage) -> str:
    return "" if usage.reported else ", tokens estimated"


def _check_amount(what: str, amount: float) -> None:
    if not (math.isfinite(amount) and amount >= 0):
        raise ConfigError(f"{what} = {amount!r}: must be a number of at least 0")
