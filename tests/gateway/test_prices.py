import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.domain.chat import Usage
from blindarena.errors import ConfigError
from blindarena.gateway.catalog import load_catalog, provider_named
from blindarena.gateway.prices import (
    HourlyPrice,
    SnapshotPrice,
    TokenPrice,
    UnknownPrice,
    cost_usd,
    price_of,
)

MILLION = Usage(prompt_tokens=1_000_000, completion_tokens=1_000_000, reported=True)
OPENAI = provider_named("openai")


def test_the_snapshot_prices_a_known_model() -> None:
    price = price_of(OPENAI, "gpt-4o")

    cost, label = price.cost(MILLION, 1.0)

    assert cost == pytest.approx(12.5)
    assert label == f"2.50/10.00 USD per M tokens (genai-prices {version('genai-prices')})"
    assert price.label == label


def test_cached_tokens_have_their_own_price() -> None:
    price = price_of(OPENAI, "gpt-4o")

    full, _ = price.cost(MILLION, 1.0)
    cached, label = price.cost(MILLION, 1.0, cached_tokens=1_000_000)

    assert full is not None
    assert cached == pytest.approx(full - 2.5 + 1.25)
    assert label is not None
    assert "cached" in label


def test_a_price_that_depends_on_the_date_is_that_of_its_date() -> None:
    early = SnapshotPrice("openai", "o3", now=lambda: datetime(2025, 5, 1, tzinfo=UTC))
    late = SnapshotPrice("openai", "o3", now=lambda: datetime(2025, 7, 1, tzinfo=UTC))

    assert early.cost(MILLION, 1.0)[0] == pytest.approx(50)
    assert late.cost(MILLION, 1.0)[0] == pytest.approx(10)


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "no-such-model-xyz"), ("qwen", "qwen-max"), ("ollama", "llama3"), (None, "any"),
     ("openai", "text-embedding-3-small")],
)  # fmt: skip
def test_an_unknown_price_is_no_price_and_not_zero(provider: str | None, model: str) -> None:
    row = None if provider is None else provider_named(provider)

    price = price_of(row, model)

    assert isinstance(price, UnknownPrice)
    assert price.cost(MILLION, 10.0) == (None, None)
    assert price.label is None


def test_the_owners_price_goes_first_and_zero_is_a_price() -> None:
    assert price_of(OPENAI, "gpt-4o", own=TokenPrice(0, 0)).cost(MILLION, 1.0) == (
        0.0,
        "0.00/0.00 USD per M tokens (own price)",
    )
    assert price_of(OPENAI, "gpt-4o", own=TokenPrice(0.075, 1.1)).label == (
        "0.075/1.10 USD per M tokens (own price)"
    )


def test_cost_per_hour_is_measured_by_time() -> None:
    price = price_of(None, "any", cost_per_hour=1.8)

    assert price.cost(MILLION, 10.0) == (pytest.approx(0.005), "1.80 USD per hour (own price)")


def test_two_prices_of_the_owner_are_one_too_many() -> None:
    with pytest.raises(ConfigError, match="not both"):
        price_of(None, "any", own=TokenPrice(1, 1), cost_per_hour=1)


@pytest.mark.parametrize("amount", [-0.01, float("nan"), float("inf")])
def test_an_impossible_amount_is_refused(amount: float) -> None:
    with pytest.raises(ConfigError, match="at least 0"):
        TokenPrice(amount, 1)
    with pytest.raises(ConfigError, match="at least 0"):
        TokenPrice(1, amount)
    with pytest.raises(ConfigError, match="cost_per_hour"):
        HourlyPrice(amount)


@given(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 10**7))
def test_a_snapshot_price_is_never_negative_nor_above_the_uncached_one(
    prompt: int, completion: int, cached: int
) -> None:
    price = SnapshotPrice("openai", "gpt-4o")
    usage = Usage(prompt, completion, reported=False)

    cost, label = price.cost(usage, 1.0, cached_tokens=cached)

    assert cost is not None
    assert 0 <= cost <= (prompt * 2.5 + completion * 10) / 1e6 * (1 + 1e-9)
    assert label is not None
    assert label.endswith("tokens estimated")


@pytest.mark.parametrize("name", load_catalog())
def test_the_snapshot_knows_the_host_and_its_address(name: str) -> None:
    from genai_prices.data import providers

    row = load_catalog()[name]
    if row.prices is None:
        return

    known = {provider.id: provider for provider in providers}
    assert re.match(known[row.prices].api_pattern, row.base_url)


def test_the_list_is_loaded_only_when_needed() -> None:
    code = (
        "import sys; from blindarena.gateway.prices import price_of;"
        "price_of(None, 'any', cost_per_hour=1.0).cost; print('genai_prices' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"


def test_rates_that_are_read_once_give_the_same_cost() -> None:
    """Of every model in the list; those with tiers or hours go the long way."""
    from genai_prices.data import providers

    from blindarena.gateway.prices import _flat_rates

    flat = 0
    for provider in providers:
        for model in provider.models[:40]:
            price = SnapshotPrice(provider.id, model.id)
            if _flat_rates(provider.id, model.id) is None:
                continue
            flat += 1
            usage = Usage(1234, 567, reported=True)
            for cached in (0, 100, 5000):
                expected = price.cost(usage, 1.0, cached_tokens=cached)[0]
                assert cost_usd(price, usage, 1.0, cached_tokens=cached) == expected
    assert flat > 100
