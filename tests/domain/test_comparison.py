"""What makes a new version of an arena, and what does not."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from blindarena.domain.arenas import Arena, Consent, Contestant, PiiPattern, Prompt
from blindarena.domain.chat import Parameters
from blindarena.domain.comparison import comparison_of, digest, with_fingerprints
from blindarena.domain.ids import uuid7

MODELS = {"small": {"provider": "ollama", "model": "m"}, "large": {"provider": "x", "model": "n"}}
ARENA = Arena(
    id=uuid7(), slug="s", title="T", kind="live", consent=Consent("1", "Agree?"), question="Which?"
)
STRICT = Contestant(
    uuid7(), ARENA.id, "strict", deployments=("small",), system="Be strict.", weight=2.0
)
KIND = Contestant(uuid7(), ARENA.id, "kind", deployments=("large", "small"))
PROMPTS = tuple(
    Prompt(uuid7(), ARENA.id, key, f"Text {key}", policy="Be kind.") for key in ("a", "b")
)


def hash_of(
    arena: Arena = ARENA,
    contestants: tuple[Contestant, ...] = (STRICT, KIND),
    prompts: tuple[Prompt, ...] = PROMPTS,
    models: Any = MODELS,
) -> str:
    contestants, prompts = with_fingerprints(contestants, prompts, models)
    return digest(comparison_of(arena, contestants, prompts, models))


def patterns(*names: str) -> tuple[PiiPattern, ...]:
    return tuple(PiiPattern(name, name) for name in names)


def test_the_hash_is_that_of_the_document_written_down() -> None:
    """A changed rule or a changed way to write JSON would end every version that is stored."""
    assert hash_of() == "a049ad6f21568901"


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Other"},
        {"deadline": date(2026, 12, 31)},
        {"reasons": ("new",)},
        {"margin": 3.0, "kpi": "win_rate", "kpi_margin": 0.1},
        {"owner": "somebody"},
        {"consent": Consent("2", "Really?")},
        {"retention_days": 3},
        {"pii": "warn"},
        {"pii_patterns": patterns("order")},
        {"sampling": "weighted"},
        {"languages": ("de",)},
    ],
)
def test_what_does_not_change_the_comparison(changed: dict[str, Any]) -> None:
    assert hash_of(replace(ARENA, **changed)) == hash_of()


@pytest.mark.parametrize(
    "changed",
    [
        {"question": "Which other?"},
        {"usable_answer": True},
        {"pii": "redact"},
        {"pii": "redact", "pii_patterns": patterns("order")},
    ],
)
def test_what_changes_the_comparison(changed: dict[str, Any]) -> None:
    assert hash_of(replace(ARENA, **changed)) != hash_of()


def test_patterns_of_redaction_count_in_any_order() -> None:
    one = replace(ARENA, pii="redact", pii_patterns=patterns("order", "plate"))
    two = replace(one, pii_patterns=patterns("plate", "order"))

    assert hash_of(one) == hash_of(two)
    assert hash_of(one) != hash_of(replace(ARENA, pii="redact"))


@pytest.mark.parametrize(
    "changed",
    [
        {"system": "Be stricter."},
        {"system": None},
        {"parameters": Parameters(temperature=0.1)},
        {"parameters": Parameters(stop=("END",))},
        {"deployments": ("large",)},
        {"deployments": ("small", "large")},
        {"name": "renamed"},
    ],
)
def test_a_contestant_that_answers_otherwise(changed: dict[str, Any]) -> None:
    assert hash_of(contestants=(replace(STRICT, **changed), KIND)) != hash_of()


@pytest.mark.parametrize(
    "changed", [{"weight": 9.0}, {"enabled": False}, {"aliases": ("x",)}, {"description": "?"}]
)
def test_a_contestant_that_answers_the_same(changed: dict[str, Any]) -> None:
    assert hash_of(contestants=(replace(STRICT, **changed), KIND)) == hash_of()


def test_order_does_not_count_but_who_and_what_is_there_does() -> None:
    assert hash_of(contestants=(KIND, STRICT), prompts=PROMPTS[::-1]) == hash_of()
    assert hash_of(contestants=(STRICT,)) != hash_of()
    assert hash_of(prompts=PROMPTS[:1]) != hash_of()
    assert hash_of(prompts=()) != hash_of()


def test_a_prompt_is_its_text_and_its_policy() -> None:
    first, second = PROMPTS
    same = replace(first, title="New", category="c", language="de", key="z")

    assert hash_of(prompts=(same, second)) == hash_of()
    assert hash_of(prompts=(replace(first, text="Other"), second)) != hash_of()
    assert hash_of(prompts=(replace(first, policy="Other"), second)) != hash_of()


def test_the_model_counts_and_the_name_of_its_deployment_does_not() -> None:
    renamed = replace(STRICT, deployments=("tiny",))
    other = {**MODELS, "small": {"provider": "ollama", "model": "m2"}}

    assert hash_of(contestants=(renamed, KIND), models=MODELS | {"tiny": MODELS["small"]}) == (
        hash_of()
    )
    assert hash_of(models=other) != hash_of()
    assert hash_of(models={"large": MODELS["large"]}) != hash_of()


def test_only_the_changed_contestant_gets_another_fingerprint() -> None:
    before, _ = with_fingerprints((STRICT, KIND), (), MODELS)
    after, _ = with_fingerprints((replace(STRICT, system="New"), KIND), (), MODELS)

    assert before[0].fingerprint != after[0].fingerprint
    assert before[1] == after[1]
