"""A run as it stands, for who only reads it."""

from dataclasses import dataclass
from pathlib import Path

from blindarena.domain.judging import Judgment, ModelAnswer, Question
from blindarena.errors import ConfigError
from blindarena.judge.planning import Answers
from blindarena.judge.questions import load_questions
from blindarena.judge.records import Journal
from blindarena.judge.run_folder import RunFolder, RunSpec


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """All records of a run that count.

    Attributes:
        name: the folder's.
        spec: what was asked for.
        questions: in their order.
        answers: good ones, by contestant and question.
        judgments: of all judges, the latest of each call, failed ones included.
    """

    name: str
    spec: RunSpec
    questions: tuple[Question, ...]
    answers: Answers
    judgments: tuple[Judgment, ...]


def is_run(root: Path) -> bool:
    """Say whether a folder holds a run."""
    return RunFolder(root).spec_path.is_file()


def read_judged_run(root: Path) -> JudgedRun:
    """Read a run; nothing is written, and another process may be at work on it.

    Raises:
        ConfigError: there is none in the folder.
        InputError: a file of it cannot be read: file, line and why.
    """
    folder = RunFolder(root)
    spec = folder.read()
    if spec is None:
        raise ConfigError(f"{root}: no run here; begin one with `blindarena judge answer`")
    answers: dict[str, dict[str, ModelAnswer]] = {}
    for name in spec.contestants:
        given = Journal(
            folder.answers_path(name),
            kind=ModelAnswer,
            key=lambda record: record.id,
            done=lambda record: record.error is None,
            mend=False,
        )
        good = [each for each in given.records.values() if each.error is None]
        answers[name] = {each.question_id: each for each in good}
    judgments: list[Judgment] = []
    for name in spec.judges:
        said = Journal(
            folder.judgments_path(name),
            kind=Judgment,
            key=lambda record: record.key,
            done=lambda record: record.error is None,
            mend=False,
        )
        judgments += said.records.values()
    questions = load_questions(str(folder.questions_path)).questions
    return JudgedRun(root.name or str(root), spec, questions, answers, tuple(judgments))
