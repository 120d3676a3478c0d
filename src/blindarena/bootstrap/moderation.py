"""The moderators of a server, from `[moderation]` of its settings."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from blindarena.domain.arenas import Recipient
from blindarena.errors import ConfigError, InputError
from blindarena.gateway.moderation import ModerationEndpoint
from blindarena.pipeline.moderation import Endpoint, Moderation, Moderator, WordList, moderate
from blindarena.settings import Moderation as Table


class Moderators:
    """Asks the word list first, then the endpoint; whatever either flags is held back.

    Args:
        table: of the settings.
        root: where the settings' paths begin.
        environ: for the endpoint's key.
    """

    def __init__(self, table: Table, *, root: Path, environ: Mapping[str, str]) -> None:
        self._table = table
        self._root = root
        self._environ = environ
        self._http: ModerationEndpoint | None = None
        self._ask: list[Moderator] = []

    @property
    def any(self) -> bool:
        """Whether the settings name anybody to ask."""
        return self._table.words is not None or self._table.endpoint is not None

    def open(self) -> None:
        """Read the word list and the key.

        Raises:
            ConfigError: the list cannot be read, or the key is not set.
        """
        self._ask = []
        if self._table.words is not None:
            self._ask.append(word_list(self._table, self._root))
        if self._table.endpoint is not None:
            given = self._table.endpoint
            self._http = ModerationEndpoint(
                base_url=given.url,
                key=_key(self._table, self._environ),
                timeout_s=given.timeout_s,
            )
            self._ask.append(
                Endpoint(
                    self._http,
                    name=urlsplit(given.url).hostname or "endpoint",
                    model=given.model,
                    on_failure=self._table.on_failure,
                )
            )

    async def __call__(self, text: str) -> Moderation:
        """Look at one text."""
        return await moderate(text, *self._ask)

    async def close(self) -> None:
        """Close the connection to the endpoint."""
        if self._http is not None:
            await self._http.close()


def word_list(table: Table, root: Path) -> WordList:
    """Read the owner's words.

    Raises:
        ConfigError: there is no such file, or it is not UTF-8.
    """
    if table.words is None:
        return WordList()
    try:
        return WordList.from_file(root / table.words)
    except InputError as error:
        raise ConfigError(f"[moderation] words: {error}") from error


def moderation_recipient(table: Table) -> Recipient | None:
    """Return the endpoint as one who may receive what is typed; None: there is none."""
    given = table.endpoint
    if given is None:
        return None
    return Recipient(
        name=given.recipient or f"moderation at {urlsplit(given.url).hostname}",
        region=given.region,
        retention=given.retention,
        trains_on_data=given.trains_on_data,
    )


def _key(table: Table, environ: Mapping[str, str]) -> str | None:
    variable = table.endpoint.key.env if table.endpoint and table.endpoint.key else None
    if variable is None:
        return None
    key = environ.get(variable)
    if not key:
        raise ConfigError(f"[moderation.endpoint] key: the variable {variable} is not set")
    return key
