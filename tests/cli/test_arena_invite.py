"""`blindarena arena invite`: a link for a voter group, told once."""

import asyncio
import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blindarena import cli
from blindarena.errors import InvalidInputError, StorageError
from blindarena.storage import Database

ARENA = """\
title = "Support"
slug = "support"
modes = ["queue"]
[[groups]]
name = "night shift"
[[prompts.inline]]
prompt = "Where is my parcel?"
[[contestants]]
name = "One"
deployment = "one"
[[contestants]]
name = "Two"
deployment = "two"
"""
SERVER = """\
[server]
database = "sqlite:///test.db"
public_url = "https://arena.example.org"
[deployments.one]
provider = "ollama"
model = "m"
[deployments.two]
provider = "ollama"
model = "n"
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "blindarena.toml").write_text(SERVER)
    (tmp_path / "arenas").mkdir()
    (tmp_path / "arenas" / "support.toml").write_text(ARENA)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["arena", "invite", "support", *words])


async def put_arena() -> None:
    """Store the arena as a first start would."""
    from blindarena.bootstrap.configured import plan_of
    from blindarena.settings import load_settings

    plan = plan_of(load_settings(Path("blindarena.toml"), environ={})).arenas[0]
    database = await Database.open("sqlite:///test.db")
    await database.migrate()
    await database.arenas.put(plan.arena, plan.contestants, plan.prompts)
    await database.close()


def test_a_link_whose_token_is_kept_as_a_hash() -> None:
    asyncio.run(put_arena())

    done = run("--group", "night shift", "--expires", "7")

    assert done.exit_code == 0, done.exception
    link = done.stdout.splitlines()[0]
    assert link.startswith("https://arena.example.org/q/")
    token = link.rpartition("/")[2]
    assert token.encode() not in Path("test.db").read_bytes()

    async def stored() -> tuple[str | None, bool]:
        database = await Database.open("sqlite:///test.db")
        invite = await database.invites.of_token(hashlib.sha256(token.encode()).hexdigest())
        await database.close()
        assert invite is not None
        return invite.group, invite.expires_at is not None

    assert asyncio.run(stored()) == ("night shift", True)
    told = json.loads(run("--json", "--url", "http://127.0.0.1:9/").stdout)
    assert told["link"].startswith("http://127.0.0.1:9/q/")
    assert (told["group"], told["expires_at"]) == (None, None)


def test_what_it_refuses() -> None:
    assert isinstance(run().exception, StorageError)
    asyncio.run(put_arena())

    error = run("--group", "day shift").exception
    assert isinstance(error, InvalidInputError)
    assert "night shift" in str(error)
    arena = Path("arenas/support.toml")
    arena.write_text(arena.read_text().replace('modes = ["queue"]', 'modes = ["battle"]'))
    error = run().exception
    assert isinstance(error, InvalidInputError)
    assert "modes" in str(error)
