"""Loading the replay arena, and what is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import blindarena.demo
from blindarena.demo.replay import load_parcel_support
from blindarena.errors import InputError

SHIPPED = Path(blindarena.demo.__file__).parent / "data" / "parcel_support"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files, to be broken."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "parcel_support"))


def change(path: Path, edit: Callable[[Any], None]) -> None:
    """Edit a JSON file in place."""
    content = json.loads(path.read_text("utf-8"))
    edit(content)
    path.write_text(json.dumps(content), "utf-8")


def test_arena_is_a_replay_that_says_so() -> None:
    arena = load_parcel_support().arena

    assert (arena.slug, arena.kind, arena.prompt_mode) == ("parcel-support", "replay", "prepared")
    assert arena.notice == "Written for this demo, no real model."
    assert not arena.follow_ups
    assert not arena.read_only
    assert arena.consent.recipients == ()
    assert "nothing leaves the machine" in arena.consent.text


def test_ids_are_new_but_the_consent_version_is_not() -> None:
    one, other = load_parcel_support(), load_parcel_support()

    assert one.arena.id != other.arena.id
    assert one.arena.consent.version == other.arena.consent.version
    assert {c.arena_id for c in one.contestants} == {one.arena.id}
    assert {p.arena_id for p in one.prompts} == {one.arena.id}


def test_every_contestant_is_reached_by_its_own_deployment() -> None:
    demo = load_parcel_support()

    reached = [c.deployments for c in demo.contestants]
    assert len(set(reached)) == 4
    assert {name for names in reached for name in names} == set(demo.answers)


def test_a_copied_folder_loads_alike(folder: Path) -> None:
    assert load_parcel_support(folder).answers == load_parcel_support().answers


@pytest.mark.parametrize(
    ("file", "edit", "message"),
    [
        ("alder.json", lambda a: a.pop("T07"), "alder.json: no answer to T07"),
        ("alder.json", lambda a: a.update(T07="  "), "alder.json: no answer to T07"),
        ("alder.json", lambda a: a.update(T99="Hi"), "unknown tickets T99"),
        ("alder.json", lambda a: a.update(T07=3), r"alder.json: Expected `str`, got `int`"),
        ("tickets.json", lambda t: t.clear(), "tickets.json: no tickets"),
        (
            "tickets.json",
            lambda t: t[1].update(key="T01"),
            "'T01': its key is empty or there twice",
        ),
        ("tickets.json", lambda t: t[1].update(text=t[0]["text"]), "'T02': its text is empty or"),
        ("tickets.json", lambda t: t[0].update(extra=1), "unknown field `extra`"),
        ("truth.json", lambda t: t["contestants"][1].update(name="Alder"), "a name and a depl"),
        (
            "truth.json",
            lambda t: t["contestants"][1].update(deployment="replay-balanced"),
            "deployment of their own",
        ),
        ("truth.json", lambda t: t["contestants"][0].update(answers="no.json"), "no.json: cannot"),
        (
            "breaches.json",
            lambda b: b["Dunlin"]["T01"].update(quote="by noon"),
            "not in the answer",
        ),
        ("breaches.json", lambda b: b["Dunlin"]["T01"].update(quote=""), "not in the answer"),
        (
            "breaches.json",
            lambda b: b["Dunlin"]["T01"].update(policy="Be nice."),
            "not in the tick",
        ),
        ("breaches.json", lambda b: b.update(Nobody={}), "no contestant 'Nobody'"),
        ("breaches.json", lambda b: b["Dunlin"].update(T99=b["Dunlin"]["T01"]), "no such ticket"),
    ],
)
def test_broken_content_is_named(
    folder: Path, file: str, edit: Callable[[Any], None], message: str
) -> None:
    change(folder / file, edit)

    with pytest.raises(InputError, match=message):
        load_parcel_support(folder)


def test_a_file_that_is_not_json(folder: Path) -> None:
    (folder / "truth.json").write_text("{", "utf-8")

    with pytest.raises(InputError, match=r"truth.json: .*truncated"):
        load_parcel_support(folder)
