"""The live arena, and a consent that names every possible recipient."""

from dataclasses import replace

import pytest

from blindarena.demo.consent import consent_for
from blindarena.demo.live import (
    THIS_MACHINE,
    Detected,
    detected_contestant,
    live_arena,
)
from blindarena.domain.arenas import Recipient
from blindarena.domain.ids import uuid7
from blindarena.errors import ConfigError

VENDOR = Recipient(name="Vendor Inc.", region="US", retention="30 days", trains_on_data=False)
CLOUD = Detected(
    name="vendor-large",
    deployment="vendor",
    recipient=VENDOR,
    runs_at="Vendor",
    price="1.00/4.00 USD per M tokens",
    organization="Vendor",
    aliases=("LargeChat",),
)
OLLAMA = Detected(
    name="qwen3:4b", deployment="ollama-qwen3", recipient=THIS_MACHINE, runs_at="Ollama here"
)


def test_three_configurations_of_one_deployment() -> None:
    demo = live_arena("local-small")

    assert [c.name for c in demo.contestants] == [
        "SmolLM2 plain",
        "SmolLM2 brief",
        "SmolLM2 cheerful",
    ]
    assert {c.deployments for c in demo.contestants} == {("local-small",)}
    assert len({(c.system, c.parameters) for c in demo.contestants}) == 3
    assert demo.contestants[0].system is None
    assert {c.parameters.max_tokens for c in demo.contestants} == {256}
    assert {(c.organization, c.license) for c in demo.contestants} == {
        ("Hugging Face", "Apache-2.0")
    }
    assert all("SmolLM" in c.aliases and "Hugging Face" in c.aliases for c in demo.contestants)


def test_arena_takes_free_prompts_and_warns() -> None:
    arena = live_arena("local-small").arena

    assert (arena.slug, arena.kind, arena.prompt_mode) == ("live-small-model", "live", "free")
    assert arena.follow_ups
    assert arena.notice == "Weak model, expect mistakes."
    assert len(arena.suggested_prompts) == 6
    assert arena.consent.recipients == (THIS_MACHINE,)


def test_what_was_found_is_disabled_and_shows_its_price() -> None:
    found = live_arena("local-small", [CLOUD, OLLAMA]).contestants[3:]

    assert [(c.name, c.enabled) for c in found] == [("vendor-large", False), ("qwen3:4b", False)]
    assert found[0].description == "Vendor; 1.00/4.00 USD per M tokens"
    assert found[1].description == "Ollama here; price unknown"
    assert found[0].aliases == ("vendor-large", "LargeChat")


def test_a_model_that_was_named_is_enabled() -> None:
    contestant = detected_contestant(uuid7(), replace(OLLAMA, enabled=True))

    assert contestant.enabled


def test_a_disabled_contestant_changes_no_consent() -> None:
    alone, beside = live_arena("local-small").arena, live_arena("local-small", [CLOUD]).arena

    assert beside.consent == alone.consent


def test_enabling_a_new_recipient_changes_the_version() -> None:
    demo = live_arena("local-small", [CLOUD])
    enabled = [replace(c, enabled=True) for c in demo.contestants]

    consent = consent_for(demo.arena, enabled, demo.recipients)

    assert VENDOR in consent.recipients
    assert THIS_MACHINE in consent.recipients
    assert consent.version != demo.arena.consent.version
    assert consent.version.startswith("live-small-model-")
    again = consent_for(replace(demo.arena, consent=consent), demo.contestants, demo.recipients)
    assert again == demo.arena.consent


def test_enabling_a_known_recipient_keeps_the_version() -> None:
    """A second model on this machine tells nobody new."""
    demo = live_arena("local-small", [OLLAMA])
    enabled = [replace(c, enabled=True) for c in demo.contestants]

    assert consent_for(demo.arena, enabled, demo.recipients) == demo.arena.consent


def test_an_unnamed_recipient_is_refused() -> None:
    demo = live_arena("local-small")

    with pytest.raises(ConfigError, match="deployment 'local-small'"):
        consent_for(demo.arena, demo.contestants, {})


def test_one_deployment_has_one_recipient() -> None:
    with pytest.raises(ConfigError, match="two recipients"):
        live_arena("local-small", [CLOUD, replace(CLOUD, name="b", recipient=THIS_MACHINE)])


@pytest.mark.parametrize(
    "recipient",
    [
        replace(VENDOR, name="Someone else"),
        replace(VENDOR, region="EU"),
        replace(VENDOR, retention=None),
        replace(VENDOR, trains_on_data=True),
        replace(VENDOR, trains_on_data=None),
    ],
)
def test_every_fact_about_a_recipient_is_in_the_version(recipient: Recipient) -> None:
    found = replace(CLOUD, enabled=True)

    one = live_arena("local-small", [found]).arena.consent
    other = live_arena("local-small", [replace(found, recipient=recipient)]).arena.consent
    assert one.version != other.version


def test_the_order_of_contestants_is_not_in_the_version() -> None:
    demo = live_arena("local-small", [replace(CLOUD, enabled=True)])

    turned = consent_for(demo.arena, demo.contestants[::-1], demo.recipients)
    assert turned == demo.arena.consent
