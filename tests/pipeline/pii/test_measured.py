"""The labelled messages, the measuring, and the figures in docs/pii.md."""

import sys
from pathlib import Path

import pytest

from blindarena.errors import InputError
from blindarena.pipeline.pii import KINDS, Finding
from blindarena.pipeline.pii.measuring import Score, measure, read_labelled

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
import gen_pii_docs  # noqa: E402

sys.path.remove(str(ROOT / "scripts"))


def test_the_page_has_the_figures_as_they_are_now() -> None:
    text = gen_pii_docs.PAGE.read_text(encoding="utf-8")

    assert "| all |" in text
    assert gen_pii_docs.filled(text) == text, "run scripts/gen_pii_docs.py"


@pytest.mark.parametrize("language", sorted(gen_pii_docs.LANGUAGES))
def test_each_language_has_75_messages_and_a_third_with_nothing_personal(language: str) -> None:
    seen, held = gen_pii_docs.messages(language)
    clean = sum(not message.spans for message in [*seen, *held])

    assert (len(seen), len(held), clean) == (38, 37, 24)
    assert {span.kind for message in [*seen, *held] for span in message.spans} == set(KINDS)


def test_labels_become_spans() -> None:
    messages = read_labelled("a <<name:Bo>>, <<<email:b@c.de>>>\n---\nnone\n", where="x")

    assert messages[0].text == "a Bo, <b@c.de>"
    assert messages[0].spans == (Finding(2, 4, "name"), Finding(7, 13, "email"))
    assert (messages[1].text, messages[1].spans) == ("none", ())


def test_an_unknown_label_is_named_with_its_place() -> None:
    with pytest.raises(InputError, match="x, message 2: kind 'nam'"):
        read_labelled("a\n---\n<<nam:Bo>>", where="x")


def test_a_piece_counts_only_when_all_of_it_is_found() -> None:
    messages = read_labelled("<<name:Bo Li>> and <<name:Al>>", where="x")
    scores = measure(messages, lambda text: [Finding(0, 2, "name"), Finding(6, 12, "name")])

    assert scores["name"] == Score(labelled=2, covered=1, found=2, right=1)
    assert (scores["name"].recall, scores["name"].precision) == (0.5, 0.5)
    assert scores["ip"].recall is None
