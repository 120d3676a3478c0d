"""Models that do not answer, and requests to the gateway that are refused."""

from typing import Literal

from blindarena.errors.base import BlindArenaError

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


class ProviderError(BlindArenaError):
    """An upstream model failed.

    Args:
        message: for the owner's log; it may name the provider, so no voter ever sees it.
        fault: closed set of causes; neutral, so it may be told to a voter in our own words.
        deployment: which deployment failed.
        status: HTTP status of the upstream, where there was one.
        retryable: another attempt, here or elsewhere, may succeed.
        retry_after_s: the upstream's own wish, in seconds.
        said: the body of the upstream's refusal, for the program whose request it refused.
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
        said: bytes = b"",
    ) -> None:
        super().__init__(message)
        self.said = said
        self.fault: ProviderFault = fault
        self.deployment = deployment
        self.status = status
        self.retryable = retryable
        self.retry_after_s = retry_after_s


class FetchError(BlindArenaError):
    """A file could not be fetched from elsewhere, or is not the one that was promised."""


GatewayErrorType = Literal[
    "invalid_request_error",
    "authentication_error",
    "permission_error",
    "not_found_error",
    "rate_limit_error",
    "api_error",
    "overloaded_error",
]


class GatewayError(BlindArenaError):
    """The gateway refuses a request; the message is for the client, and names no key.

    Args:
        message: one clear line: what is wrong, the value, the cure.
        status: the HTTP status, 4xx or 5xx.
        type: OpenAI's and Anthropic's word for the class of error.
        code: stable, for programs, e.g. "model_not_found".
        param: the field of the body that is wrong.
        retry_after_s: when to come back, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        type: GatewayErrorType,
        code: str,
        param: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type: GatewayErrorType = type
        self.code = code
        self.param = param
        self.retry_after_s = retry_after_s


class EngineError(BlindArenaError):
    """A local inference engine could not be started or kept alive."""
