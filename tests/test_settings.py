"""blindarena.toml and arenas/*.toml: what is wrong is said in one line with the cure."""

from pathlib import Path

import pytest

from blindarena.errors import ConfigError
from blindarena.settings import load_arena, load_settings

SERVER = """
[server]
port = 8123

[deployments.small]
provider = "ollama"
model = "m"
"""
ARENA = """
title = "Support"
[[contestants]]
name = "x"
deployment = "small"
[[contestants]]
name = "y"
deployment = "small"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "blindarena.toml").write_text(SERVER)
    (tmp_path / "arenas").mkdir()
    (tmp_path / "arenas" / "support.toml").write_text(ARENA)
    return tmp_path


def problem(folder: Path, server: str = SERVER, arena: str = ARENA) -> str:
    (folder / "blindarena.toml").write_text(server)
    (folder / "arenas" / "support.toml").write_text(arena)
    with pytest.raises(ConfigError) as refused:
        load_settings(folder / "blindarena.toml", environ={})
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_reads_server_and_arenas(folder: Path) -> None:
    settings = load_settings(folder / "blindarena.toml", environ={})

    assert settings.server.port == 8123
    assert settings.arenas[0].slug == "support"
    assert settings.arenas[0].contestants[1].where == ("small",)
    assert settings.root == folder


def test_environment_wins(folder: Path) -> None:
    environ = {"BLINDARENA_DATABASE_URL": "postgresql://h/d", "BLINDARENA_PORT": "9000"}
    server = load_settings(folder / "blindarena.toml", environ=environ).server

    assert (server.database, server.port) == ("postgresql://h/d", 9000)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("[server]\nprot = 1", 'blindarena.toml: unknown key "server.prot"; did you mean "port"?'),
        ("[sever]\nport = 1", 'unknown key "sever"; did you mean "server"?'),
        ('[server]\nport = "many"', "\"server.port\" is 'many'"),
        ("[server]\nport = 70000", '"server.port" is 70000'),
        ("[server\nport = 1", "blindarena.toml: not valid TOML"),
        ("[deployments.x]\nprovider = 'openai'", '"model" is missing'),
        ("[deployments.x]\nmodel = 'm'", 'exactly one of "provider", "engine" and "replay"'),
        (
            "[deployments.x]\nengine = 'llamacp'\nmodel = 'm'",
            "\"deployments.x.engine\" is 'llamacp'",
        ),
        (
            "[deployments.x]\nprovider = 'openai'\nmodel = 'm'\nkye = 1",
            'unknown key "deployments.x.kye"; did you mean "key"?',
        ),
        (
            "[deployments.x]\nprovider = 'openai'\nmodel = 'm'\ninput_price = 1",
            'both "input_price" and "output_price"',
        ),
        ("arenas = []", "arenas are files in arenas/"),
    ],
)
def test_server_file_problems(folder: Path, broken: str, said: str) -> None:
    assert said in problem(folder, server=broken)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (ARENA + "wieght = 2", 'support.toml: unknown key "contestants.2.wieght"'),
        (ARENA.replace('title = "Support"', ""), 'support.toml: the key "title" is missing'),
        (ARENA.replace('"y"', '"x"'), "two contestants are called 'x'"),
        (ARENA.replace('"small"', '"smal"'), 'has the deployment "smal"'),
        ('sampling = "fair"\n' + ARENA, "\"sampling\" is 'fair'"),
        ('sampling = "versus_baseline"\nbaseline = "z"\n' + ARENA, "\"baseline\" is 'z'"),
        ('sampling = "racing"\n' + ARENA, '"racing", which needs "margin"'),
        (ARENA + "[rules]\nmin_seconds = 0", '"rules.min_seconds" is 0'),
        (ARENA + "[rules]\nmax_votes_per_voter = 0", '"rules.max_votes_per_voter" is 0'),
        (ARENA + "[rules]\nmax_vote = 1", 'unknown key "rules.max_vote"'),
        ("margin = -3\n" + ARENA, '"margin" is -3'),
        ("anchor = { z = 1000 }\n" + ARENA, '"anchor" is one contestant'),
        ('slug = "Not a slug"\n' + ARENA, "\"slug\" is 'Not a slug'"),
        ('title = "only"\n[[contestants]]\nname="x"\ndeployment="small"', "at least two"),
    ],
)
def test_arena_file_problems(folder: Path, broken: str, said: str) -> None:
    assert said in problem(folder, arena=broken)


def test_two_arenas_of_one_slug(folder: Path) -> None:
    (folder / "arenas" / "zweite.toml").write_text('slug = "support"\n' + ARENA)

    with pytest.raises(ConfigError, match=r'zweite\.toml: slug "support" is also that of support'):
        load_settings(folder / "blindarena.toml", environ={})


def test_missing_file_names_the_cure(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="blindarena init"):
        load_settings(tmp_path / "blindarena.toml", environ={})


def test_the_starter_is_valid() -> None:
    import blindarena.cli

    starter = Path(blindarena.cli.__file__).parent / "starter"
    settings = load_settings(starter / "blindarena.toml", environ={})

    assert [arena.slug for arena in settings.arenas] == ["example"]
    assert load_arena(starter / "arenas" / "example.toml").margin == 30
