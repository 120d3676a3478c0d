"""`blindarena keys`: make, list and revoke the keys with which programs use the gateway."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blindarena.cli.db import ConfigOption, JsonOption, UrlOption, configured_url
from blindarena.errors import ConfigError

if TYPE_CHECKING:
    from blindarena.domain.api_keys import ApiKey

app = typer.Typer(
    help="Make, list and revoke the keys with which programs use the gateway.",
    no_args_is_help=True,
)

_WHO = "Command line"


@app.command()
def create(
    name: Annotated[str, typer.Option("--name", help="By which people know the key.")],
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="A model that it may use; several times. Without it, all."),
    ] = None,
    rpm: Annotated[int | None, typer.Option("--rpm", min=1, help="Requests per minute.")] = None,
    tpm: Annotated[int | None, typer.Option("--tpm", min=1, help="Tokens per minute.")] = None,
    usd_per_day: Annotated[
        float | None, typer.Option("--usd-per-day", min=0, help="Spend per UTC day.")
    ] = None,
    usd_per_month: Annotated[
        float | None, typer.Option("--usd-per-month", min=0, help="Spend per UTC month.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option("--expires", help="Its last day in UTC (2027-03-31), or days (90d)."),
    ] = None,
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and print its secret, this once; of it only a hash is kept.

    A running server accepts the key at once.

    Example: blindarena keys create --name ci --model small --rpm 60 --usd-per-day 2
    """
    from blindarena.bootstrap.key_book import limits_text, open_key_book
    from blindarena.domain.api_keys import KeyLimits

    limits = KeyLimits(
        models=tuple(model or ()),
        requests_per_minute=rpm,
        tokens_per_minute=tpm,
        usd_per_day=usd_per_day,
        usd_per_month=usd_per_month,
        expires_at=None if expires is None else _end(expires),
    )

    async def run() -> "tuple[ApiKey, str]":
        async with open_key_book(configured_url(config, database)) as book:
            return await book.create(name, limits, who=_WHO)

    key, secret = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps({**_facts(key), "secret": secret}, indent=2))
        return
    typer.echo(secret)
    typer.echo(f"{key.name}: {limits_text(key.limits)}; this is shown only now", err=True)


@app.command("list")
def list_keys(
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every key with its limits; secrets are not kept.

    Example: blindarena keys list --json
    """
    from blindarena.bootstrap.key_book import limits_text, open_key_book

    async def run() -> "list[ApiKey]":
        async with open_key_book(configured_url(config, database)) as book:
            return list(await book.list())

    keys = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps([_facts(key) for key in keys], indent=2))
    elif not keys:
        typer.echo("there are no keys; `blindarena keys create` makes one")
    for key in () if as_json else keys:
        used = f"last used {key.last_used_on}" if key.last_used_on else "never used"
        ended = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else used
        typer.echo(f"{key.id}  {key.prefix}...  {key.name}: {limits_text(key.limits)}; {ended}")


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Its id, its name or its prefix.", show_default=False)],
    config: ConfigOption = Path("blindarena.toml"),
    database: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a key for ever; running servers refuse it within 5 seconds.

    Example: blindarena keys revoke ci
    """
    from blindarena.bootstrap.key_book import open_key_book

    async def run() -> "ApiKey":
        async with open_key_book(configured_url(config, database)) as book:
            return await book.revoke((await book.find(key)).id, who=_WHO)

    gone = asyncio.run(run())
    if as_json:
        typer.echo(json.dumps(_facts(gone), indent=2))
    else:
        typer.echo(f"revoked {gone.name} ({gone.prefix}...)")


def _facts(key: "ApiKey") -> dict[str, Any]:
    import msgspec

    facts: dict[str, Any] = msgspec.to_builtins(key)
    return facts


def _end(text: str) -> datetime:
    """Return the moment after the last day of a key."""
    days = text.removesuffix("d")
    try:
        if days != text:
            return datetime.now(UTC) + timedelta(days=int(days))
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"--expires {text!r}: give the last day as 2027-03-31, or a number of days as 90d"
        ) from error
