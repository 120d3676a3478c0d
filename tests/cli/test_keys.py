"""`blindarena keys` on a database, beside whatever server uses it."""

import json
import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from blindarena.cli import app
from blindarena.errors import BlindArenaError
from sqlite import prepare


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'test.db'}"
    prepare(address)
    return address


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(app, ["keys", *words, "--database", url])


def listed(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(url, "list", "--json").stdout)
    return found


def test_the_secret_is_shown_once_and_kept_as_a_hash(url: str, tmp_path: Path) -> None:
    made = run(url, "create", "--name", "ci", "--model", "a", "--model", "b", "--rpm", "60")
    secret = made.stdout.strip()

    assert made.exit_code == 0
    assert "ci: models a, b, 60 requests/min; this is shown only now" in made.stderr
    (key,) = listed(url)
    assert key["limits"]["models"] == ["a", "b"]
    assert secret.startswith(key["prefix"])
    assert secret not in run(url, "list").stdout
    assert not any(secret.encode() in file.read_bytes() for file in tmp_path.glob("*"))
    with sqlite3.connect(tmp_path / "test.db") as database:
        kept = database.execute("SELECT secret_hash FROM api_keys").fetchone()[0]
        audit = database.execute("SELECT who, what, detail FROM audit_log").fetchall()
    assert kept == sha256(secret.encode()).hexdigest()
    assert audit[0][:2] == ("Command line", "Created the API key ci")
    assert secret not in audit[0][2]


def test_every_limit_and_json(url: str) -> None:
    words = ["--tpm", "9", "--usd-per-day", "0.5", "--usd-per-month", "4"]
    made = run(url, "create", "--name", "x", *words, "--expires", "2999-01-31", "--json")

    said = json.loads(made.stdout)
    assert said["secret"].startswith("ba-")
    assert said["limits"] == {
        "models": [],
        "requests_per_minute": None,
        "tokens_per_minute": 9,
        "usd_per_day": 0.5,
        "usd_per_month": 4.0,
        "expires_at": "2999-02-01T00:00:00Z",
    }
    assert run(url, "create", "--name", "y", "--expires", "90d").exit_code == 0
    for wrong in ("tomorrow", "31.12.2999", "9999999999d"):
        refused = run(url, "create", "--name", "z", "--expires", wrong)
        assert isinstance(refused.exception, BlindArenaError)
        assert "--expires" in str(refused.exception)
    refused = run(url, "create", "--name", "z", "--expires", "2020-01-01")
    assert "give a time to come" in str(refused.exception)


def test_revoke_by_name_prefix_or_id(url: str) -> None:
    assert "there are no keys" in run(url, "list").stdout
    for name in ("a", "b", "c", "c"):
        run(url, "create", "--name", name)
    _, b, c, d = listed(url)

    assert "revoked a (" in run(url, "revoke", "a").stdout
    assert run(url, "revoke", b["prefix"]).exit_code == 0
    assert "2 API keys are called 'c'" in str(run(url, "revoke", "c").exception)
    assert json.loads(run(url, "revoke", c["id"], "--json").stdout)["revoked_at"]
    assert "no API key 'e'" in str(run(url, "revoke", "e").exception)
    assert run(url, "revoke", "c").exit_code == 0  # the only one left of that name
    assert all(key["revoked_at"] for key in listed(url))
    text = run(url, "list").stdout
    assert f"{d['id']}  {d['prefix']}...  c: no limits; revoked 20" in text


def test_without_a_database(tmp_path: Path) -> None:
    refused = run(f"sqlite:///{tmp_path / 'none.db'}", "list")

    assert "there is no SQLite file" in str(refused.exception)
    assert not (tmp_path / "none.db").exists()
