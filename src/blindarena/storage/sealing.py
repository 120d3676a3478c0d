"""Seals secrets with AES-256-GCM under a master key that is not in the database."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from blindarena.errors import SecretError

VARIABLE = "BLINDARENA_SECRET_KEY"
OLD_VARIABLE = "BLINDARENA_OLD_SECRET_KEY"
FILE = "secret.key"
_NONCE = 12
_SHORTEST = 32


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    """One master key; `id` names it beside what it sealed and tells nothing of it."""

    id: str
    key: bytes

    @classmethod
    def of(cls, text: str, *, where: str) -> "MasterKey":
        """Derive the key from its text, which must be long and random.

        Raises:
            SecretError: it is too short.
        """
        if len(text) < _SHORTEST:
            raise SecretError(
                f"{where} has {len(text)} characters; give at least {_SHORTEST} random ones, such "
                "as those of `openssl rand -base64 32`"
            )
        derived = hmac.new(b"blindarena secrets", text.encode(), hashlib.sha256).digest()
        return cls(hashlib.sha256(b"id" + derived).hexdigest()[:8], derived)


class Keyring:
    """The master key, and old ones that may still be met; see `open_keyring`.

    Args:
        keys: the first seals, all unseal.
        file: the first one's, where it is a file's.
    """

    def __init__(self, keys: Sequence[MasterKey], *, file: Path | None = None) -> None:
        self.file = file
        self._first = keys[0]
        self._keys = {key.id: key for key in keys}

    def seal(self, name: str, value: str) -> str:
        """Encrypt a secret; it can be opened under its own name only."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._first.key).encrypt(nonce, value.encode(), name.encode())
        return f"{self._first.id}:{base64.b64encode(nonce + sealed).decode()}"

    def unseal(self, name: str, sealed: str) -> str:
        """Return what was sealed under a name.

        Raises:
            SecretError: another master key sealed it, or it was changed.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key_id, _, text = sealed.partition(":")
        key = self._keys.get(key_id)
        if key is None:
            raise SecretError(
                f"the key {name!r} was encrypted under another master key ({key_id}); restore "
                f"{VARIABLE} or {FILE}, or enter the key again"
            )
        try:
            raw = base64.b64decode(text, validate=True)
            return AESGCM(key.key).decrypt(raw[:_NONCE], raw[_NONCE:], name.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise SecretError(
                f"the key {name!r} in the database was damaged; enter it again"
            ) from error


def open_keyring(folder: Path, environ: Mapping[str, str], *, make: bool = True) -> Keyring | None:
    """Find the master key: BLINDARENA_SECRET_KEY, or the file `secret.key` of the data folder.

    Args:
        folder: where the file is.
        environ: an old key, BLINDARENA_OLD_SECRET_KEY, unseals too.
        make: write the file where there is none; without, None is returned then.

    Raises:
        SecretError: the key is too short, or the file is unreadable or open to others.
    """
    given = environ.get(VARIABLE)
    old = environ.get(OLD_VARIABLE)
    olds = [MasterKey.of(old, where=OLD_VARIABLE)] if old else []
    file = folder / FILE
    waiting = [_read(path) for path in (file, _next(file)) if path.exists()]
    if given:
        return Keyring([MasterKey.of(given, where=VARIABLE), *olds, *waiting])
    if not waiting:
        if not make:
            return None
        _write(file)
        waiting = [_read(file)]
    return Keyring([*waiting, *olds], file=file)


def next_keyring(keyring: Keyring, environ: Mapping[str, str]) -> Keyring:
    """Return a keyring whose first key is another one: a new file's, or that of the environment.

    The new file lies beside the old one until `settle`, so that a crash between loses nothing.
    """
    if keyring.file is None:
        return keyring
    path = _next(keyring.file)
    if not path.exists():
        _write(path)
    return Keyring([_read(path), _read(keyring.file)], file=keyring.file)


def settle(keyring: Keyring) -> None:
    """Put the new file in the place of the old one, once everything is sealed with it."""
    if keyring.file is not None:
        os.replace(_next(keyring.file), keyring.file)


def _next(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _write(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return  # another process was faster
    except OSError as error:
        raise SecretError(f"{path} can't be written: {error.strerror or error}") from error


def _read(path: Path) -> MasterKey:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SecretError(f"{path} can be read by others; run `chmod 600 {path}`")
        return MasterKey.of(path.read_text(encoding="ascii").strip(), where=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"{path} can't be read: {error}") from error
