"""The hosts that we know by name: rows of `catalog.toml`, one per host."""

import difflib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from blindarena.errors import ConfigError

MaxTokensField = Literal["max_tokens", "max_completion_tokens"]
SeedField = Literal["seed", "random_seed"]
Protocol = Literal["openai", "anthropic", "gemini"]


class Quirks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a host's wire format differs from others'.

    Attributes:
        max_tokens_field: what the cap on the answer's length is called.
        seed_field: what the seed is called; None where the host has none, and it is not sent.
        stream_options: it takes `stream_options`; without, usage comes unasked or not at all.
    """

    max_tokens_field: MaxTokensField = "max_tokens"
    seed_field: SeedField | None = "seed"
    stream_options: bool = True


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One host. What is None is unknown to us, and is shown as unknown.

    Attributes:
        title: its name for people.
        base_url: what comes before `/chat/completions`, `/messages` or `/models`.
        protocol: the format that it speaks.
        key_env: environment variable that usually holds the key; None needs no key.
        organization: who receives what is sent there; None for one's own machine.
        region: where it is stored.
        retention: how long it is kept.
        trains_on_data: whether the host trains on it by default.
        terms: the page that says so.
        prices: its id in genai-prices.
    """

    name: str
    title: str
    base_url: str
    protocol: Protocol = "openai"
    key_env: str | None = None
    organization: str | None = None
    region: str | None = None
    retention: str | None = None
    trains_on_data: bool | None = None
    terms: str | None = None
    prices: str | None = None
    quirks: Quirks = Quirks()

    @property
    def local(self) -> bool:
        """Say whether it runs on the owner's own machines, without a key."""
        return self.key_env is None


@cache
def load_catalog() -> Mapping[str, Provider]:
    """Return the shipped catalogue, by name, in the order of the file."""
    return read_catalog((files("blindarena.gateway") / "catalog.toml").read_text("utf-8"))


def read_catalog(text: str, *, source: str = "catalog.toml") -> Mapping[str, Provider]:
    """Read a catalogue: a TOML table per provider, its name the table's.

    Raises:
        ConfigError: not TOML, an unknown or missing key, a wrong type, an unusable base URL.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: {error}") from error
    rows: dict[str, Provider] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(f"{source}: {name} = {table!r}: expected a table [{name}]")
        try:
            row = msgspec.convert({"name": name} | table, Provider)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{source}: [{name}]: {error}") from error
        check_base_url(row.base_url, where=f"{source}: [{name}]")
        rows[name] = row
    return MappingProxyType(rows)


def provider_named(name: str, *, catalog: Mapping[str, Provider] | None = None) -> Provider:
    """Return one provider.

    Raises:
        ConfigError: there is none of that name; the message suggests a near one.
    """
    rows = load_catalog() if catalog is None else catalog
    if name in rows:
        return rows[name]
    near = difflib.get_close_matches(name.lower(), rows, n=1, cutoff=0.5)
    cure = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(rows)}"
    raise ConfigError(f"unknown provider {name!r}: {cure}")


def check_base_url(url: str, *, where: str) -> str:
    """Return the URL without a slash at its end.

    Raises:
        ConfigError: it is not http or https, has no host, or carries a key, query or fragment.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"{where}: base_url {url!r}: expected http://HOST... or https://HOST...")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(
            f"{where}: base_url: put no user, key, query or fragment into the address"
        )
    return url.rstrip("/")
