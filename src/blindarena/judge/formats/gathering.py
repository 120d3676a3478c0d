"""Find out what the files of a folder are, and read them all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from blindarena.domain.judging import Judgment, ModelAnswer, Question
from blindarena.errors import InputError
from blindarena.judge.formats import alpaca_eval, arena_hard, fastchat
from blindarena.judge.formats.rows import FileRow, rows_of
from blindarena.judge.questions import read_jsonl
from blindarena.judge.run_folder import file_name

Kind = Literal[
    "questions", "answers", "references", "single", "pair", "arena-hard", "alpaca", "outputs"
]
UNKNOWN_QUESTION: Final = "(the question is not in the imported files)"
_SUFFIXES: Final = (".jsonl", ".json")
_OTHER: Final = ("judge_prompts.jsonl", "price_sheet", "leaderboard")


@dataclass
class Gathered:
    """What files of others hold, in our types.

    Attributes:
        name: what the set of questions is called.
        read: rows by kind of file.
        answers: by contestant and question.
        judgments: in the order of the files.
        skipped: files that are none of the known kinds.
    """

    name: str
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[tuple[str, str], ModelAnswer] = field(default_factory=dict)
    judgments: list[Judgment] = field(default_factory=list)
    read: Counter[Kind] = field(default_factory=Counter)
    skipped: list[Path] = field(default_factory=list)

    @property
    def contestants(self) -> tuple[str, ...]:
        """All who answered or were judged, sorted."""
        answered = {name for name, _ in self.answers}
        return tuple(sorted(answered.union(*(one.contestants for one in self.judgments))))

    @property
    def judges(self) -> tuple[str, ...]:
        """All who judged, sorted."""
        return tuple(sorted({one.judge for one in self.judgments}))


def gather(source: Path, *, baseline: str | None = None) -> Gathered:
    """Read a file, or all files of a folder, of FastChat, Arena-Hard or AlpacaEval.

    What a file is, is told by its first row, not by its name. A question that only judgments
    name gets a text that says so.

    Args:
        source: the file or the folder.
        baseline: of Arena-Hard's judgments, where the files do not name it.

    Raises:
        InputError: nothing can be read there, or a row is wrong: file, line and why.
    """
    files = sorted(_files(source))
    gathered = Gathered(source.stem or "imported")
    kinds = {path: _kind(path) for path in files}
    order: tuple[Kind, ...] = ("questions", "answers", "outputs", "references")
    for kind in order:  # judgments come last, since they take the questions' categories
        for path in files:
            if kinds[path] == kind:
                _take(gathered, path, kind)
    for path in files:
        found = kinds[path]
        if found is None:
            gathered.skipped.append(path)
        elif found not in order:
            _take_judgments(gathered, path, found, baseline)
    if not gathered.read:
        raise InputError(
            f"{source}: no file of FastChat, Arena-Hard or AlpacaEval; expected question.jsonl, "
            "model_answer/, model_judgment/ or annotations.json"
        )
    named = [one.question_id for one in gathered.judgments]
    named += [one.question_id for one in gathered.answers.values()]
    for number in named:
        unknown = Question(number, "general", (UNKNOWN_QUESTION, UNKNOWN_QUESTION))
        gathered.questions.setdefault(number, unknown)
    return gathered


def _files(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
        return
    for path in source.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(source).parts)
        if path.suffix in _SUFFIXES and path.is_file() and not hidden:
            yield path


def _kind(path: Path) -> Kind | None:
    """Tell a file's kind from its first row; None where it is none of ours."""
    if path.name.startswith(_OTHER):
        return None
    row = next(iter(rows_of(path)), None)
    if row is None:
        return None
    keys = row.value.keys()
    tests: tuple[tuple[Kind, set[str]], ...] = (
        ("pair", {"g1_winner", "g2_winner"}),
        ("arena-hard", {"games", "model"}),
        ("alpaca", {"generator_1", "generator_2", "instruction"}),
        ("outputs", {"generator", "output", "instruction"}),
        ("single", {"score", "judge", "model"}),
        ("answers", {"choices", "model_id"}),
        ("answers", {"messages", "model", "uid"}),
        ("questions", {"turns"}),
        ("questions", {"prompt", "uid"}),
    )
    kind = next((kind for kind, needed in tests if needed <= keys), None)
    if kind == "answers" and "reference" in f"{path.parent.name}/{path.name}":
        return "references"
    return kind


def _take(gathered: Gathered, path: Path, kind: Kind) -> None:
    """Read questions and answers."""
    if kind == "questions":
        for question in read_jsonl(path.read_text("utf-8-sig"), source=str(path)):
            if gathered.questions.setdefault(question.id, question) != question:
                raise InputError(f"{path}: question {question.id!r} is another in another file")
            gathered.read[kind] += 1
        return
    for row in rows_of(path):
        gathered.read[kind] += 1
        if kind == "outputs":
            question, answer = alpaca_eval.read_output(row)
            gathered.questions.setdefault(question.id, question)
        elif "messages" in row.value:
            answer = arena_hard.read_answer(row)
        else:
            answer = _named(fastchat.read_answer(row), path)
        if kind == "references":
            _refer(gathered, answer, row)
        else:
            gathered.answers[answer.contestant, answer.question_id] = answer


def _named(answer: ModelAnswer, path: Path) -> ModelAnswer:
    """Call a contestant as its file is called, as FastChat does, whatever the lines say."""
    if path.parent.name != "model_answer" or path.stem == file_name(answer.contestant):
        return answer
    return replace(answer, contestant=path.stem)


def _refer(gathered: Gathered, answer: ModelAnswer, row: FileRow) -> None:
    """Take a reference answer into its question: it is what a judge was shown."""
    question = gathered.questions.get(answer.question_id)
    texts = tuple(turn.text for turn in answer.turns)
    if question is None:
        raise InputError(f"{row.where}: there is no question {answer.question_id} to refer to")
    gathered.questions[question.id] = replace(question, reference=texts[: len(question.turns)])


def _take_judgments(gathered: Gathered, path: Path, kind: Kind, baseline: str | None) -> None:
    seen: Counter[tuple[object, ...]] = Counter()
    for row in rows_of(path):
        gathered.read[kind] += 1
        if kind == "alpaca":
            question, answers, judgment = alpaca_eval.read_annotation(row)
            gathered.questions.setdefault(question.id, question)
            for answer in answers:
                gathered.answers[answer.contestant, answer.question_id] = answer
            gathered.judgments.append(judgment)
            continue
        number = str(row.value.get("question_id", row.value.get("uid")))
        known = gathered.questions.get(number)
        if kind == "arena-hard":
            gathered.judgments += arena_hard.read_judged(
                row,
                folder=path.parent.name,
                baseline=baseline,
                category=known.category if known else None,
            )
            continue
        # The same judgment again is a repeat: FastChat adds to its files, run after run.
        value = row.value
        who = tuple(str(value.get(key)) for key in ("judge", "model", "model_1", "model_2", "turn"))
        repeat = seen[number, who]
        seen[number, who] += 1
        category = known.category if known else "general"
        if kind == "single":
            gathered.judgments.append(fastchat.read_single(row, category=category, repeat=repeat))
        else:
            gathered.judgments += fastchat.read_pair(row, category=category, repeat=repeat)
