"""Each rule says what it says, and no more than its interval allows."""

import random
from collections.abc import Callable
from itertools import combinations

import pytest

from blindarena.domain.judging import FiveWay, Judgment
from blindarena.judge.scoring.findings import Verdict
from blindarena.judge.scoring.summary import score_run
from judge.records import both, judgment, run_of

NAMES = ("x", "y", "z")
MN = ("m", "n")


def verdict_of(judgments: list[Judgment], judge: str = "j") -> Verdict:
    return next(one for one in score_run(run_of(judgments)).verdicts if one.judge == judge)


def codes(verdict: Verdict) -> dict[str, str]:
    return {one.code: one.severity for one in verdict.findings}


def perfect(questions: int, judge: str = "j") -> list[Judgment]:
    """Return a judge that always says the same in both orders, x before y before z."""
    return [
        one
        for q in range(questions)
        for pair in combinations(NAMES, 2)
        for one in both(str(q), pair, "A>B", "B>A", judge=judge)
    ]


def test_a_judge_that_always_agrees_with_itself_is_fine() -> None:
    """Its kappa is 1 and has no interval, and of two contestants one may always win."""
    assert verdict_of(perfect(6)).standing == "fine"
    one_wins = [one for q in range(6) for one in both(str(q), MN, "A>B", "B>A")]
    assert verdict_of(one_wins).standing == "fine"


def test_a_random_judge_is_not_to_be_relied_on() -> None:
    rng = random.Random(2)
    said: tuple[FiveWay, ...] = ("A>B", "B>A", "A=B")
    judgments = [
        one for q in range(60) for one in both(str(q), MN, rng.choice(said), rng.choice(said))
    ]

    verdict = verdict_of(judgments)

    assert verdict.standing == "broken"
    assert codes(verdict)["position"] == "broken"
    assert "what it says does not depend on the answers" in verdict.findings[0].sentence


def test_a_judge_that_flips_as_often_as_it_agrees_is_weak() -> None:
    """It reads, given its liking for the first place, but that decides as often."""
    pairs: list[tuple[FiveWay, FiveWay]] = [
        *[("A>B", "B>A")] * 12,  # type: ignore[list-item]
        *[("B>A", "A>B")] * 12,  # type: ignore[list-item]
        *[("A>B", "A>B")] * 26,  # type: ignore[list-item]
    ]
    verdict = verdict_of([o for n, (ab, ba) in enumerate(pairs) for o in both(str(n), MN, ab, ba)])

    assert verdict.standing == "weak"
    sentence = verdict.findings[0].sentence
    assert sentence.startswith("Its verdicts agree with themselves in only 48% (95 % interval")
    assert "it picks the answer shown first" in sentence


def test_few_questions_leave_it_open() -> None:
    pairs: list[tuple[FiveWay, FiveWay]] = [
        ("A>B", "B>A"),
        ("B>A", "A>B"),
        ("A>B", "A>B"),
        ("A>B", "B>A"),
        ("A>B", "A=B"),
    ]
    verdict = verdict_of([o for n, (ab, ba) in enumerate(pairs) for o in both(str(n), MN, ab, ba)])

    assert verdict.standing == "unknown"
    assert codes(verdict) == {"consistency": "unsure"}


def test_unparsed_texts_weigh_by_what_they_could_move() -> None:
    few = perfect(40) + both("40", MN, "A>B", None)
    assert codes(verdict_of(few))["unparsed"] == "note"

    some = perfect(40) + [o for q in range(40, 60) for o in both(str(q), ("x", "y"), None, None)]
    found = codes(verdict_of(some))
    assert found["unparsed"] == "weak"

    most = perfect(3) + [o for q in range(3, 40) for o in both(str(q), ("x", "y"), None, None)]
    assert codes(verdict_of(most))["unparsed"] == "broken"


def test_failed_calls_are_not_unparsed() -> None:
    failed = [judgment(str(q), MN, order="ab", error="HTTP 500") for q in range(5)]

    assert codes(verdict_of(failed)) == {"silent": "broken", "failed": "note"}
    found = codes(verdict_of([*perfect(6), *failed]))
    assert found["failed"] == "note"
    assert "unparsed" not in found


def test_favouring_itself_is_a_weakness_only_beyond_its_interval() -> None:
    def prefers_m(judge: str, when: Callable[[int], bool]) -> list[Judgment]:
        return [
            one
            for q in range(40)
            for one in both(
                str(q), MN, *(("A>B", "B>A") if when(q) else ("B>A", "A>B")), judge=judge
            )
        ]

    mine, theirs = prefers_m("m", lambda q: q % 10 < 9), prefers_m("n", lambda q: q % 10 < 4)
    assert codes(verdict_of(mine + theirs, "m"))["self_preference"] == "weak"
    mine, theirs = prefers_m("m", lambda q: q % 9 < 5), prefers_m("n", lambda q: q % 2 == 0)
    assert "self_preference" not in codes(verdict_of(mine + theirs, "m"))


def test_flagged_answers_are_told() -> None:
    flagged = [
        judgment(str(q), ("m",), protocol="single", score=q + 1, flagged=True) for q in range(4)
    ]

    assert codes(verdict_of(flagged))["flagged"] == "note"


@pytest.mark.parametrize(("score", "standing"), [(7, "broken"), (None, "broken")])
def test_one_grade_for_all_or_none_at_all(score: float | None, standing: str) -> None:
    given = [
        judgment(str(q), (name,), protocol="single", score=score) for q in range(5) for name in MN
    ]

    assert verdict_of(given).standing == standing


@pytest.mark.parametrize(("lengths", "severity"), [((9, 2), "unsure"), ((9, 20), "broken")])
def test_length_is_told_from_contestant(lengths: tuple[int, int], severity: str) -> None:
    """m always has 10 words; n has now more, now fewer, or always fewer; the longer always wins."""
    texts = {("m", str(q)): "w " * 10 for q in range(8)}
    texts |= {("n", str(q)): "w " * lengths[q % 2] for q in range(8)}
    judgments = [
        one
        for q in range(8)
        for one in both(str(q), MN, *(("A>B", "B>A") if lengths[q % 2] < 10 else ("B>A", "A>B")))
    ]

    (verdict,) = score_run(run_of(judgments, texts=texts)).verdicts

    assert codes(verdict)["length"] == severity
    if severity == "unsure":
        assert verdict.standing == "unknown"
