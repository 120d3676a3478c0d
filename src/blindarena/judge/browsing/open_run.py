"""A whole run in memory, kept up to date with its files."""

from dataclasses import dataclass

from blindarena.domain.judging import Judgment, ModelAnswer, Question
from blindarena.errors import ConfigError
from blindarena.judge.browsing.growing import GrowingFile
from blindarena.judge.browsing.items import Item, items_of
from blindarena.judge.judged_run import JudgedRun
from blindarena.judge.questions import load_questions
from blindarena.judge.run_folder import RunFolder
from blindarena.judge.scoring.summary import RunScores, score_run


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A run as it was at one moment.

    Attributes:
        run: its records.
        items: what can be looked at, by key, in the order of the questions.
    """

    run: JudgedRun
    items: dict[str, Item]


class OpenRun:
    """Reads a run, and later what was added to it.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._answers: dict[str, GrowingFile[ModelAnswer]] = {}
        self._judgments: dict[str, GrowingFile[Judgment]] = {}
        self._seen: Seen | None = None
        self._scored: tuple[Seen, RunScores] | None = None
        self._said: bytes = b""

    def seen(self) -> Seen:
        """Return the run as it is now; the same object as long as nothing was added.

        Raises:
            ConfigError: there is no run in the folder any more.
            InputError: a file of it cannot be read.
        """
        spec = self._folder.read()
        if spec is None:
            raise ConfigError(f"{self._folder.root}: no run here")
        said = self._folder.spec_path.read_bytes()
        changed = said != self._said
        for name in spec.contestants:
            file = self._answers.setdefault(
                name,
                GrowingFile(
                    self._folder.answers_path(name),
                    kind=ModelAnswer,
                    key=lambda one: one.id,
                    done=lambda one: one.error is None,
                ),
            )
            changed |= file.refresh()
        for name in spec.judges:
            told = self._judgments.setdefault(
                name,
                GrowingFile(
                    self._folder.judgments_path(name),
                    kind=Judgment,
                    key=lambda one: one.key,
                    done=lambda one: one.error is None,
                ),
            )
            changed |= told.refresh()
        if self._seen is None or changed:
            run = JudgedRun(
                name=self._folder.root.name,
                spec=spec,
                questions=self._questions(),
                answers={
                    name: {
                        one.question_id: one
                        for one in self._answers[name].records.values()
                        if one.error is None
                    }
                    for name in spec.contestants
                },
                judgments=tuple(
                    one for name in spec.judges for one in self._judgments[name].records.values()
                ),
            )
            self._seen = Seen(run, {item.key: item for item in items_of(run)})
            self._said = said
        return self._seen

    def scores(self) -> RunScores:
        """Return what the judgments say, computed once for what was read last."""
        seen = self.seen()
        if self._scored is None or self._scored[0] is not seen:
            self._scored = seen, score_run(seen.run)
        return self._scored[1]

    def _questions(self) -> tuple[Question, ...]:
        path = self._folder.questions_path
        return load_questions(str(path)).questions if path.is_file() else ()
