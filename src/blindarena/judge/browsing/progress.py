"""How far a run is and what it took, from as little of its files as will do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from blindarena.domain.judging import FiveWay, Protocol, Question
from blindarena.errors import ConfigError, InputError
from blindarena.judge.browsing.growing import GrowingFile
from blindarena.judge.formats.importing import IDENTITY
from blindarena.judge.planning import JudgingPlan, judged_turns
from blindarena.judge.questions import load_questions
from blindarena.judge.run_folder import RunFolder, RunSpec

_TWO_ORDERS: Final = ("pair", "baseline")


class ShortTurn(msgspec.Struct, frozen=True):
    """What is needed of a turn."""

    cost_usd: float | None = None


class ShortAnswer(msgspec.Struct, frozen=True):
    """What is needed of an answer."""

    id: str
    question_id: str
    turns: tuple[ShortTurn, ...] = ()
    error: str | None = None


class ShortJudgment(msgspec.Struct, frozen=True):
    """What is needed of a judgment."""

    key: str
    score: float | None = None
    verdict: FiveWay | None = None
    error: str | None = None
    flagged: bool = False
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """How far the answers or the judgments of a run are.

    Attributes:
        done: without error.
        failed: the last try ended in an error.
        total: of the whole run; None where it is not known, as for imported files.
        cost_usd: of the calls whose cost is known; None where none is.
        costs_known: of how many calls that is.
    """

    done: int
    failed: int
    total: int | None
    cost_usd: float | None
    costs_known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What the list of runs tells of one.

    Attributes:
        name: the folder's.
        unparsed: judgments from which no verdict could be read.
        flagged: judgments of an answer that holds what looks like a verdict, unfenced.
        changed_at: when something was written last, in seconds since 1970.
        problem: why it cannot be read; all else is then as empty as may be.
    """

    name: str
    set_name: str = ""
    questions: int = 0
    contestants: tuple[str, ...] = ()
    judges: tuple[str, ...] = ()
    protocols: tuple[Protocol, ...] = ()
    answers: Calls | None = None
    judgments: Calls | None = None
    unparsed: int = 0
    flagged: int = 0
    changed_at: float | None = None
    problem: str = ""


class RunProgress:
    """Keeps what is needed of one run's files, and reads what is added.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._answers: dict[str, GrowingFile[ShortAnswer]] = {}
        self._judgments: dict[str, GrowingFile[ShortJudgment]] = {}
        self._questions: tuple[float, tuple[Question, ...]] | None = None

    def facts(self) -> RunFacts:
        """Return how far the run is now."""
        name = self._folder.root.name
        try:
            return self._facts(name)
        except (InputError, ConfigError) as error:
            return RunFacts(name=name, problem=str(error))

    def _facts(self, name: str) -> RunFacts:
        spec = self._folder.read()
        if spec is None:
            raise InputError(f"{self._folder.spec_path}: is gone")
        for who in spec.contestants:
            self._answers.setdefault(
                who,
                GrowingFile(
                    self._folder.answers_path(who),
                    kind=ShortAnswer,
                    key=lambda one: one.id,
                    done=lambda one: one.error is None,
                ),
            ).refresh()
        for who in spec.judges:
            self._judgments.setdefault(
                who,
                GrowingFile(
                    self._folder.judgments_path(who),
                    kind=ShortJudgment,
                    key=lambda one: one.key,
                    done=lambda one: one.error is None,
                ),
            ).refresh()
        questions = self._read_questions()
        times = [one.changed_at for one in self._answers.values()]
        times += [one.changed_at for one in self._judgments.values()]
        said = [one for file in self._judgments.values() for one in file.records.values()]
        good = [one for one in said if one.error is None]
        given = {
            who: [one for one in file.records.values() if one.error is None]
            for who, file in self._answers.items()
        }
        asked = [one for file in self._answers.values() for one in file.records.values()]
        imported = IDENTITY in spec.contestants.values()
        there = {who: {one.question_id for one in mine} for who, mine in given.items()}
        return RunFacts(
            name=name,
            set_name=spec.set_name,
            questions=len(questions),
            contestants=tuple(spec.contestants),
            judges=tuple(spec.judges),
            protocols=tuple(spec.judgings),
            answers=_calls(
                [_sum(turn.cost_usd for turn in one.turns) for one in asked],
                done=sum(map(len, given.values())),
                total=None if imported else len(questions) * len(spec.contestants),
            ),
            judgments=_calls(
                [one.cost_usd for one in said],
                done=len(good),
                total=None if imported else planned_calls(spec, questions, there),
            ),
            unparsed=sum(one.score is None and one.verdict is None for one in good),
            flagged=sum(one.flagged for one in said),
            changed_at=max((at for at in times if at is not None), default=None),
        )

    def _read_questions(self) -> tuple[Question, ...]:
        path = self._folder.questions_path
        try:
            changed = path.stat().st_mtime
        except OSError:
            return ()
        if self._questions is None or self._questions[0] != changed:
            self._questions = changed, load_questions(str(path)).questions
        return self._questions[1]


def planned_calls(
    spec: RunSpec, questions: Sequence[Question], answered: Mapping[str, set[str]]
) -> int:
    """Return how many judgments a run asks for, of the answers that are there.

    Args:
        spec: what was asked for.
        questions: of the set.
        answered: ids of questions by contestant.
    """
    total = 0
    for protocol, judging in spec.judgings.items():
        single = protocol not in _TWO_ORDERS
        few = 1 if single else 2
        if len(answered) < few or judging.baseline not in (None, *answered):
            continue
        plan = JudgingPlan(protocol, (), judging.baseline, judging.repeats)
        for group in plan.groups(list(answered)):
            for question in questions:
                if all(question.id in answered[name] for name in group):
                    turns = len(judged_turns(protocol, question))
                    total += turns * judging.repeats * few * len(spec.judges)
    return total


def _calls(costs: Sequence[float | None], *, done: int, total: int | None) -> Calls:
    known = [cost for cost in costs if cost is not None]
    return Calls(
        done=done,
        failed=len(costs) - done,
        total=None if total is None else max(total, done),
        cost_usd=sum(known) if known else None,
        costs_known=len(known),
    )


def _sum(costs: Iterable[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None
