"""What `blindarena doctor` says of keys and of logins before a start."""

from datetime import UTC, datetime
from pathlib import Path

from blindarena.bootstrap.doctor import Finding, examine
from blindarena.storage.database import Database

CONFIG = """\
[server]
port = 0
database = "sqlite:///test.db"
[login.oidc]
issuer = "https://id.example"
client_id = "arena"
client_secret = { env = "OIDC_SECRET" }
"""
DEPLOYMENT = """\
[deployments.red]
provider = "openai-compatible"
base_url = "http://127.0.0.1:9/v1"
model = "red"
key = { vault = "vendor" }
"""
ARENA = """\
title = "Desk"
require_login = true
[[contestants]]
name = "x"
deployment = "red"
[[contestants]]
name = "y"
deployment = "red"
"""


async def found(folder: Path, **environ: str) -> dict[str, Finding]:
    config = folder / "blindarena.toml"
    config.write_text(CONFIG + DEPLOYMENT)
    return {one.what: one for one in await examine(config, environ=environ)}


async def test_a_key_that_is_not_entered_and_a_missing_client_secret(tmp_path: Path) -> None:
    before = await found(tmp_path)

    assert before["deployment red"].detail == "the key vendor is not entered yet"
    assert "owner's page" in before["deployment red"].cure
    assert before["login by OpenID Connect"].detail == "OIDC_SECRET is not set"

    database = await Database.open(f"sqlite:///{tmp_path / 'test.db'}")
    await database.migrate()
    await database.secrets.put("vendor", "sealed", datetime(2026, 1, 5, tzinfo=UTC))
    await database.close()
    after = await found(tmp_path, OIDC_SECRET="secret")

    assert "not entered" not in after["deployment red"].detail
    assert after["login by OpenID Connect"].ok


async def test_arenas_that_need_the_login_are_named(tmp_path: Path) -> None:
    (tmp_path / "arenas").mkdir()
    (tmp_path / "arenas" / "desk.toml").write_text(ARENA)

    assert (await found(tmp_path, OIDC_SECRET="secret"))["login by OpenID Connect"].detail == (
        "https://id.example; required in desk"
    )
    (tmp_path / "blindarena.toml").write_text(CONFIG[: CONFIG.index("[login")] + DEPLOYMENT)
    [broken] = await examine(tmp_path / "blindarena.toml", environ={})
    assert (broken.what, broken.ok) == ("configuration", False)
    assert broken.detail.startswith('desk.toml: "require_login" is true, but')
