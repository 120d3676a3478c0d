import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from blindarena.cli import app
from blindarena.errors import BlindArenaError, ConfigError

PAIRS = (("new", "old"), ("old", "new"), ("new", "other"), ("other", "old"))


def votes_csv(path: Path, *, n: int, share: float, voters: int = 40) -> Path:
    """Write votes in which "new" wins a share against "old"; "other" is like "old"."""
    rng = np.random.default_rng(n)
    lines = ["question_id,model_a,model_b,winner,voter"]
    for k in range(n):
        a, b = PAIRS[k % len(PAIRS)]
        chance = share if a == "new" else 1 - share if b == "new" else 0.5
        winner = "model_a" if rng.random() < chance else "model_b"
        lines.append(f"q{k % 97},{a},{b},{winner},v{rng.integers(voters)}")
    path.write_text("\n".join(lines) + "\n")
    return path


def gate(*words: object, loss: str = "5%", code: int = 0) -> Result:
    result = CliRunner().invoke(
        app,
        ["gate", "--baseline", "old", "--candidate", "new", "--max-loss", loss, *map(str, words)],
    )
    if isinstance(result.exception, BlindArenaError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("loss", ["5%", "40elo"])
def test_passed_failed_not_enough(tmp_path: Path, loss: str) -> None:
    good = votes_csv(tmp_path / "good.csv", n=2000, share=0.55)
    bad = votes_csv(tmp_path / "bad.csv", n=2000, share=0.3)
    few = votes_csv(tmp_path / "few.csv", n=120, share=0.5)

    assert gate("--votes", good, loss=loss).output.startswith("Passed: new is worse than old by")
    assert gate("--votes", bad, loss=loss, code=1).output.startswith("Failed: it is not shown")
    said = gate("--votes", few, loss=loss, code=3).output
    facts = json.loads(gate("--votes", few, "--json", loss=loss, code=3).output)
    assert facts["votes_missing"] > 0
    assert f"about {facts['votes_missing']:,} more votes are missing" in said
    assert facts["clusters"].keys() == {"question", "voter"}


def test_files_for_ci(tmp_path: Path) -> None:
    few = votes_csv(tmp_path / "few.csv", n=120, share=0.5)
    junit, markdown = tmp_path / "gate.xml", tmp_path / "gate.md"
    found = gate("--votes", few, "--junit", junit, "--markdown", markdown, code=3)

    suites = ET.fromstring(junit.read_text())
    assert (suites.get("tests"), suites.get("errors"), suites.get("failures")) == ("1", "1", "0")
    case = suites.find("testsuite/testcase/error")
    assert case is not None
    assert case.get("message") == found.output.strip()
    assert "| votes missing |" in markdown.read_text()

    good = votes_csv(tmp_path / "good.csv", n=2000, share=0.6)
    gate("--votes", good, "--junit", junit)
    suites = ET.fromstring(junit.read_text())
    assert (suites.get("errors"), suites.get("failures")) == ("0", "0")


def test_people_and_judges_are_never_mixed(tmp_path: Path) -> None:
    people = votes_csv(tmp_path / "people.csv", n=200, share=0.5)
    with pytest.raises(ConfigError, match="one of the two"):
        gate("--votes", people, "--judge-run", people)
    with pytest.raises(ConfigError, match="one of the two"):
        gate()
    with pytest.raises(ConfigError, match=r"votes of people .*never mixed.*judge:"):
        gate("--judge-run", people)

    marked = tmp_path / "marked.csv"
    text = people.read_text().replace(",v1\n", ",judge:gpt\n")
    marked.write_text(text)
    with pytest.raises(ConfigError, match=r"a judge \(marked/gpt\)"):
        gate("--votes", marked)


def test_a_judges_votes(tmp_path: Path) -> None:
    rows = [
        {
            "question_id": k,
            "model_1": "old",
            "model_2": "new",
            "g1_winner": "model_2" if k % 2 else "model_1",
            "g2_winner": "model_2" if k % 2 else "model_1",
            "judge": ["gpt", "pair-v2"],
            "turn": 1,
        }
        for k in range(700)
    ]
    path = tmp_path / "gpt_pair.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    facts = json.loads(gate("--judge-run", path, "--json", loss="10%").output)

    assert facts["voters"] == "judge"
    assert facts["votes"] == 700
    assert facts["clusters"] == {"question": 700}  # one judge says nothing of other judges
    assert facts["estimate"] == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--max-loss", "20"], "--max-loss '20': write Elo points or a share"),
        (["--max-loss", "70%"], "--max-loss '70%'"),
        (["--candidate", "now"], "--candidate 'now': nobody of that name .* 'new'"),
        (["--alias", "new"], "--alias 'new': write THIS=THAT"),
        (["--votes", "nowhere.csv"], "nowhere.csv: there is no such file"),
    ],
)
def test_one_clear_line(tmp_path: Path, words: list[str], line: str) -> None:
    people = votes_csv(tmp_path / "people.csv", n=40, share=0.5)
    with pytest.raises(BlindArenaError, match=line):
        gate("--votes", people, *words)


def test_an_alias_joins_files(tmp_path: Path) -> None:
    one = votes_csv(tmp_path / "one.csv", n=200, share=0.5)
    two = tmp_path / "two.csv"
    two.write_text(one.read_text().replace("new", "vendor/new"))
    words = ("--votes", one, "--votes", two, "--alias", "vendor/new=new", "--json")
    facts = json.loads(gate(*words, code=3).output)
    assert facts["votes"] == 200
    assert json.loads(gate("--votes", one, "--json", code=3).output)["votes"] == 100
