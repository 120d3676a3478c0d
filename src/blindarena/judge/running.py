"""Runs: every call made once, whatever interrupts them."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from blindarena.domain.judging import Judgment, ModelAnswer, Question
from blindarena.judge.answering import AskedContestant, answer
from blindarena.judge.calling import Caller, SpendCapError
from blindarena.judge.judging import Judge, judge_once
from blindarena.judge.keys import answer_key
from blindarena.judge.pacing import keep_busy
from blindarena.judge.planning import Answers, JudgeCall, JudgingPlan
from blindarena.judge.ports import Progress, Watcher
from blindarena.judge.records import Journal
from blindarena.judge.run_folder import RunFolder

CONCURRENCY: Final = 8
_J = TypeVar("_J")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run.

    Attributes:
        progress: at its end.
        complete: every call was made; False where the spend cap ended it.
        mended: files that ended in half a line, which was cut off.
        last_error: of the call that failed last.
    """

    progress: Progress
    complete: bool
    mended: tuple[str, ...] = ()
    last_error: str | None = None


class _Tally:
    """Counts the calls of a run and tells somebody after each."""

    def __init__(
        self,
        total: int,
        left: int,
        caller: Caller,
        watch: Watcher | None,
        *,
        unparsed: int = 0,
    ) -> None:
        self._total = total
        self._done = self._before = total - left
        self._failed = 0
        self._unparsed = unparsed
        self._caller = caller
        self._watch = watch
        self._began = time.monotonic()
        self.last_error: str | None = None

    def count(self, error: str | None, *, unparsed: bool = False) -> None:
        failed = error is not None
        self.last_error = error or self.last_error
        self._failed += failed
        self._unparsed += unparsed
        self._done += not failed
        if self._watch is not None:
            self._watch(self.progress())

    def progress(self) -> Progress:
        made = self._done - self._before + self._failed
        left = self._total - self._done - self._failed
        each = (time.monotonic() - self._began) / made if made else None
        return Progress(
            done=self._done,
            total=self._total,
            failed=self._failed,
            unparsed=self._unparsed,
            spent_usd=self._caller.purse.spent,
            eta_s=None if each is None else each * left,
        )


def answers_of(folder: RunFolder, contestant: str) -> Journal[ModelAnswer]:
    """Open the file of a contestant's answers."""
    return Journal(
        folder.answers_path(contestant),
        kind=ModelAnswer,
        key=lambda record: record.id,
        done=lambda record: record.error is None,
    )


def judgments_of(folder: RunFolder, judge: str) -> Journal[Judgment]:
    """Open the file of a judge's judgments."""
    return Journal(
        folder.judgments_path(judge),
        kind=Judgment,
        key=lambda record: record.key,
        done=lambda record: record.error is None,
    )


def good_answers(folder: RunFolder, contestants: Sequence[str]) -> Answers:
    """Return the answers without error, by contestant and question; the latest of each."""
    found: dict[str, dict[str, ModelAnswer]] = {}
    for name in contestants:
        records = answers_of(folder, name).records.values()
        found[name] = {each.question_id: each for each in records if each.error is None}
    return found


async def ask_contestants(
    folder: RunFolder,
    questions: Sequence[Question],
    contestants: Sequence[AskedContestant],
    *,
    caller: Caller,
    concurrency: int = CONCURRENCY,
    watch: Watcher | None = None,
    now: Callable[[], float] = time.time,
) -> Outcome:
    """Ask every question of every contestant that has no answer to it yet.

    Args:
        folder: of the run; the caller holds its lock.
        questions: in the order in which they are asked.
        contestants: whom to ask.
        caller: makes the calls.
        concurrency: conversations under way at once.
        watch: told after each.
        now: seconds since 1970.
    """
    journals = {each.name: answers_of(folder, each.name) for each in contestants}
    jobs = [
        (each, question)
        for question in questions
        for each in contestants
        if not journals[each.name].has(answer_key(each.name, each.digest, question))
    ]
    tally = _Tally(len(questions) * len(contestants), len(jobs), caller, watch)

    async def work(job: tuple[AskedContestant, Question]) -> None:
        contestant, question = job
        record = await answer(contestant, question, caller=caller, now=now)
        journals[contestant.name].add(record)
        tally.count(record.error)

    return await _make_all(jobs, work, tally, list(journals.values()), concurrency=concurrency)


async def ask_judges(
    folder: RunFolder,
    questions: Sequence[Question],
    answers: Answers,
    judges: Sequence[Judge],
    plan: JudgingPlan,
    *,
    caller: Caller,
    concurrency: int = CONCURRENCY,
    watch: Watcher | None = None,
    now: Callable[[], float] = time.time,
) -> Outcome:
    """Ask every judge everything that it has not been asked yet.

    Args:
        folder: of the run; the caller holds its lock.
        questions: in the order in which they are judged.
        answers: good ones only.
        judges: whom to ask.
        plan: what is judged.
        caller: makes the calls.
        concurrency: calls under way at once, of all judges together.
        watch: told after each.
        now: seconds since 1970.

    Raises:
        ConfigError: the plan cannot be carried out with these contestants.
    """
    journals = {each.name: judgments_of(folder, each.name) for each in judges}
    calls = [(judge, call) for judge in judges for call in planned(judge, questions, answers, plan)]
    jobs = [(judge, call) for judge, call in calls if not journals[judge.name].has(call.key)]
    kept = [journals[judge.name].records.get(call.key) for judge, call in calls]
    unparsed = sum(record is not None and record.unparsed for record in kept)
    tally = _Tally(len(calls), len(jobs), caller, watch, unparsed=unparsed)

    async def work(job: tuple[Judge, JudgeCall]) -> None:
        judge, call = job
        record = await judge_once(judge, call, caller=caller, now=now)
        journals[judge.name].add(record)
        tally.count(record.error, unparsed=record.unparsed)

    return await _make_all(jobs, work, tally, list(journals.values()), concurrency=concurrency)


def planned(
    judge: Judge, questions: Sequence[Question], answers: Answers, plan: JudgingPlan
) -> list[JudgeCall]:
    """Return every call of a judge, made or not."""
    who = f"{judge.name} {judge.digest}"
    return list(plan.calls(questions, answers, judge=who, parameters=judge.parameters))


async def _make_all(
    jobs: Sequence[_J],
    work: Callable[[_J], Awaitable[None]],
    tally: _Tally,
    journals: Sequence[Journal[Any]],
    *,
    concurrency: int,
) -> Outcome:
    """Make every call that is left, until they end or the spend cap ends them."""

    async def unless_capped(job: _J) -> bool:
        try:
            await work(job)
        except SpendCapError:
            return False
        return True

    try:
        complete = await keep_busy(jobs, unless_capped, concurrency=concurrency)
    finally:
        for journal in journals:
            journal.close()
    mended = tuple(str(journal.path) for journal in journals if journal.cut)
    return Outcome(tally.progress(), complete, mended, tally.last_error)
