"""Answers and judgments for the folder of a run: what they would cost, and their making."""

from collections.abc import Sequence
from dataclasses import dataclass

from blindarena import __version__
from blindarena.bootstrap.fleet import Fleet
from blindarena.bootstrap.judge_inputs import Named, enabled, identity_of
from blindarena.bootstrap.plan import Plan
from blindarena.domain.chat import Parameters
from blindarena.domain.judging import Question
from blindarena.errors import ConfigError
from blindarena.gateway.prices import Price, UnknownPrice
from blindarena.gateway.tokens import count_prompt_tokens
from blindarena.judge.answering import AskedContestant, request_of
from blindarena.judge.calling import Caller
from blindarena.judge.judging import Judge
from blindarena.judge.judging import request_of as judge_request
from blindarena.judge.keys import answer_key
from blindarena.judge.planning import Answers, JudgingPlan
from blindarena.judge.ports import Watcher
from blindarena.judge.questions import QuestionSet, write_jsonl
from blindarena.judge.run_folder import Judging, RunFolder, RunSpec
from blindarena.judge.running import (
    CONCURRENCY,
    Outcome,
    answers_of,
    ask_contestants,
    ask_judges,
    judgments_of,
    planned,
)
from blindarena.judge.spending import Purse, most_of


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would do, before it does.

    Attributes:
        calls: that are to be made.
        done: that earlier runs made.
        prompt_tokens: of all calls; answers that are not there yet are not counted.
        most_usd: if every answer is as long as it may be; None where a price is unknown.
    """

    calls: int
    done: int
    prompt_tokens: int
    most_usd: float | None


class JudgeDesk:
    """Answers and judgments for one folder; `open_judging` makes one.

    Args:
        plan: the server's, for deployments and arenas.
        fleet: its deployments, opened.
        folder: of the run.
        max_spend: in USD; None is no cap.
        concurrency: calls under way at once.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        fleet: Fleet,
        folder: RunFolder,
        max_spend: float | None = None,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._plan = plan
        self._fleet = fleet
        self._concurrency = concurrency
        self.folder = folder
        self.caller = Caller(fleet.router, purse=Purse(max_spend))

    def contestants(
        self, named: Sequence[Named], *, arena: str | None, parameters: Parameters
    ) -> list[AskedContestant]:
        """Return those named, and the enabled contestants of an arena.

        Raises:
            ConfigError: two have one name, or there is no such arena.
        """
        found = [
            AskedContestant(
                name=one.name,
                line=self.caller.line(one.name, [one.deployment], self._price(one.deployment)),
                identity=identity_of(self._plan, [one.deployment]),
                parameters=parameters,
            )
            for one in named
        ]
        found += [
            AskedContestant(
                name=each.name,
                line=self.caller.line(
                    each.name, each.deployments, self._price(each.deployments[0])
                ),
                identity=identity_of(self._plan, each.deployments),
                system=each.system,
                parameters=each.parameters,
            )
            for each in (enabled(self._plan, arena) if arena else ())
        ]
        names = [each.name for each in found]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ConfigError(f"two contestants are called {twice!r}; write NAME=DEPLOYMENT")
        return found

    def judges(
        self, named: Sequence[Named], *, parameters: Parameters, structured: bool
    ) -> list[Judge]:
        """Return those named."""
        return [
            Judge(
                name=one.name,
                line=self.caller.line(one.name, [one.deployment], self._price(one.deployment)),
                identity=identity_of(self._plan, [one.deployment]),
                parameters=parameters,
                structured=structured,
            )
            for one in named
        ]

    def begin_answers(self, questions: QuestionSet, contestants: Sequence[AskedContestant]) -> None:
        """Write down what is asked of whom, or check that it is as it was.

        Raises:
            ConfigError: the folder holds a run of something else.
        """
        self.folder.begin(
            RunSpec(
                version=__version__,
                questions=questions.digest,
                set_name=questions.name,
                contestants={each.name: each.digest for each in contestants},
            )
        )
        if not self.folder.questions_path.exists():
            fresh = self.folder.questions_path.with_suffix(".jsonl.new")
            fresh.write_bytes(b"".join(write_jsonl(questions.questions)))
            fresh.replace(self.folder.questions_path)

    def begin_judging(self, spec: RunSpec, judges: Sequence[Judge], plan: JudgingPlan) -> None:
        """Write down who judges what, or check that it is as it was.

        Raises:
            ConfigError: the folder holds other judgments.
        """
        self.folder.begin(
            RunSpec(
                version=__version__,
                questions=spec.questions,
                set_name=spec.set_name,
                judgings={
                    plan.protocol: Judging(
                        prompts={
                            each.name: each.digest
                            for each in plan.prompts
                            if each.protocol == plan.protocol
                        },
                        baseline=plan.baseline,
                        repeats=plan.repeats,
                    )
                },
                contestants=spec.contestants,
                judges={judge.name: judge.digest for judge in judges},
            )
        )

    def estimate_answers(
        self, questions: Sequence[Question], contestants: Sequence[AskedContestant]
    ) -> Estimate:
        """Count the answers that are missing, and price their first turns and full lengths."""
        calls = done = tokens = 0
        most: float | None = 0.0
        for each in contestants:
            journal = answers_of(self.folder, each.name)
            for question in questions:
                if journal.has(answer_key(each.name, each.digest, question)):
                    done += len(question.turns)
                    continue
                calls += len(question.turns)
                request = request_of(each, question, ())
                prompt = count_prompt_tokens(request.messages)
                tokens += prompt
                longest = request.parameters.max_tokens
                for turn in range(len(question.turns)):
                    asked = prompt + turn * longest
                    one = most_of(
                        each.line.price, prompt_tokens=asked, max_tokens=longest, seconds=0.0
                    )
                    most = None if most is None or one is None else most + one
        return Estimate(calls, done, tokens, most)

    def estimate_judging(
        self,
        questions: Sequence[Question],
        answers: Answers,
        judges: Sequence[Judge],
        plan: JudgingPlan,
    ) -> Estimate:
        """Count the judgments that are missing, and price them at full length."""
        calls = done = tokens = 0
        most: float | None = 0.0
        for judge in judges:
            journal = judgments_of(self.folder, judge.name)
            for call in planned(judge, questions, answers, plan):
                if journal.has(call.key):
                    done += 1
                    continue
                calls += 1
                prompt = count_prompt_tokens(judge_request(judge, call).messages)
                tokens += prompt
                one = most_of(
                    judge.line.price,
                    prompt_tokens=prompt,
                    max_tokens=judge.parameters.max_tokens,
                    seconds=0.0,
                )
                most = None if most is None or one is None else most + one
        return Estimate(calls, done, tokens, most)

    async def answer(
        self,
        questions: Sequence[Question],
        contestants: Sequence[AskedContestant],
        *,
        watch: Watcher | None = None,
    ) -> Outcome:
        """Ask for the answers that are missing; see `ask_contestants`."""
        return await ask_contestants(
            self.folder,
            questions,
            contestants,
            caller=self.caller,
            concurrency=self._concurrency,
            watch=watch,
        )

    async def judge(
        self,
        questions: Sequence[Question],
        answers: Answers,
        judges: Sequence[Judge],
        plan: JudgingPlan,
        *,
        watch: Watcher | None = None,
    ) -> Outcome:
        """Ask for the judgments that are missing; see `ask_judges`."""
        return await ask_judges(
            self.folder,
            questions,
            answers,
            judges,
            plan,
            caller=self.caller,
            concurrency=self._concurrency,
            watch=watch,
        )

    def _price(self, deployment: str) -> Price:
        return self._fleet.prices.get(deployment, UnknownPrice())
