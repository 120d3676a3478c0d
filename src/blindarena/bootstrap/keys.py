"""Keys of providers that are entered on the owner's page, sealed in the database."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.folders import data_folder
from blindarena.bootstrap.plan import Plan
from blindarena.errors import InvalidInputError, NotFoundError, SecretError
from blindarena.gateway.catalog import load_catalog
from blindarena.storage.database import Database
from blindarena.storage.sealing import Keyring, next_keyring, open_keyring, settle

log = logging.getLogger("blindarena.keys")
_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key that the configuration names, never its value.

    Attributes:
        name: of the vault's entry, or of the environment variable.
        set_at: None where it is not set, and for one of the environment.
    """

    name: str
    source: Literal["vault", "environment"]
    deployments: tuple[str, ...]
    is_set: bool
    set_at: datetime | None = None


class KeyDesk:
    """Takes keys and gives them to the deployments that name them.

    Args:
        plan: names the keys, and the folder of the master key.
        environ: for the master key, and for keys that are read from variables.
        now: the time, in UTC.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        database: Database,
        fleet: Fleet,
        environ: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        self.problem = ""
        self._database = database
        self._fleet = fleet
        self._environ = environ
        self._now = now
        self._named = {"vault": _vault(plan), "environment": _variables(plan)}
        self._folder = data_folder(plan)
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Unseal what the configuration names and give it to the fleet, before that is opened.

        What cannot be unsealed is told in the log and on the page; its deployments are down.
        """
        stored = await self._database.secrets.all()
        wanted = self._named["vault"].keys() & stored.keys()
        if not wanted:
            return
        try:
            keyring = self._keyring(make=False)
        except SecretError as error:
            self._fail(str(error))
            return
        for name in sorted(wanted):
            try:
                self._fleet.use_key(name, keyring.unseal(name, stored[name][0]))
            except SecretError as error:
                self._fail(str(error))

    async def list(self) -> list[KeyState]:
        """Return every key that the configuration names."""
        stored = await self._database.secrets.all()
        since = {name: at for name, (_, at) in stored.items()}
        return [
            KeyState(name, "vault", used, name in since, since.get(name))
            for name, used in self._named["vault"].items()
        ] + [
            KeyState(name, "environment", used, bool(self._environ.get(name)))
            for name, used in self._named["environment"].items()
        ]

    async def set(self, name: str, value: str) -> None:
        """Seal a key in place of the one there may be; its deployments use it at once.

        Raises:
            NotFoundError: no deployment names it.
            InvalidInputError: it cannot be a key; the message does not repeat it.
            SecretError: there is no usable master key.
        """
        self._check(name)
        value = value.strip()
        if not value or len(value) > _LONGEST or not (value.isascii() and value.isprintable()):
            raise InvalidInputError(
                f"the key {name!r} is {len(value)} characters long or holds characters that no key "
                f"has; give 1 to {_LONGEST} letters, digits and signs in one line"
            )
        async with self._lock:
            keyring = await asyncio.to_thread(self._keyring, make=True)
            await self._database.secrets.put(name, keyring.seal(name, value), self._now())
            used = self._fleet.use_key(name, value)
            self.problem = ""
        await self._note(f"Entered the key {name}", ", ".join(used))

    async def forget(self, name: str) -> None:
        """Delete a key; its deployments are down until there is another.

        Raises:
            NotFoundError: no deployment names it.
        """
        self._check(name)
        async with self._lock:
            await self._database.secrets.delete(name)
            used = self._fleet.use_key(name, None)
        await self._note(f"Deleted the key {name}", ", ".join(used))

    def _keyring(self, *, make: bool) -> Keyring:
        keyring = open_keyring(self._folder, self._environ, make=make)
        if keyring is None:
            raise SecretError(
                f"{self._folder / 'secret.key'} is gone, which opens the keys in the database; "
                "restore it, or enter the keys again"
            )
        return keyring

    def _check(self, name: str) -> None:
        if name not in self._named["vault"]:
            raise NotFoundError(
                f'no deployment of blindarena.toml has key = {{ vault = "{name:.80}" }}'
            )

    def _fail(self, problem: str) -> None:
        log.error("%s", problem)
        self.problem = problem

    async def _note(self, what: str, detail: str) -> None:
        await self._database.audit.add(at=self._now(), who="Owner", what=what, detail=detail)


async def rotate(database: Database, folder: Path, environ: Mapping[str, str]) -> int:
    """Seal every key with a new master key; return how many there are.

    The key of the file is made new. That of BLINDARENA_SECRET_KEY is new already, and
    BLINDARENA_OLD_SECRET_KEY is the old one.

    Raises:
        SecretError: a master key is missing or unusable; nothing is changed.
    """
    old = open_keyring(folder, environ)
    if old is None:
        raise SecretError("there is no master key")
    new = next_keyring(old, environ)
    count = await database.secrets.reseal(lambda name, one: new.seal(name, old.unseal(name, one)))
    settle(new)
    return count


def _vault(plan: Plan) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, deployment in plan.deployments.items():
        if deployment.key is not None and deployment.key.vault is not None:
            found[deployment.key.vault] = (*found.get(deployment.key.vault, ()), name)
    return found


def _variables(plan: Plan) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, deployment in plan.deployments.items():
        row = load_catalog().get(deployment.provider or "")
        own = deployment.key
        variable = own.env if own is not None else (row.key_env if row else None)
        if variable is not None:
            found[variable] = (*found.get(variable, ()), name)
    return found
