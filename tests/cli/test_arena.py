"""`blindarena arena`: write, check and look at arena files."""

import asyncio
import json
from pathlib import Path
from typing import Any

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
[deployments.slow]
provider = "ollama"
model = "n"
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "blindarena.toml").write_text(SERVER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, ["arena", *words])


def refused(*words: str) -> str:
    error = run(*words).exception
    assert isinstance(error, ConfigError), error
    assert "\n" not in str(error)
    return str(error)


@pytest.mark.parametrize("template", ["customer-service", "open-questions"])
def test_what_new_writes_is_valid_and_never_overwritten(site: Path, template: str) -> None:
    done = run("new", "parcel-pilot", "--from", template)
    path = site / "arenas" / "parcel-pilot.toml"
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "wrote arenas/parcel-pilot.toml")
    assert "# " in path.read_text()

    checked = run("check")
    assert (checked.exit_code, checked.stdout) == (0, "arenas/parcel-pilot.toml: ok\n")
    arena = load_settings(site / "blindarena.toml", environ={}).arenas[0]
    assert (arena.title, arena.contestants[1].where) == ("Parcel pilot", ("slow",))

    path.write_text("# mine")
    assert "arenas/parcel-pilot.toml exists already" in refused("new", "parcel-pilot")
    assert path.read_text() == "# mine"


def test_what_new_refuses(site: Path) -> None:
    assert '"Parcel Pilot" is no name of an arena' in refused("new", "Parcel Pilot")
    assert "no [deployments.NAME]" in _without_deployments(site)
    assert "blindarena init" in refused("new", "x", "--config", "none.toml")
    assert not (site / "arenas").exists()


def _without_deployments(site: Path) -> str:
    (site / "empty.toml").write_text("")
    return refused("new", "x", "--config", "empty.toml")


def test_check_says_every_problem_with_its_line(site: Path) -> None:
    run("new", "good")
    (site / "arenas" / "bad.toml").write_text(
        'titel = "x"\n[prompts]\nfile = "none.csv"\n'
        '[[contestants]]\nname = "a"\ndeployment = "quik"\n'
    )
    (site / "arenas" / "files.toml").write_text(
        'title = "x"\n[prompts]\nfile = "none.csv"\n'
        '[[contestants]]\nname = "a"\ndeployment = "quick"\n'
        '[[contestants]]\nname = "b"\ndeployment = "quick"\n'
    )
    (site / "arenas" / "twin.toml").write_text(
        'slug = "good"\n' + (site / "arenas" / "good.toml").read_text()
    )

    checked = run("check")

    assert checked.exit_code == 2
    lines = checked.stdout.splitlines()
    assert lines[:3] == [
        'arenas/bad.toml: the key "title" is missing',
        'arenas/bad.toml:1: unknown key "titel"; did you mean "title"?',
        'arenas/bad.toml:6: the deployment "quik" is not defined in blindarena.toml;'
        ' did you mean "quick"?',
    ]
    assert lines[3].startswith("arenas/files.toml:3: prompts file arenas/none.csv can't be read")
    assert lines[4:] == [
        "arenas/good.toml: ok",
        'arenas/twin.toml: slug "good" is also that of arenas/good.toml',
    ]
    assert run("check", "arenas/good.toml").exit_code == 0
    assert "does not exist" in refused("check", "arenas/none.toml")


def test_check_without_any_arena() -> None:
    assert "there is no arena in arenas" in refused("check")


async def start(site: Path) -> None:
    """Let the server run once."""
    app = await open_app(plan_of(load_settings(site / "blindarena.toml", environ={})), environ={})
    await app.close()


def shown(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


async def test_show_and_versions(site: Path) -> None:
    run("new", "pilot")
    path = site / "arenas" / "pilot.toml"
    before = await asyncio.to_thread(run, "show", "pilot")
    assert "sendable_rate, higher is better" in before.stdout
    assert "service desk (10 invited)" in before.stdout
    assert "No version yet" in before.stdout

    await start(site)
    first = await asyncio.to_thread(run, "versions", "pilot")
    assert first.stdout.startswith("version 1  ")
    assert first.stdout.endswith("Server, 0 votes  (current)\n")

    text = path.read_text()
    path.write_text(text.replace("Be brief.", "Be very brief."))
    (site / "arenas" / "broken.toml").write_text("[")  # somebody else's file
    changed = await asyncio.to_thread(shown, "show", "pilot")
    assert (changed["current"], changed["next"]) == (1, 2)
    assert changed["configured"]["kpi"] == "sendable_rate"
    assert [v["number"] for v in changed["versions"]] == [1]
    said = await asyncio.to_thread(run, "versions", "pilot")
    assert "the next start makes version 2" in said.stdout

    (site / "arenas" / "broken.toml").unlink()
    await start(site)
    path.write_text(text)
    back = await asyncio.to_thread(run, "show", "pilot")
    assert "the next start goes back to version 1" in back.stdout
    found = await asyncio.to_thread(shown, "versions", "pilot")
    systems = [v["compared"]["contestants"][1]["system"] for v in found]
    assert ["Be very brief." in system for system in systems] == [False, True]


def test_show_of_an_unknown_arena(site: Path) -> None:
    run("new", "pilot")

    assert refused("show", "nope") == 'there is no arena "nope"; known: pilot'
