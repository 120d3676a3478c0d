"""What an installation can do, in words."""

from blindarena.pipeline import duplicates, language
from blindarena.pipeline.extras import abilities
from blindarena.pipeline.pii import spacy_names


def test_what_is_there_needs_no_cure() -> None:
    near, languages, names = abilities()

    assert (near.ok, languages.ok, near.cure, languages.cure) == (True, True, "", "")
    assert names.ok == bool(spacy_names.installed_models())


def test_what_is_missing_is_told_with_its_effect_and_cure(monkeypatch) -> None:
    for module in (duplicates, language, spacy_names):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    missing = abilities()

    assert [ability.ok for ability in missing] == [False] * 3
    assert all(ability.detail and ability.cure for ability in missing)
    assert "pip install 'blindarena[pipeline]'" in missing[0].cure
    assert spacy_names.installed_name_finder() is None
