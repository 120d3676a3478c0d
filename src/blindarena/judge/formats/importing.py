"""Files of others as a run of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from blindarena.domain.judging import Judgment, Protocol
from blindarena.errors import InputError
from blindarena.judge.formats.gathering import Gathered
from blindarena.judge.questions import QuestionSet, write_jsonl
from blindarena.judge.run_folder import Judging, RunFolder, RunSpec
from blindarena.judge.running import answers_of, judgments_of

IDENTITY: Final = "imported"
"""What stands in `run.json` for contestants, judges and prompts that nobody of ours asked."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import brought.

    Attributes:
        questions, answers, judgments: in the files.
        added_answers, added_judgments: of them, what was not in the folder before.
        contestants, judges: names.
        skipped: files that are none of the known kinds.
    """

    questions: int
    answers: int
    judgments: int
    added_answers: int
    added_judgments: int
    contestants: tuple[str, ...]
    judges: tuple[str, ...]
    skipped: tuple[str, ...]


def write_run(gathered: Gathered, root: Path, *, version: str) -> ImportReport:
    """Write a run folder, or add to one; what is there already is not written again.

    Args:
        gathered: what was read.
        root: the folder.
        version: of BlindArena.

    Raises:
        ConfigError: the folder holds a run with other questions, or another process is at it.
        InputError: there is no question.
    """
    questions = QuestionSet(gathered.name, tuple(gathered.questions.values()))
    if not questions.questions:
        raise InputError("the files hold no question, answer or judgment")
    folder = RunFolder(root)
    with folder.locked():
        folder.begin(
            RunSpec(
                version=version,
                questions=questions.digest,
                set_name=gathered.name,
                judgings=_judgings(gathered.judgments),
                contestants=dict.fromkeys(gathered.contestants, IDENTITY),
                judges=dict.fromkeys(gathered.judges, IDENTITY),
            )
        )
        if not folder.questions_path.exists():
            folder.questions_path.write_bytes(b"".join(write_jsonl(questions.questions)))
        answers = judgments = 0
        for name in gathered.contestants:
            given = answers_of(folder, name)
            for answer in (a for (who, _), a in gathered.answers.items() if who == name):
                if given.records.get(answer.id) != answer:
                    given.add(answer)
                    answers += 1
            given.close()
        for name in gathered.judges:
            said = judgments_of(folder, name)
            for judgment in (one for one in gathered.judgments if one.judge == name):
                if said.records.get(judgment.key) != judgment:
                    said.add(judgment)
                    judgments += 1
            said.close()
    return ImportReport(
        questions=len(questions.questions),
        answers=len(gathered.answers),
        judgments=len(gathered.judgments),
        added_answers=answers,
        added_judgments=judgments,
        contestants=gathered.contestants,
        judges=gathered.judges,
        skipped=tuple(map(str, gathered.skipped)),
    )


def _judgings(judgments: Sequence[Judgment]) -> dict[Protocol, Judging]:
    found: dict[Protocol, Judging] = {}
    for protocol in dict.fromkeys(one.protocol for one in judgments):
        mine = [one for one in judgments if one.protocol == protocol]
        against = {one.contestants[-1] for one in mine}
        found[protocol] = Judging(
            prompts=dict.fromkeys(sorted({one.prompt for one in mine}), IDENTITY),
            baseline=against.pop() if protocol == "baseline" and len(against) == 1 else None,
            repeats=1 + max(one.repeat for one in mine),
        )
    return found
