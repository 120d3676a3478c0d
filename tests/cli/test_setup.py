"""`blindarena init`, `doctor` and what `up` says when it can't start."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ARENA = """
title = "Support"
[[contestants]]
name = "x"
deployment = "one"
[[contestants]]
name = "y"
deployment = "one"
"""


def blindarena(*words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("BLINDARENA_")} | environ
    return subprocess.run(
        [sys.executable, "-m", "blindarena", *words],
        cwd=cwd,
        env=env,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


def site(folder: Path, deployment: str) -> None:
    (folder / "arenas").mkdir(exist_ok=True)
    (folder / "blindarena.toml").write_text(f"[server]\nport = 0\n[deployments.one]\n{deployment}")
    (folder / "arenas" / "support.toml").write_text(ARENA)


def test_init_writes_a_site_once(tmp_path: Path) -> None:
    first = blindarena("init", "site", cwd=tmp_path)
    again = blindarena("init", "site", cwd=tmp_path)

    assert first.returncode == 0
    assert "blindarena up" in first.stdout
    assert (tmp_path / "site" / "arenas" / "example.toml").is_file()
    assert again.returncode == 2
    assert again.stderr.startswith("blindarena: site/arenas/consent.md exists already")


def test_an_arena_of_ones_own_stands_beside_the_example(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert blindarena("init", "site", cwd=tmp_path).returncode == 0
    made = blindarena("arena", "new", "support", cwd=site)
    again = blindarena("arena", "new", "support", cwd=site)
    checked = blindarena("arena", "check", cwd=site)

    assert (made.returncode, again.returncode) == (0, 2)
    assert "exists already; edit it, give another name, or remove it first" in again.stderr
    assert checked.stdout == "arenas/example.toml: ok\narenas/support.toml: ok\n"


def test_init_without_an_example_leads_to_arena_new(tmp_path: Path) -> None:
    bare = blindarena("init", "site", "--bare", cwd=tmp_path)
    site = tmp_path / "site"
    checked = blindarena("arena", "check", cwd=site)

    assert [path.name for path in site.iterdir()] == ["blindarena.toml"]
    assert "cd site && blindarena arena new NAME" in bare.stdout
    assert (checked.returncode, "`blindarena arena new NAME`" in checked.stderr) == (2, True)
    assert blindarena("arena", "new", "support", cwd=site).returncode == 0
    assert blindarena("arena", "check", cwd=site).stdout == "arenas/support.toml: ok\n"


@pytest.mark.parametrize(
    ("deployment", "what", "said"),
    [
        ('provider = "opnai"\nmodel = "m"', "deployment one", "opnai"),
        ('provider = "openai"\nmodel = "m"', "deployment one", "OPENAI_API_KEY is not set"),
        (
            'provider = "openai-compatible"\nmodel = "m"\nbase_url = "http://127.0.0.1:9/v1"',
            "deployment one",
            "127.0.0.1:9",
        ),
        ('engine = "llamacpp"\nmodel = "/nowhere.gguf"', "deployment one", "/nowhere.gguf"),
        ('provider = "openai"', "configuration", '"model" is missing'),
    ],
)
def test_doctor_says_what_to_fix(tmp_path: Path, deployment: str, what: str, said: str) -> None:
    site(tmp_path, deployment)
    result = blindarena("doctor", "--json", cwd=tmp_path, OPENAI_API_KEY="")

    assert result.returncode == 1
    findings = {f["what"]: f for f in json.loads(result.stdout)}
    assert findings[what]["ok"] is False
    assert said in findings[what]["detail"]


def test_doctor_finds_a_taken_port_and_a_database_out_of_reach(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        site(tmp_path, 'provider = "ollama"\nmodel = "m"')
        url = "postgresql://127.0.0.1:9/x"
        result = blindarena(
            "doctor", cwd=tmp_path, BLINDARENA_PORT=port, BLINDARENA_DATABASE_URL=url
        )
        up = blindarena("up", "--port", port, cwd=tmp_path)

    assert result.returncode == 1
    assert f"FIX port {port}" in result.stdout
    assert "FIX database" in result.stdout
    assert up.returncode == 2
    assert f"can't listen at 127.0.0.1:{port}" in up.stderr
    assert up.stderr.count("\n") == 1


def test_up_without_an_arena(tmp_path: Path) -> None:
    (tmp_path / "blindarena.toml").write_text("")
    result = blindarena("up", cwd=tmp_path)

    assert result.returncode == 2
    assert "`blindarena arena new NAME` writes one" in result.stderr
