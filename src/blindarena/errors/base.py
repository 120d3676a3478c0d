"""The roots of the tree, and what is wrong with files, numbers and the database."""

from collections.abc import Sequence
from dataclasses import dataclass


class BlindArenaError(Exception):
    """Base of all errors raised on purpose; its text is one clear line for a person."""


class InputError(BlindArenaError):
    """Something given to us is wrong; the message says what, where, the value and the cure."""


class ConfigError(InputError):
    """A configuration file, an environment variable or an option is wrong."""


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing that is wrong in a file.

    Attributes:
        line: counted from 1; None where it is of no one line.
        key: dotted, lists counted from 1, such as "contestants.2.name"; "" is the whole file.
        value: as written; None where there is none.
        cure: what to do; "" where the problem says it.
    """

    file: str
    line: int | None
    key: str
    value: str | None
    problem: str
    cure: str = ""

    def __str__(self) -> str:
        """Return one line: file, line, problem, cure."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.problem}" + (f"; {self.cure}" if self.cure else "")


class ArenaFileError(ConfigError):
    """An arena file cannot be used; its text is the first of its `problems`."""

    code = "arena-file"

    def __init__(self, problems: Sequence[FileProblem]) -> None:
        super().__init__(str(problems[0]))
        self.problems = tuple(problems)


class VoteFileError(InputError):
    """A file of votes or counts has a row that cannot be read."""


class RankingError(BlindArenaError):
    """No rating can be computed."""


class NotIdentifiedError(RankingError):
    """The data do not determine a finite estimate (the win graph is not strongly connected)."""


class SeparationError(NotIdentifiedError):
    """Covariates, alone or with strengths, foretell votes without exception: no finite estimate."""


class ConvergenceError(RankingError):
    """An iteration did not reach its tolerance."""


class AnalysisError(BlindArenaError):
    """Two evaluations cannot be compared."""


class NothingInCommonError(AnalysisError):
    """No item, or too few contestants, are in both evaluations."""


class ConstantScoresError(AnalysisError):
    """An evaluation gives all contestants one score, so there is no order to compare."""


class SecretError(BlindArenaError):
    """The master key is missing or unusable, or what it should open was sealed by another."""

    code = "secrets"


class StorageError(BlindArenaError):
    """The database could not be reached, or is of another version."""
