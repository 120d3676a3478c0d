"""Judgments and runs as tests need them: no model, no file."""

from collections.abc import Sequence

from blindarena.domain.judging import (
    AnswerTurn,
    FiveWay,
    Judgment,
    ModelAnswer,
    Order,
    Protocol,
    Question,
)
from blindarena.judge.judged_run import JudgedRun
from blindarena.judge.run_folder import Judging, RunSpec


def judgment(
    question: str,
    contestants: tuple[str, ...],
    *,
    protocol: Protocol = "pair",
    judge: str = "j",
    order: Order | None = None,
    verdict: FiveWay | None = None,
    score: float | None = None,
    turn: int = 1,
    repeat: int = 0,
    category: str = "general",
    **more: object,
) -> Judgment:
    """Return a judgment; its verdict is about the two as shown."""
    key = f"{protocol}|{judge}|{question}|{contestants}|{order}|{turn}|{repeat}"
    return Judgment(
        key=key,
        protocol=protocol,
        judge=judge,
        prompt="p@1",
        question_id=question,
        category=category,
        contestants=contestants,
        turn=turn,
        order=order,
        repeat=repeat,
        text="text",
        tstamp=1.0,
        score=score,
        verdict=verdict,
        **more,  # type: ignore[arg-type]
    )


def both(
    question: str,
    pair: tuple[str, str],
    ab: FiveWay | None,
    ba: FiveWay | None,
    *,
    protocol: Protocol = "pair",
    judge: str = "j",
    turn: int = 1,
    repeat: int = 0,
    category: str = "general",
) -> list[Judgment]:
    """Return both orders; the verdicts are about the two as shown."""
    given: tuple[tuple[Order, FiveWay | None], ...] = (("ab", ab), ("ba", ba))
    return [
        judgment(
            question,
            pair,
            protocol=protocol,
            judge=judge,
            order=order,
            verdict=verdict,
            turn=turn,
            repeat=repeat,
            category=category,
        )
        for order, verdict in given
    ]


def run_of(
    judgments: Sequence[Judgment],
    *,
    texts: dict[tuple[str, str], str] | None = None,
    baseline: str | None = None,
) -> JudgedRun:
    """Return a run of these judgments; `texts` are answers by contestant and question."""
    questions = list(dict.fromkeys(one.question_id for one in judgments))
    names = sorted({name for one in judgments for name in one.contestants})
    answers: dict[str, dict[str, ModelAnswer]] = {name: {} for name in names}
    for (name, question), text in (texts or {}).items():
        turns = (AnswerTurn(text), AnswerTurn(text))
        answers[name][question] = ModelAnswer(f"{name}-{question}", question, name, turns, 1.0)
    return JudgedRun(
        name="run",
        spec=RunSpec(
            version="1",
            questions="",
            set_name="set",
            judgings={
                protocol: Judging(prompts={"p@1": ""}, baseline=baseline)
                for protocol in {one.protocol for one in judgments}
            },
            contestants=dict.fromkeys(names, ""),
            judges=dict.fromkeys(sorted({one.judge for one in judgments}), ""),
        ),
        questions=tuple(Question(name, "general", ("?", "?")) for name in questions),
        answers=answers,
        judgments=tuple(judgments),
    )
