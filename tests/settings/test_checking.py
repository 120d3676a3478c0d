"""Every problem of an arena file at once, each with its line."""

from datetime import date
from pathlib import Path

import pytest

from blindarena.errors import ArenaFileError, FileProblem
from blindarena.settings import checked_arena

GOOD = """\
title = "Support"
kpi = "cost_per_sendable"
kpi_margin = 0.01
usable_answer = true
deadline = 2026-12-31
languages = ["de", "pt-BR"]
categories = ["late"]
modes = ["battle", "queue"]
share_links = false
[prompts]
source = "our own tickets"
[[prompts.inline]]
prompt = "Where is it?"
[privacy]
consent_text = "Agree?"
consent_version = "2"
pii = "redact"
[[privacy.patterns]]
name = "order"
shape = "ORD-####"
[[groups]]
name = "night shift"
invited = 4
[[contestants]]
name = "x"
deployment = "small"
[[contestants]]
name = "y"
deployments = ["small", "large"]
"""
PATH = Path("support.toml")


def problems(text: str) -> list[FileProblem]:
    with pytest.raises(ArenaFileError) as refused:
        checked_arena(text, PATH, deployments=["small", "large"])
    assert str(refused.value) == str(refused.value.problems[0])
    return list(refused.value.problems)


def test_every_new_key_is_read() -> None:
    arena = checked_arena(GOOD, PATH, deployments=["small", "large"])

    assert (arena.slug, arena.path) == ("support", PATH)
    assert (arena.kpi, arena.kpi_margin, arena.usable_answer) == ("cost_per_sendable", 0.01, True)
    assert (arena.deadline, arena.languages) == (date(2026, 12, 31), ("de", "pt-BR"))
    assert (arena.modes, arena.share_links) == (("battle", "queue"), False)
    assert (arena.groups[0].name, arena.groups[0].invited) == ("night shift", 4)
    assert (arena.privacy.pii, arena.privacy.patterns[0].name) == ("redact", "order")
    assert arena.prompts.inline[0].prompt == "Where is it?"


def test_all_problems_come_together_in_the_order_of_the_keys() -> None:
    text = (
        GOOD.replace('modes = ["battle"', 'modes = ["bttle"')
        .replace("invited = 4", "invitd = 4")
        .replace('deployment = "small"', 'deployment = "smal"')
    )

    assert [(p.line, p.key, p.value, p.cure) for p in problems(text)] == [
        (8, "modes.1", "'bttle'", ""),
        (23, "groups.1.invitd", "4", 'did you mean "invited"?'),
        (26, "contestants.1.deployment", "'smal'", 'did you mean "small"?'),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("usable_answer = true", "", None, "which needs usable_answer = true"),
        ('"cost_per_sendable"', '"rating"', None, 'whose margin is "margin", in Elo points'),
        ('"cost_per_sendable"', '"speed"', 2, "\"kpi\" is 'speed': input should be 'rating'"),
        ("2026-12-31", '"soon"', 5, "\"deadline\" is 'soon'"),
        ('"pt-BR"', '"Portuguese"', 6, "\"languages.2\" is 'Portuguese'"),
        ('["battle", "queue"]', "[]", None, '"modes" is empty'),
        ('"ORD-####"', '"ORD-"', 18, "the shape 'ORD-' must have at least three of #"),
        ("[prompts]", '[prompts]\nfile = "x.csv"', 10, 'give either "file" or [[prompts.inline]]'),
        ("[privacy]", '[privacy]\nconsent = "c.md"', 14, 'give either "consent" (a file)'),
        ("invited = 4", "invited = 0", 23, '"groups.1.invited" is 0'),
        (
            "[[contestants]]",
            '[[groups]]\nname = "night shift"\n[[contestants]]',
            None,
            "two groups",
        ),
        ("title", "titel", None, 'the key "title" is missing'),
        ('"large"]', '"lrge"]', 29, 'the deployment "lrge" is not defined'),
        ("title =", "path = 1\ntitle =", 1, 'unknown key "path"'),
        ('"Support"', '"Support', 1, "not valid TOML"),
    ],
)
def test_one_problem(old: str, new: str, line: int | None, said: str) -> None:
    found = problems(GOOD.replace(old, new, 1))

    assert said in found[0].problem or said in found[-1].problem
    match = next(p for p in found if said in p.problem)
    assert match.line == line
    assert "\n" not in str(match)
    assert str(match).startswith("support.toml:" if line is None else f"support.toml:{line}: ")


def test_what_is_no_contestant_at_all_is_told_once() -> None:
    text = 'title = "x"\ncontestants = [1, {name = "a", deployment = 3}]'

    assert {p.key for p in problems(text)} == {"contestants.1", "contestants.2.deployment"}
