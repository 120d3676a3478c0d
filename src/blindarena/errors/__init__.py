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
├── AnalysisError              two evaluations cannot be compared
│   ├── NothingInCommonError   no item, or too few contestants, are in both
│   └── ConstantScoresError    all contestants have one score, so there is no order to compare
├── ProviderError              an upstream model did not answer as it should
├── FetchError                 a file could not be fetched, or is not the one that was promised
├── GatewayError               a request to the gateway is refused: HTTP status, type and code
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
    ├── BoardHeldError         the board is held back while the review queue is open
    ├── LoginRequiredError     the arena is for people who log in
    ├── ForbiddenError         another voter's battle, a wrong CSRF token, not the owner
    ├── InvalidInputError      content or outcome is not acceptable
    │   ├── ImportFileError    a file of prompts has a row that cannot be read
    │   └── PersonalDataError  a message seems to hold personal data; `found` says how many of what
    ├── LoginError             the identity provider or its answer does not let somebody in
    └── RateLimitError         too many requests; `retry_after_s` says when to come back
"""

from blindarena.errors.arena import (
    ArenaClosedError,
    ArenaError,
    BattleStateError,
    BoardHeldError,
    ChallengeError,
    ChangedMeanwhileError,
    ConsentError,
    DuplicateVoteError,
    ForbiddenError,
    ImportFileError,
    InvalidInputError,
    LoginError,
    LoginRequiredError,
    ModerationError,
    NotFoundError,
    NotReadyError,
    PersonalDataError,
    PromptsExhaustedError,
    RateLimitError,
    ReadOnlyError,
)
from blindarena.errors.base import (
    AnalysisError,
    ArenaFileError,
    BlindArenaError,
    ConfigError,
    ConstantScoresError,
    ConvergenceError,
    FileProblem,
    InputError,
    NothingInCommonError,
    NotIdentifiedError,
    RankingError,
    SecretError,
    SeparationError,
    StorageError,
    VoteFileError,
)
from blindarena.errors.upstream import (
    EngineError,
    FetchError,
    GatewayError,
    GatewayErrorType,
    ProviderError,
    ProviderFault,
)

__all__ = [
    "AnalysisError",
    "ArenaClosedError",
    "ArenaError",
    "ArenaFileError",
    "BattleStateError",
    "BlindArenaError",
    "BoardHeldError",
    "ChallengeError",
    "ChangedMeanwhileError",
    "ConfigError",
    "ConsentError",
    "ConstantScoresError",
    "ConvergenceError",
    "DuplicateVoteError",
    "EngineError",
    "FetchError",
    "FileProblem",
    "ForbiddenError",
    "GatewayError",
    "GatewayErrorType",
    "ImportFileError",
    "InputError",
    "InvalidInputError",
    "LoginError",
    "LoginRequiredError",
    "ModerationError",
    "NotFoundError",
    "NotIdentifiedError",
    "NotReadyError",
    "NothingInCommonError",
    "PersonalDataError",
    "PromptsExhaustedError",
    "ProviderError",
    "ProviderFault",
    "RankingError",
    "RateLimitError",
    "ReadOnlyError",
    "SecretError",
    "SeparationError",
    "StorageError",
    "VoteFileError",
]
