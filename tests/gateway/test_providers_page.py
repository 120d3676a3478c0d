"""The tables of docs/providers.md are those of the code."""

from pathlib import Path
from typing import get_args

import pytest

from blindarena.errors import ProviderFault
from blindarena.gateway.catalog import Provider, load_catalog

PAGE = Path(__file__).resolve().parents[2] / "docs" / "providers.md"


def row(provider: Provider) -> str:
    """The line of the catalogue's table that belongs to a provider."""
    trains = {None: "unknown", True: "yes", False: "no"}[provider.trains_on_data]
    quirks = provider.quirks
    differs = [
        f"`{quirks.max_tokens_field}`",
        f"`{quirks.seed_field}`" if quirks.seed_field else "none",
        "sent" if quirks.stream_options else "not sent",
    ]
    here = "your machine" if provider.local else "unknown"
    cells = [
        f"`{provider.name}`",
        provider.title,
        f"`{provider.base_url}`",
        provider.protocol,
        f"`{provider.key_env}`" if provider.key_env else "none",
        provider.region or here,
        provider.retention or ("by you" if provider.local else "unknown"),
        "no" if provider.local else trains,
        provider.prices or "none",
        *(differs if provider.protocol == "openai" else ["-", "-", "-"]),
    ]
    return f"| {' | '.join(cells)} |"


def test_the_table_is_the_catalogue() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("| name | host |")) + 2

    assert lines[start : lines.index("", start)] == [row(p) for p in load_catalog().values()]


@pytest.mark.parametrize("fault", get_args(ProviderFault))
def test_every_fault_is_described(fault: str) -> None:
    assert f"| `{fault}` |" in PAGE.read_text(encoding="utf-8")
