import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from blindarena.arena.sessions import SessionService
from blindarena.cli.db import app
from blindarena.errors import ConfigError, ForbiddenError, StorageError
from blindarena.storage import Database

NEWEST = Database.newest_schema()


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout.strip()


def test_upgrade_makes_the_schema_and_says_from_where(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"

    assert run("upgrade", "--database", url) == f"sqlite: schema empty -> {NEWEST}"
    assert run("upgrade", "--database", url) == f"sqlite: schema {NEWEST} already"
    assert run("current", "--database", url) == f"sqlite: schema {NEWEST}, newest {NEWEST}"


def test_programs_get_json(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"

    upgraded = json.loads(run("upgrade", "--database", url, "--json"))
    current = json.loads(run("current", "--database", url, "--json"))

    assert upgraded == {"database": "sqlite", "before": None, "schema": NEWEST}
    assert current == {"database": "sqlite", "schema": NEWEST, "newest": NEWEST}


def test_current_says_how_to_catch_up(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()

    line = run("current", "--database", f"sqlite:///{tmp_path / 'a.db'}")

    assert line == f"sqlite: schema empty, newest {NEWEST}; `blindarena db upgrade` brings it there"


def test_current_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no SQLite file"):
        run("current", "--database", f"sqlite:///{tmp_path / 'a.db'}")

    assert list(tmp_path.iterdir()) == []


def test_the_configured_database_is_meant_from_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.delenv("BLINDARENA_DATABASE_URL", raising=False)
    (tmp_path / "blindarena.toml").write_text('[server]\ndatabase = "sqlite:///mine.db"\n')

    run("upgrade", "--config", "../blindarena.toml")

    assert (tmp_path / "mine.db").exists()
    assert list(elsewhere.iterdir()) == []


def test_a_missing_configuration_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.toml"):
        run("upgrade", "--config", str(tmp_path / "nothing.toml"))


def test_a_new_password_replaces_the_old_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    run("upgrade", "--database", url)
    first, second = run("password", "--database", url), run("password", "--database", url)

    assert first != second
    assert asyncio.run(_accepted(url, second))
    assert not asyncio.run(_accepted(url, first))


async def _accepted(url: str, password: str) -> bool:
    database = await Database.open(url)
    sessions = SessionService(
        sessions=database.sessions,
        arenas=database.arenas,
        vault=database.vault,
        audit=database.audit,
        now=lambda: datetime.now(UTC),
    )
    try:
        return (await sessions.log_in(password))[0].is_owner
    except ForbiddenError:
        return False
    finally:
        await database.close()
