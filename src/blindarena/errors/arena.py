"""What a use-case of the arena refuses; `code` is stable and becomes the problem type."""

from collections.abc import Mapping

from blindarena.errors.base import BlindArenaError, InputError


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


class BoardHeldError(ArenaError):
    """The board of a review queue is held back while the queue is open."""

    code = "board-held"


class LoginRequiredError(ArenaError):
    """The arena is for people who log in by OpenID Connect, and nobody has in this session."""

    code = "login-required"


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
