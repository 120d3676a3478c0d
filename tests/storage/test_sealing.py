"""Sealed secrets: nobody opens them without the master key, or under another name."""

import base64
import os
from pathlib import Path

import pytest

from blindarena.errors import SecretError
from blindarena.storage.sealing import Keyring, next_keyring, open_keyring, settle

LONG = "a-long-and-random-looking-master-key-0123456789"


def opened(folder: Path, **environ: str) -> Keyring:
    keyring = open_keyring(folder, environ)
    assert keyring is not None
    return keyring


def test_what_is_sealed_comes_back_and_is_never_the_same(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    first, second = keyring.seal("vendor", "sk-1"), keyring.seal("vendor", "sk-1")

    assert first != second
    assert "sk-1" not in first
    assert b"sk-1" not in base64.b64decode(first.partition(":")[2])
    assert [opened(tmp_path).unseal("vendor", one) for one in (first, second)] == ["sk-1", "sk-1"]


def test_another_name_another_key_and_damage_are_refused(tmp_path: Path) -> None:
    sealed = opened(tmp_path).seal("vendor", "sk-1")
    head, _, body = sealed.partition(":")
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1
    damaged = f"{head}:{base64.b64encode(raw).decode()}"

    for name, text in (("other", sealed), ("vendor", damaged), ("vendor", f"{head}:no base64")):
        with pytest.raises(SecretError, match="was damaged"):
            opened(tmp_path).unseal(name, text)
    with pytest.raises(SecretError, match="another master key"):
        opened(tmp_path, BLINDARENA_SECRET_KEY=LONG + "x").unseal(
            "vendor", opened(tmp_path, BLINDARENA_SECRET_KEY=LONG).seal("vendor", "sk-1")
        )


def test_the_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    assert open_keyring(tmp_path, {}, make=False) is None
    opened(tmp_path / "data")
    file = tmp_path / "data" / "secret.key"
    before = file.read_text()
    opened(tmp_path / "data")

    assert file.read_text() == before
    assert file.stat().st_mode & 0o777 == 0o600
    os.chmod(file, 0o640)
    with pytest.raises(SecretError, match="chmod 600"):
        opened(tmp_path / "data")


def test_a_short_master_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=r"BLINDARENA_SECRET_KEY has 6 characters"):
        opened(tmp_path, BLINDARENA_SECRET_KEY="secret")


def test_after_a_crash_between_the_two_files_both_open(tmp_path: Path) -> None:
    old = opened(tmp_path)
    before = old.seal("vendor", "sk-1")
    after = next_keyring(old, {}).seal("vendor", "sk-2")

    again = opened(tmp_path)
    assert (again.unseal("vendor", before), again.unseal("vendor", after)) == ("sk-1", "sk-2")

    settle(again)
    with pytest.raises(SecretError):
        opened(tmp_path).unseal("vendor", before)
    assert opened(tmp_path).unseal("vendor", after) == "sk-2"
