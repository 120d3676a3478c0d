"""A run of ours as files that FastChat's tools read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blindarena.domain.judging import Judgment, ModelAnswer, Question
from blindarena.errors import ConfigError
from blindarena.judge.formats.fastchat import answer_row, pair_row, single_row
from blindarena.judge.formats.rows import number_or_text, write_rows
from blindarena.judge.judged_run import JudgedRun
from blindarena.judge.planning import JudgeCall, texts_of
from blindarena.judge.prompting import JudgePrompt, own_prompts
from blindarena.judge.questions import write_jsonl
from blindarena.judge.run_folder import file_name
from blindarena.judge.scoring.games import games_of


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written, in rows; what FastChat has no place for is counted too.

    Attributes:
        without_prompt: judgments whose request could not be rendered again.
        strong: verdicts that lost their strength.
        rubric: judgments of checklists, which are not written.
    """

    questions: int
    answers: int
    single: int
    pairs: int
    without_prompt: int
    strong: int
    rubric: int


def write_fastchat(
    run: JudgedRun, out: Path, *, prompts: Mapping[str, JudgePrompt] | None = None
) -> ExportReport:
    """Write a folder of `question.jsonl`, `model_answer`, `reference_answer`, `model_judgment`.

    Args:
        run: what to write.
        out: an empty folder, or one that is not there yet.
        prompts: texts by name, beside our own, to render again what judges were asked.

    Raises:
        ConfigError: the folder has something in it.
    """
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"--out {out}: is not empty; give a new folder")
    out.mkdir(parents=True, exist_ok=True)
    (out / "question.jsonl").write_bytes(b"".join(write_jsonl(run.questions)))
    answers = 0
    for name, given in run.answers.items():
        answers += write_rows(
            out / "model_answer" / f"{file_name(name)}.jsonl", map(answer_row, given.values())
        )
    known = {prompt.name: prompt for prompt in own_prompts().values()} | dict(prompts or {})
    asked = _Asked(run, known)
    single = pairs = 0
    for judge in run.spec.judges:
        mine = [one for one in run.judgments if one.judge == judge]
        folder, name = out / "model_judgment", file_name(judge)
        alone = [one for one in mine if one.protocol == "single"]
        single += write_rows(
            folder / f"{name}_single.jsonl", (single_row(one, asked=asked.of(one)) for one in alone)
        )
        pairs += write_rows(
            folder / f"{name}_pair.jsonl",
            (pair_row(games, asked=[asked.of(one) for one in games]) for games in games_of(mine)),
        )
        write_rows(out / "reference_answer" / f"{name}.jsonl", _references(run.questions, judge))
    return ExportReport(
        questions=len(run.questions),
        answers=answers,
        single=single,
        pairs=pairs,
        without_prompt=asked.missing,
        strong=sum(one.verdict in ("A>>B", "B>>A") for one in run.judgments),
        rubric=sum(one.protocol == "rubric" for one in run.judgments),
    )


class _Asked:
    """Renders again what a judge was sent."""

    def __init__(self, run: JudgedRun, prompts: Mapping[str, JudgePrompt]) -> None:
        self._run = run
        self._prompts = prompts
        self._questions = {question.id: question for question in run.questions}
        self.missing = 0

    def of(self, judgment: Judgment | None) -> str:
        if judgment is None:
            return ""
        question = self._questions.get(judgment.question_id)
        prompt = self._prompts.get(judgment.prompt)
        given = [
            self._run.answers.get(name, {}).get(judgment.question_id)
            for name in judgment.contestants
        ]
        answers = [answer for answer in given if answer is not None]
        turns = [len(answer.turns) for answer in answers]
        if (
            question is None
            or prompt is None
            or len(answers) < len(given)
            or min(turns) < judgment.turn
            or len(question.turns) < judgment.turn
        ):
            self.missing += 1
            return ""
        return prompt.render(_texts(judgment, question, prompt, tuple(answers)))


def _texts(
    judgment: Judgment, question: Question, prompt: JudgePrompt, answers: tuple[ModelAnswer, ...]
) -> dict[str, str]:
    return texts_of(
        JudgeCall(
            judgment.key, prompt, question, answers, judgment.turn, judgment.order, judgment.repeat
        )
    )


def _references(questions: Sequence[Question], judge: str) -> Iterator[dict[str, Any]]:
    for question in questions:
        if question.reference:
            yield {
                "question_id": number_or_text(question.id),
                "answer_id": f"reference-{question.id}",
                "model_id": judge,
                "choices": [{"index": 0, "turns": list(question.reference)}],
                "tstamp": 0.0,
            }
