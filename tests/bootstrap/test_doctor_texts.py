"""What `blindarena doctor` says of packages, proof of work, moderation and retention."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from blindarena.bootstrap import doctor_texts
from blindarena.bootstrap.doctor_texts import texts
from blindarena.bootstrap.findings import Finding
from blindarena.domain.arenas import Arena, Consent
from blindarena.domain.ids import uuid7
from blindarena.pipeline.extras import Ability
from blindarena.settings import Settings
from web.server import live_plan


async def found(
    root: Path, given: dict[str, Any] | None = None, *, key: str = "", **arena: Any
) -> dict[str, Finding]:
    plan = live_plan(root, models={"A": ["a"], "B": ["b"]}, base_urls={}, **arena)
    settings = Settings.model_validate(given or {}).model_copy(update={"root": root})
    environ = {"KEY": key} if key else {}
    return {one.what: one for one in await texts(replace(plan, settings=settings), environ=environ)}


async def test_nothing_configured_is_well(tmp_path: Path) -> None:
    said = await found(tmp_path)

    assert all(one.ok for one in said.values())
    assert said["proof of work"].detail == "not asked for"
    assert said["moderation"].detail == "off: no word list, no endpoint"
    assert said["retention of texts"].detail == "for ever: test"


async def test_what_is_configured_is_told(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one\ntwo*\n# three\n", encoding="utf-8")
    given = {
        "limits": {"challenge": "battles", "challenge_difficulty": 10_000},
        "moderation": {"words": "words.txt"},
    }

    said = await found(tmp_path, given, challenge=False, retention_days=30)

    assert said["proof of work"].detail == (
        "before each battle; test: off; about 5,000 hashes each"
    )
    assert said["moderation words"] == Finding("moderation words", True, "words.txt, 2 entries")
    assert said["retention of texts"].detail == "test 30 days"


async def test_what_is_missing_comes_with_its_cure(tmp_path: Path) -> None:
    url = {"url": "http://127.0.0.1:9/v1", "key": {"env": "KEY"}}
    given = {"moderation": {"words": "gone.txt", "endpoint": url, "on_failure": "pass"}}

    keyless = await found(tmp_path, given)
    said = await found(tmp_path, given, key="k")

    assert not said["moderation words"].ok
    assert "gone.txt" in said["moderation words"].detail
    assert keyless["moderation endpoint"].detail == "the key KEY is not set"
    assert said["moderation endpoint"].cure.endswith("until then messages pass")


async def test_names_are_a_fault_only_where_they_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = Ability(doctor_texts.NAMES, False, "rules alone", "install spaCy")
    monkeypatch.setattr(doctor_texts, "abilities", lambda: (lacking,))

    idle = (await found(tmp_path))[doctor_texts.NAMES]
    wanted = (await found(tmp_path, pii="redact", name_model=True))[doctor_texts.NAMES]

    assert (idle.ok, idle.detail) == (True, "rules alone; more with: install spaCy")
    assert (wanted.ok, wanted.cure) == (False, "install spaCy; wanted by test")


def test_a_published_board_keeps_no_texts() -> None:
    arena = Arena(uuid7(), "old", "Old", "published", Consent("1", ""), read_only=True)
    plan = live_plan(Path(), models={}, base_urls={})
    board = replace(plan.arenas[0], arena=arena)

    assert doctor_texts._retention(replace(plan, arenas=(board,))) == []
