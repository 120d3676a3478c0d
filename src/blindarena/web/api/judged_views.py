"""Runs and judged pairs as JSON, with what is hidden left out."""

from dataclasses import asdict
from datetime import UTC, datetime

import msgspec

from blindarena.bootstrap.judge_runs import Summary
from blindarena.domain.judging import Judgment, ModelAnswer
from blindarena.judge.browsing.blind import View
from blindarena.judge.browsing.items import Says
from blindarena.judge.browsing.progress import Calls, RunFacts
from blindarena.judge.reporting.sections import parts_of
from blindarena.judge.reporting.texts import json_of
from blindarena.web.api.schemas.judge_runs import (
    AgreementOfPeople,
    CallsOut,
    ChecklistMark,
    JudgedItem,
    JudgedRow,
    JudgedSide,
    JudgedTurn,
    JudgeRunOut,
    JudgeRunSummary,
    JudgeText,
    ReportPart,
    SaidOut,
    SaidShort,
    VerdictOut,
)

_SHORT = 200


def run_out(facts: RunFacts) -> JudgeRunOut:
    """Return a run as the list has it."""
    at = facts.changed_at
    return JudgeRunOut(
        name=facts.name,
        set_name=facts.set_name,
        questions=facts.questions,
        contestants=list(facts.contestants),
        judges=list(facts.judges),
        protocols=list(facts.protocols),
        answers=_calls(facts.answers),
        judgments=_calls(facts.judgments),
        unparsed=facts.unparsed,
        flagged=facts.flagged,
        changed_at=None if at is None else datetime.fromtimestamp(at, UTC),
        problem=facts.problem,
    )


def summary_out(summary: Summary) -> JudgeRunSummary:
    """Return what a run says."""
    scores = summary.scores
    return JudgeRunSummary(
        run=run_out(summary.facts),
        categories=list(summary.categories),
        items=summary.items,
        verdicts=[VerdictOut.model_validate(asdict(one)) for one in scores.verdicts],
        parts=[ReportPart.model_validate(asdict(one)) for one in parts_of(scores)],
        people=[AgreementOfPeople.model_validate(asdict(one)) for one in summary.agreements],
        votes=summary.votes,
        raters=summary.raters,
        report=msgspec.json.decode(json_of(scores)),
    )


def row_out(view: View) -> JudgedRow:
    """Return an item as the list has it."""
    item = view.item
    asked = item.question.turns[max(item.turn, 1) - 1 : max(item.turn, 1)] or ("",)
    names = item.contestants[::-1] if view.swapped else item.contestants
    return JudgedRow(
        key=item.key,
        question_id=item.question.id,
        category=item.category,
        turn=item.turn,
        text=asked[0][:_SHORT],
        flags=sorted(item.flags),
        contestants=list(names) if view.revealed else None,
        said=[
            SaidShort(judge=one.judge, protocol=one.protocol, result=view.result(one.result))
            for one in item.said
        ]
        if view.revealed
        else None,
        vote=None if view.mine is None else view.turned(view.mine.outcome),
    )


def item_out(view: View) -> JudgedItem:
    """Return an item with its texts."""
    item, question = view.item, view.item.question
    turns = len(question.turns) if item.turn == 0 else item.turn
    sides = [
        _side(view, name, answer, turns)
        for name, answer in zip(item.contestants, item.answers, strict=True)
    ]
    if view.swapped:
        sides.reverse()
    return JudgedItem(
        key=item.key,
        question_id=question.id,
        category=item.category,
        turn=item.turn,
        policy=question.system,
        turns=list(question.turns[:turns]),
        reference=list(question.reference[:turns]),
        a=sides[0],
        b=sides[1] if len(sides) > 1 else None,
        flags=sorted(item.flags),
        revealed=view.revealed,
        said=[_said(view, one) for one in item.said] if view.revealed else None,
        vote=None if view.mine is None else view.turned(view.mine.outcome),
        blind=None if view.mine is None else view.mine.blind,
        votes=view.others if view.revealed else {},
    )


def _calls(calls: Calls | None) -> CallsOut | None:
    return None if calls is None else CallsOut(**asdict(calls))


def _side(view: View, name: str, answer: ModelAnswer | None, turns: int) -> JudgedSide:
    given = () if answer is None else answer.turns[:turns]
    return JudgedSide(
        name=name if view.revealed else None,
        missing=answer is None,
        turns=[
            JudgedTurn(
                text=turn.text,
                completion_tokens=turn.completion_tokens,
                seconds=turn.seconds,
                cost_usd=turn.cost_usd,
            )
            if view.revealed
            else JudgedTurn(text=turn.text)
            for turn in given
        ],
    )


def _said(view: View, says: Says) -> SaidOut:
    return SaidOut(
        judge=says.judge,
        protocol=says.protocol,
        prompt=says.prompt,
        repeat=says.repeat,
        result=view.result(says.result),
        calls=[_text(view, one) for one in dict.fromkeys(says.judgments)],
    )


def _text(view: View, one: Judgment) -> JudgeText:
    alone = len(one.contestants) == 1
    own = one.contestants[0] == view.item.contestants[0]
    texts = {item.id: item.text for item in view.item.question.rubric}
    return JudgeText(
        first=view.shown_first(one),
        of=("a" if own != view.swapped else "b") if alone else None,
        verdict=one.verdict,
        score=one.score,
        marks=[
            ChecklistMark(id=name, text=texts.get(name, ""), fulfilled=fulfilled)
            for name, fulfilled in one.items
        ],
        text=one.text,
        error=one.error,
        unparsed=one.unparsed,
        flagged=one.flagged,
        seconds=one.seconds,
        cost_usd=one.cost_usd,
        completion_tokens=one.completion_tokens,
    )
