"""Which calls a run of judges consists of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from blindarena.domain.chat import Parameters
from blindarena.domain.judging import ModelAnswer, Order, Protocol, Question
from blindarena.errors import ConfigError
from blindarena.judge.keys import Digest, judgment_key
from blindarena.judge.prompting import JudgePrompt, choose_prompt

Answers = Mapping[str, Mapping[str, ModelAnswer]]
"""By contestant, then by question."""


@dataclass(frozen=True, slots=True)
class JudgeCall:
    """One call of a judge that is to be made.

    Attributes:
        key: the same for the same call, whenever it is planned.
        answers: in the order as named; `order` says which is shown first.
    """

    key: Digest
    prompt: JudgePrompt
    question: Question
    answers: tuple[ModelAnswer, ...]
    turn: int
    order: Order | None
    repeat: int

    @property
    def shown(self) -> tuple[ModelAnswer, ...]:
        """The answers in the order in which the judge sees them."""
        return self.answers if self.order != "ba" else self.answers[::-1]


@dataclass(frozen=True, slots=True)
class JudgingPlan:
    """What is judged, and how.

    Attributes:
        protocol: what is judged.
        prompts: the texts to choose from.
        baseline: compare all others with this one; None compares all pairs.
        repeats: how often each judgment is asked for.
    """

    protocol: Protocol
    prompts: tuple[JudgePrompt, ...]
    baseline: str | None = None
    repeats: int = 1

    def groups(self, contestants: Sequence[str]) -> list[tuple[str, ...]]:
        """Return who is judged together.

        Raises:
            ConfigError: the baseline is not among them, or there is nobody to compare.
        """
        if self.protocol in ("single", "rubric"):
            return [(name,) for name in contestants]
        if self.protocol == "baseline" and self.baseline is None:
            raise ConfigError('the protocol "baseline" needs a baseline: --baseline NAME')
        if self.baseline is None:
            pairs: list[tuple[str, ...]] = list(combinations(contestants, 2))
        elif self.baseline not in contestants:
            raise ConfigError(
                f"baseline {self.baseline!r} has no answers; there are {', '.join(contestants)}"
            )
        else:
            pairs = [(name, self.baseline) for name in contestants if name != self.baseline]
        if not pairs:
            raise ConfigError("comparing needs answers of at least two contestants")
        return pairs

    def calls(
        self,
        questions: Sequence[Question],
        answers: Answers,
        *,
        judge: str,
        parameters: Parameters,
    ) -> Iterator[JudgeCall]:
        """Yield every call for one judge; where an answer is missing, there is none.

        Args:
            questions: in their order.
            answers: good ones only.
            judge: its name and what it is.
            parameters: how it is sampled.
        """
        orders: tuple[Order | None, ...] = ("ab", "ba")
        if self.protocol in ("single", "rubric"):
            orders = (None,)
        groups = self.groups(list(answers))
        for question in questions:
            for group in groups:
                given = [answers[name].get(question.id) for name in group]
                whole = tuple(each for each in given if each is not None)
                if len(whole) < len(group):
                    continue
                for turn in judged_turns(self.protocol, question):
                    prompt = self._prompt(question, turn)
                    for repeat in range(self.repeats):
                        for order in orders:
                            key = judgment_key(
                                protocol=self.protocol,
                                judge=judge,
                                prompt=prompt.digest,
                                parameters=parameters,
                                question=question,
                                answers=whole,
                                turn=turn,
                                order=order,
                                repeat=repeat,
                            )
                            yield JudgeCall(key, prompt, question, whole, turn, order, repeat)

    def _prompt(self, question: Question, turn: int) -> JudgePrompt:
        reference = len(question.reference) >= turn and self.protocol in ("single", "pair")
        return choose_prompt(self.prompts, protocol=self.protocol, turns=turn, reference=reference)


def judged_turns(protocol: Protocol, question: Question) -> range:
    """Return the turns that are judged.

    Single grading and pairs judge each of two turns; the others judge the first, a checklist only
    where the question has one.
    """
    if protocol == "rubric" and not question.rubric:
        return range(0)
    most = 2 if protocol in ("single", "pair") else 1
    return range(1, min(most, len(question.turns)) + 1)


def texts_of(call: JudgeCall) -> dict[str, str]:
    """Return the texts for the fields of a prompt, the answers in the order shown.

    A system prompt of the question (a policy to follow) is shown with the question.
    """
    question, turn = call.question, call.turn
    asked = list(question.turns)
    if question.system:
        asked[0] = f"(The assistant was told: {question.system})\n\n{asked[0]}"
    texts = {"question": asked[0]}
    texts |= {f"question_{n}": text for n, text in enumerate(asked, 1)}
    texts |= {f"ref_answer_{n}": text for n, text in enumerate(question.reference, 1)}
    texts["checklist"] = "\n".join(f"{item.id}: {item.text}" for item in question.rubric)
    letters = ("",) if len(call.shown) == 1 else ("_a", "_b")
    for letter, answer in zip(letters, call.shown, strict=True):
        texts[f"answer{letter}"] = answer.turns[0].text
        for n, said in enumerate(answer.turns[:turn], 1):
            texts[f"answer{letter}_{n}"] = said.text
    return texts
