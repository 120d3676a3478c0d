"""Files that an arena names: prompts, prepared answers, consent."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from blindarena.bootstrap.arena_files import take
from blindarena.bootstrap.configured import plan_of
from blindarena.bootstrap.own_prompts import without_personal_data
from blindarena.domain.arenas import PiiPattern, VoterGroup
from blindarena.domain.consent import consent_of
from blindarena.domain.exclusions import VoteRules
from blindarena.errors import ArenaFileError, ConfigError
from blindarena.settings import load_server, load_settings

SERVER = """
[deployments.one]
replay = "one.json"
[deployments.two]
replay = "two.json"
"""
ARENA = """
title = "Support"
[prompts]
file = "tickets.csv"
[privacy]
consent = "consent.md"
[[contestants]]
name = "x"
deployment = "one"
temperature = 0.3
[[contestants]]
name = "y"
deployment = "two"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "arenas").mkdir()
    files = {
        "blindarena.toml": SERVER,
        "one.json": '{"Where is it?": "Here."}',
        "two.json": '{"Where is it?": "There."}',
        "arenas/support.toml": ARENA,
        "arenas/tickets.csv": "id,prompt,category\nT1,Where is it?,late\n",
        "arenas/consent.md": "Please agree.",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def refused(folder: Path) -> str:
    with pytest.raises(ConfigError) as error:
        plan_of(load_settings(folder / "blindarena.toml", environ={}))
    assert "\n" not in str(error.value)
    return str(error.value)


def test_everything_is_read(folder: Path) -> None:
    plan = plan_of(load_settings(folder / "blindarena.toml", environ={}))
    arena = plan.arenas[0]

    assert arena.arena.kind == "replay"
    assert arena.arena.consent.text == "Please agree."
    assert [(p.key, p.text, p.category) for p in arena.prompts] == [("T1", "Where is it?", "late")]
    assert arena.contestants[0].parameters.temperature == 0.3
    assert plan.replays["two"] == {"Where is it?": "There."}


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("id,text\nT1,hello\n", 'the column "prompt" is missing; found: id, text'),
        ("prompt\nhello\n\n  \nworld,\n", 'row 3: the column "prompt" is empty'),
        ("id,prompt\nT1,a\nT1,b\n", 'row 3: id "T1" is used twice'),
        ("prompt\n", "there is no prompt below the head line"),
        ("", 'the column "prompt" is missing'),
    ],
)
def test_prompt_problems(folder: Path, csv: str, said: str) -> None:
    (folder / "arenas" / "tickets.csv").write_text(csv)

    assert said in refused(folder)


def test_broken_encoding(folder: Path) -> None:
    (folder / "arenas" / "tickets.csv").write_bytes(b"prompt\n\xff\xfe\n")

    assert "can't be read" in refused(folder)


def test_missing_and_malformed_files(folder: Path) -> None:
    (folder / "one.json").write_text("[]")
    assert "user message -> answer text" in refused(folder)
    (folder / "one.json").unlink()
    assert "one.json" in refused(folder)


def test_consent_problems(folder: Path) -> None:
    (folder / "arenas" / "consent.md").write_text(" \n")
    assert "is empty" in refused(folder)
    (folder / "arenas" / "consent.md").unlink()
    assert "consent.md" in refused(folder)


def test_the_rules_of_an_arena_are_its_own(folder: Path) -> None:
    path = folder / "arenas" / "support.toml"
    rules = "[rules]\nmax_votes_per_voter = 9\nmin_seconds = 1.5\nduplicate_prompts = 2\n"
    assert (
        plan_of(load_settings(folder / "blindarena.toml", environ={})).arenas[0].arena.rules
        == VoteRules()
    )
    path.write_text('sampling = "racing"\nmargin = 20\n' + ARENA + rules, encoding="utf-8")
    arena = plan_of(load_settings(folder / "blindarena.toml", environ={})).arenas[0].arena

    assert arena.rules == VoteRules(9, 1.5, 2)
    assert (arena.sampling, arena.margin) == ("racing", 20)


FULL = """
title = "Support"
kpi = "as_is_rate"
kpi_margin = 0.1
usable_answer = true
deadline = 2026-12-31
languages = ["de"]
categories = ["late", "lost"]
modes = ["queue"]
share_links = false
[prompts]
source = "our tickets"
[[prompts.inline]]
prompt = "Where is it?"
category = "late"
policy = "Be kind."
[[prompts.inline]]
id = "T9"
prompt = "Is it gone?"
[privacy]
consent_text = " Agree? "
consent_version = "b"
pii = "redact"
[[privacy.patterns]]
name = "order"
shape = "ORD-####"
[[groups]]
name = "night shift"
invited = 4
[[contestants]]
name = "x"
deployment = "one"
[[contestants]]
name = "y"
deployment = "two"
"""


