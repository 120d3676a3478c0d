"""Every exception that BlindArena raises on purpose.

BlindArenaError
├── InputError                 something given to us is wrong: what, where, the value, the cure
│   ├── ConfigError            blindarena.toml, arenas/*.toml, a command-line option
│   │   └── ArenaFileError     an arena file, with every problem in `problems`
│   └── VoteFileError          a file of votes or pair counts
├── RankingError
│   ├── NotIdentifiedError     the data do not determine a finite estimate
│   │   └── SeparationError    covariates foretell votes without exception
│   └── ConvergenceError       an iteration did not reach its tolerance
├── ProviderError              an upstream model did not answer as it should
├── EngineError                a local inference engine could not be started or kept alive
├── SecretError                the master key or a key sealed with it cannot be used
├── StorageError               the database could not be reached or is of another version
└── ArenaError                 a battle, a vote or a session was asked for something it cannot do
    ├── NotFoundError
    ├── ReadOnlyError
    ├── ArenaClosedError       the arena's deadline has passed
    ├── ChangedMeanwhileError  what was to be changed is no longer what was looked at
    ├── BattleStateError       the battle is not in a state that allows this
    ├── DuplicateVoteError     the battle already has its one vote
    ├── PromptsExhaustedError  this voter has done every prepared prompt
    ├── NotReadyError          fewer than two contestants can answer at the moment
    ├── ConsentError           no session, or no consent to this version
    ├── ForbiddenError         another voter's battle, a wrong CSRF token, not the owner
    ├── InvalidInputError      content or outcome is not acceptable
    │   ├── ImportFileError    a file of prompts has a row that cannot be read
    │   └── PersonalDataError  a message seems to hold personal data; `found` says how many of what
    ├── LoginError             the identity provider or its answer does not let somebody in
    └── RateLimitError         too many requests; `retry_after_s` says when to come back
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

ProviderFault = Literal[
    "refused",  # no connection
    "reset",  # the connection broke
    "timeout",  # no token in time
    "malformed",  # the reply was not what the protocol says
    "auth",  # 401, 403
    "rate_limit",  # 429
    "bad_request",  # other 4xx
    "server",  # 5xx
    "empty",  # it ended without any text
    "unavailable",  # no deployment of the contestant is ready
    "declined",  # the model refused in so many words, or the provider's filter ended the answer
]


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


class ProviderError(BlindArenaError):
    """An upstream model failed.

    Args:
        message: for the owner's log; it may name the provider, so no voter ever sees it.
        fault: closed set of causes; neutral, so it may be told to a voter in our own words.
        deployment: which deployment failed.
        status: HTTP status of the upstream, where there was one.
        retryable: another attempt, here or elsewhere, may succeed.
        retry_after_s: the upstream's own wish, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        fault: ProviderFault,
        deployment: str = "",
        status: int | None = None,
        retryable: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.fault: ProviderFault = fault
        self.deployment = deployment
        self.status = status
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class EngineError(BlindArenaError):
    """A local inference engine could not be started or kept alive."""


class SecretError(BlindArenaError):
    """The master key is missing or unusable, or what it should open was sealed by another."""

    code = "secrets"


class StorageError(BlindArenaError):
    """The database could not be reached, or is of another version."""


class ArenaError(BlindArenaError):
    """A use-case of the arena refused; `code` is stable and becomes the problem type."""

    code = "arena-error"


class NotFoundError(ArenaError):
    """No arena, battle or contestant of that name."""

    code = "not-found"


class ReadOnlyError(ArenaError):
    """A published board takes no battles."""

    code = "arena-read-only"


class ArenaClosedError(ArenaError):
    """The arena's deadline has passed; what began before may still be voted on."""

    code = "arena-closed"


class ChangedMeanwhileError(ArenaError):
    """What was to be changed is no longer what was looked at; look again."""

    code = "changed-meanwhile"


class BattleStateError(ArenaError):
    """The battle is not in a state that allows this."""

    code = "battle-state"


class DuplicateVoteError(BattleStateError):
    """The battle already has its one vote."""

    code = "already-voted"


class PromptsExhaustedError(ArenaError):
    """This voter has voted on every prepared prompt."""

    code = "prompts-exhausted"


class NotReadyError(ArenaError):
    """Fewer than two contestants can answer at the moment."""

    code = "not-ready"


class ConsentError(ArenaError):
    """There is no session, or it has not consented to this arena's version."""

    code = "consent-required"


class ForbiddenError(ArenaError):
    """The request may not do this: another voter's battle, a wrong CSRF token, not the owner."""

    code = "forbidden"


class InvalidInputError(ArenaError, InputError):
    """Content or outcome is not acceptable."""

    code = "invalid-input"


class ImportFileError(InvalidInputError):
    """A file of prompts, or a row of it, cannot be read."""

    code = "import-file"


class PersonalDataError(InvalidInputError):
    """A message seems to hold personal data; it was neither sent nor stored.

    Args:
        message: names kinds, never a value.
        found: how many of each kind.
        ask: the voter may send it all the same, by saying so.
    """

    code = "personal-data"

    def __init__(self, message: str, *, found: Mapping[str, int], ask: bool) -> None:
        super().__init__(message)
        self.found = dict(found)
        if ask:
            self.code = "personal-data-confirm"


class LoginError(ArenaError):
    """A login by OpenID Connect failed; the message is for the log, and holds no secret."""

    code = "login"


class ModerationError(InvalidInputError):
    """A message was held back by moderation; it was neither sent nor stored."""

    code = "moderated"


class ChallengeError(ArenaError):
    """A proof of work is asked for first, or what was given is worth nothing.

    Args:
        message: what is wrong, and the cure.
        code: stable: challenge-required, challenge-wrong, challenge-expired, challenge-used.
        challenge: a new one, ready to be solved.
    """

    def __init__(self, message: str, *, code: str, challenge: Mapping[str, object]) -> None:
        super().__init__(message)
        self.code = code
        self.challenge = dict(challenge)


class RateLimitError(ArenaError):
    """Too many requests; come back after `retry_after_s` seconds."""

    code = "rate-limited"

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
