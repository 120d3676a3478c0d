"""The processing record says what is configured, and unknown where nothing is known."""

from dataclasses import replace
from datetime import UTC, datetime

from blindarena.arena.record import Processing, as_json, as_markdown
from blindarena.domain.arenas import Arena, Consent, Contestant, Recipient, VoterGroup
from blindarena.domain.ids import uuid7

AT = datetime(2026, 3, 1, tzinfo=UTC)
ARENA = Arena(
    id=uuid7(),
    slug="support",
    title="Parcel | support",
    kind="live",
    owner="support@example.org",
    question="Which assistant may draft\nour replies?",
    groups=(VoterGroup("night shift"), VoterGroup("day shift")),
    retention_days=90,
    pii="redact",
    consent=Consent(
        "support-1",
        "Agree?",
        (Recipient("Large | Models", "EU", "30 days", False), Recipient("Small Models")),
    ),
)
CONTESTANTS = [
    Contestant(id=uuid7(), arena_id=ARENA.id, name="strict"),
    Contestant(id=uuid7(), arena_id=ARENA.id, name="off", enabled=False),
]


def record(arena: Arena = ARENA) -> list[Processing]:
    return [Processing.of(arena, CONTESTANTS, database="SQLite")]


def test_the_page_names_everything_and_unknown_as_unknown() -> None:
    page = as_markdown(record(), at=AT)

    assert "- Controller: support@example.org\n" in page
    assert "- Purpose: Which assistant may draft our replies?\n" in page
    assert "- People: voters: night shift, day shift\n" in page
    assert "- Contestants: strict\n" in page
    assert "deleted after 90 days" in page
    assert "replaced by placeholders" in page
    assert "| Large \\| Models | EU | 30 days | no |" in page
    assert "| Small Models | unknown | unknown | unknown |" in page
    assert page.count("version `support-1`") == 1


def test_what_is_not_configured_is_said() -> None:
    plain = replace(ARENA, owner="", retention_days=None, pii="off", consent=Consent("v", "Agree?"))
    page = as_markdown(record(plain), at=AT)

    assert "- Controller: unknown\n" in page
    assert "no limit is set" in page
    assert "not searched for personal data" in page
    assert "None: messages do not leave this machine." in page


def test_json_has_null_for_unknown() -> None:
    one = as_json(record(), at=AT)["processing"][0]

    assert one["recipients"][1] == {
        "name": "Small Models",
        "region": None,
        "retention": None,
        "trains_on_data": None,
    }
    assert (one["arena"], one["consent_version"]) == ("support", "support-1")
