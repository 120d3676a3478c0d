"""The written content keeps what docs/demo.md says about it."""

import re
from collections import Counter

import pytest

from blindarena.arena.leaks import leaks_identity
from blindarena.demo.replay import ReplayDemo, load_parcel_support
from blindarena.domain.style import Style, style_of

BREAKS_POLICY = "Dunlin"
WORDS = {"Alder": (60, 110), "Brindle": (150, 220), "Corvane": (15, 50), "Dunlin": (90, 140)}
LANGUAGE_WORDS = {
    "en": {"the", "you", "and", "is", "your"},
    "de": {"und", "sie", "ihnen", "wir"},
    "es": {"los", "para", "que", "por"},
    "fr": {"vous", "nous", "pour", "les"},
}


@pytest.fixture(scope="module")
def demo() -> ReplayDemo:
    return load_parcel_support()


def answers_of(demo: ReplayDemo, name: str) -> dict[str, str]:
    """The answers of one contestant by ticket key."""
    contestant = next(c for c in demo.contestants if c.name == name)
    by_text = demo.answers[contestant.deployments[0]]
    return {p.key: by_text[p.text] for p in demo.prompts}


def styles_of(demo: ReplayDemo, name: str) -> list[Style]:
    return [style_of(answer) for answer in answers_of(demo, name).values()]


def sentences(text: str) -> list[str]:
    """Sentences and headings of three words or more, without marks and case."""
    parts = re.split(r"(?<=[.!?:])\s+|\n+", text)
    plain = [" ".join(re.findall(r"\w+", part.lower())) for part in parts]
    return [part for part in plain if len(part.split()) >= 3]


def test_twenty_four_tickets_of_four_contestants(demo: ReplayDemo) -> None:
    assert [p.key for p in demo.prompts] == [f"T{n:02d}" for n in range(1, 25)]
    assert [p.position for p in demo.prompts] == list(range(24))
    assert {c.name for c in demo.contestants} == set(WORDS)
    assert all(len(by_text) == 24 for by_text in demo.answers.values())
    assert all(p.title and p.policy for p in demo.prompts)


def test_categories_and_languages(demo: ReplayDemo) -> None:
    assert set(Counter(p.category for p in demo.prompts).values()) == {3}
    assert Counter(p.language for p in demo.prompts) == {"en": 21, "de": 1, "es": 1, "fr": 1}


def test_policies_are_one_to_three_sentences(demo: ReplayDemo) -> None:
    for prompt in demo.prompts:
        assert 1 <= len(re.findall(r"\.(?:\s|$)", prompt.policy)) <= 3, prompt.key
        assert prompt.policy.endswith("."), prompt.key


@pytest.mark.parametrize("name", WORDS)
def test_answers_are_in_the_language_of_the_ticket(demo: ReplayDemo, name: str) -> None:
    given = answers_of(demo, name)
    for prompt in demo.prompts:
        words = Counter(re.findall(r"\w+", given[prompt.key].lower()))
        hits = {
            language: sum(words[word] for word in common)
            for language, common in LANGUAGE_WORDS.items()
        }
        assert max(hits, key=lambda language: hits[language]) == prompt.language, prompt.key


@pytest.mark.parametrize("name", WORDS)
def test_lengths(demo: ReplayDemo, name: str) -> None:
    low, high = WORDS[name]

    assert all(low <= style.words <= high for style in styles_of(demo, name))


def test_formatting(demo: ReplayDemo) -> None:
    friendly = styles_of(demo, "Brindle")
    balanced = styles_of(demo, "Alder")

    assert all(s.headers and s.bold and s.lists for s in friendly)
    assert all(s.formatting == 0 for s in styles_of(demo, "Corvane"))
    assert all(s.formatting == 0 for s in styles_of(demo, BREAKS_POLICY))
    assert all(s.headers == 0 for s in balanced)
    assert 12 <= sum(s.lists > 0 for s in balanced) <= 20


def test_curt_answers_have_at_most_three_sentences(demo: ReplayDemo) -> None:
    for key, answer in answers_of(demo, "Corvane").items():
        assert len(re.findall(r"[.!?](?:\s|$)", answer)) <= 3, key
        assert "\n" not in answer, key


@pytest.mark.parametrize("name", WORDS)
def test_no_sentence_comes_twice(demo: ReplayDemo, name: str) -> None:
    """Every answer is written for its ticket, none from a template."""
    seen = Counter(s for answer in answers_of(demo, name).values() for s in sentences(answer))

    assert [sentence for sentence, times in seen.items() if times > 1] == []


def test_no_answer_names_a_contestant(demo: ReplayDemo) -> None:
    names = re.compile("|".join(WORDS), re.IGNORECASE)

    texts = [answer for by_text in demo.answers.values() for answer in by_text.values()]
    texts += [prompt.text + prompt.title + prompt.policy for prompt in demo.prompts]
    assert [text for text in texts if names.search(text)] == []


def test_no_answer_gives_an_identity_away(demo: ReplayDemo) -> None:
    """Else its votes would be excluded from the ranking."""
    for contestant in demo.contestants:
        for key, answer in answers_of(demo, contestant.name).items():
            assert not leaks_identity(answer, names=contestant.aliases), (contestant.name, key)


def test_breaches_are_one_contestants_and_exact(demo: ReplayDemo) -> None:
    policies = {p.key: p.policy for p in demo.prompts}
    answers = answers_of(demo, BREAKS_POLICY)

    assert len(demo.breaches) == 14
    for (name, key), breach in demo.breaches.items():
        assert name == BREAKS_POLICY
        assert breach.quote in answers[key]
        assert breach.policy in policies[key]


def test_a_breach_is_in_no_other_answer(demo: ReplayDemo) -> None:
    for (_, key), breach in demo.breaches.items():
        others = [answers_of(demo, name)[key] for name in WORDS if name != BREAKS_POLICY]
        assert all(breach.quote not in answer for answer in others)


def test_words_about_the_breaking_contestant_state_the_true_number(demo: ReplayDemo) -> None:
    assert f"{len(demo.breaches)} of its 24 answers" in demo.truth.words[BREAKS_POLICY]


def test_truth_is_centred_and_complete(demo: ReplayDemo) -> None:
    strengths = demo.truth.strengths

    assert set(strengths) == set(demo.truth.words) == {c.name for c in demo.contestants}
    assert sum(strengths.values()) / len(strengths) == pytest.approx(1000.0)