def test_every_key_of_the_pilot_arrives(folder: Path) -> None:
    (folder / "arenas" / "support.toml").write_text(FULL)
    plan = plan_of(load_settings(folder / "blindarena.toml", environ={})).arenas[0]
    arena = plan.arena

    assert (arena.kpi, arena.kpi_margin, arena.usable_answer) == ("as_is_rate", 0.1, True)
    assert (arena.deadline, arena.languages) == (date(2026, 12, 31), ("de",))
    assert (arena.modes, arena.share_links, arena.pii) == (("queue",), False, "redact")
    assert arena.groups == (VoterGroup("night shift", 4),)
    assert arena.pii_patterns == (PiiPattern("order", "ORD-####"),)
    assert (arena.prompt_mode, arena.prompt_source) == ("prepared", "our tickets")
    assert [(p.key, p.text, p.category, p.policy) for p in plan.prompts] == [
        ("0001", "Where is it?", "late", "Be kind."),
        ("T9", "Is it gone?", "", ""),
    ]
    assert (arena.consent.text, arena.consent.label) == ("Agree?", "b")
    assert (plan.file, plan.text) == (folder / "arenas" / "support.toml", FULL)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"late"\npolicy', '"stolen"\npolicy', 'prompts.inline.1: category "stolen" is not among'),
        ('"T9"', '"0001"', 'prompts.inline.2: id "0001" is used twice'),
    ],
)
def test_inline_prompt_problems(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "arenas" / "support.toml").write_text(FULL.replace(old, new))

    assert said in refused(folder)


def test_a_category_that_the_arena_does_not_have(folder: Path) -> None:
    (folder / "arenas" / "support.toml").write_text('categories = ["lost"]\n' + ARENA)

    assert 'tickets.csv: row 2: category "late" is not among' in refused(folder)


def test_the_label_of_a_consent_is_part_of_its_version() -> None:
    plain = consent_of("s", text="Agree?", recipients=())
    labelled = consent_of("s", text="Agree?", recipients=(), label="b")

    assert labelled.version == plain.version.replace("s-", "s-b-")
    assert labelled.label == "b"


def test_personal_data_in_own_prompts_is_replaced_or_refused(folder: Path) -> None:
    file = folder / "arenas" / "support.toml"
    mine = "I am Lea Sommer, lea@example.org. ORD-1234 is lost."
    file.write_text(FULL.replace("Is it gone?", mine))
    plan = plan_of(load_settings(folder / "blindarena.toml", environ={})).arenas[0]
    assert plan.prompts[1].text == mine, "a replay arena sends nothing anywhere"

    live = replace(plan.arena, kind="live")
    redacted = without_personal_data(live, plan.prompts)
    assert redacted[1].text == "I am [NAME_1], [EMAIL_1]. [ORDER_1] is lost."
    assert without_personal_data(live, redacted) == redacted
    with pytest.raises(ConfigError, match='prompt "T9" seems to hold 1 e-mail address') as error:
        without_personal_data(replace(live, pii="block"), plan.prompts)
    assert "Lea" not in str(error.value)


def test_a_required_login_needs_a_provider(folder: Path) -> None:
    server = folder / "blindarena.toml"
    file = folder / "arenas" / "support.toml"
    file.write_text("require_login = true\n" + file.read_text())
    said = 'support.toml: "require_login" is true, but blindarena.toml has no [login.oidc]; '
    assert refused(folder) == said + "set up the login, or remove require_login"
    with pytest.raises(ArenaFileError) as caught:
        take(file.read_text(), file, load_server(server))
    [problem] = caught.value.problems
    assert (problem.line, problem.key) == (1, "require_login")
    assert said == f"support.toml: {problem.problem}; "

    with server.open("a") as more:
        more.write('\n[login.oidc]\nissuer = "https://id.example"\nclient_id = "arena"\n')
    assert plan_of(load_settings(server)).arenas[0].arena.require_login


def test_contestants_take_pictures_where_the_file_says_so_and_the_consent_names_them(
    folder: Path,
) -> None:
    file = folder / "arenas" / "support.toml"
    plain = ARENA.replace('consent = "consent.md"', "")
    file.write_text(plain)
    [without] = plan_of(load_settings(folder / "blindarena.toml", environ={})).arenas
    file.write_text(plain.replace('name = "y"', 'name = "y"\nimages = true'))
    [seeing] = plan_of(load_settings(folder / "blindarena.toml", environ={})).arenas

    assert [c.images for c in without.contestants] == [False, False]
    assert [c.images for c in seeing.contestants] == [False, True]
    assert "pictures" not in without.arena.consent.text
    assert "the pictures that you attach, are sent to the rec" in seeing.arena.consent.text
