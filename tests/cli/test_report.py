"""`blindarena report`: the decision report as a file."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from blindarena import cli
from blindarena.bootstrap import open_app
from blindarena.bootstrap.configured import plan_of
from blindarena.errors import ConfigError
from blindarena.settings import load_settings

SERVER = """\
[server]
database = "sqlite:///test.db"
[deployments.quick]
provider = "ollama"
model = "m"
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write an arena and open it once, as `blindarena up` does."""
    (tmp_path / "blindarena.toml").write_text(SERVER)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli.app, ["arena", "new", "pilot"]).exit_code == 0

    async def once() -> None:
        plan = plan_of(load_settings(Path("blindarena.toml"), environ={}))
        await (await open_app(plan, environ={})).close()

    asyncio.run(once())
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["report", *words])


def test_the_format_follows_the_name_of_the_file(site: Path) -> None:
    page = run("pilot", "--out", "pilot.html")
    assert (page.exit_code, page.stdout) == (0, "")
    assert "wrote pilot.html" in page.stderr
    assert "No decision yet: there are no votes that count." in page.stderr
    assert (site / "pilot.html").read_text().startswith("<!doctype html>")

    run("pilot", "--out", "pilot.json")
    facts = json.loads((site / "pilot.json").read_text())
    assert (facts["slug"], facts["kpi"]["name"]) == ("pilot", "sendable_rate")
    said = json.loads(run("pilot", "--json").stdout)
    assert said["recommendation"] == facts["recommendation"]


def test_what_cannot_be_written_is_one_clear_line(site: Path) -> None:
    for words, message in (
        (("nobody",), 'no arena "nobody"; it has: pilot'),
        (("pilot", "--version", "9"), '--version 9: "pilot" has the versions: 1'),
        (("pilot", "--out", "no/where.html"), "--out no/where.html: cannot be written"),
    ):
        error = run(*words).exception
        assert isinstance(error, ConfigError), error
        assert message in str(error)
        assert "\n" not in str(error)
