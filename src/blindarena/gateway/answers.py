"""Put an answer together while it streams: text, size, usage, times, cost."""

import time
from collections.abc import Callable

from blindarena.domain.chat import ChatRequest, Finished, FinishReason, Usage
from blindarena.errors import ProviderError
from blindarena.gateway.prices import Price
from blindarena.gateway.tokens import count_prompt_tokens, count_tokens

MAX_ANSWER_CHARS = 1_000_000

Clock = Callable[[], float]


class AnswerBuilder:
    """One answer on its way, from sending the request to Finished.

    Args:
        deployment: who answers.
        request: what was asked; counted where the upstream reports no usage.
        price: turns usage and seconds into a cost.
        clock: seconds on any steady scale.
        max_chars: the text ends here, with finish reason "length".
    """

    def __init__(
        self,
        *,
        deployment: str,
        request: ChatRequest,
        price: Price,
        clock: Clock = time.perf_counter,
        max_chars: int = MAX_ANSWER_CHARS,
    ) -> None:
        self._deployment = deployment
        self._request = request
        self._price = price
        self._clock = clock
        self._room = max_chars
        self._began = clock()
        self._first: float | None = None
        self._pieces: list[str] = []
        self._blank = ""

    @property
    def full(self) -> bool:
        """Say whether the text has reached its size limit."""
        return self._room <= 0

    @property
    def started(self) -> bool:
        """Say whether any text was passed on."""
        return self._first is not None

    def add(self, text: str) -> str:
        """Take a piece of text and return what to pass on now, possibly nothing.

        Blank text at the beginning waits for the first visible sign, so that an answer of blanks
        alone is still an empty answer when it ends.
        """
        if self._first is None:
            if text.isspace() and self._room > len(self._blank) + len(text):
                self._blank += text
                return ""
            text, self._blank = self._blank + text, ""
            if not text or text.isspace():
                self._room -= len(text)
                return ""
            self._first = self._clock()
        if len(text) > self._room:
            text = text[: self._room]
        self._room -= len(text)
        self._pieces.append(text)
        return text

    def finish(
        self,
        reason: FinishReason,
        *,
        usage: Usage | None = None,
        cached_tokens: int = 0,
    ) -> Finished:
        """Build the last event.

        Args:
            reason: why the text ended.
            usage: as reported by the upstream; None counts it here.
            cached_tokens: prompt tokens that the upstream says it had cached.

        Raises:
            ProviderError: there was no text (fault "empty", or "declined" where that is why).
        """
        ended = self._clock()
        if self._first is None:
            raise ProviderError(
                f"{self._deployment}: the answer has no text (finish reason {reason})",
                fault="declined" if reason == "content_filter" else "empty",
                deployment=self._deployment,
                retryable=reason != "content_filter",
            )
        if usage is None:
            usage = Usage(
                prompt_tokens=count_prompt_tokens(self._request.messages),
                completion_tokens=count_tokens("".join(self._pieces)),
                reported=False,
            )
        seconds = ended - self._began
        cost, label = self._price.cost(usage, seconds, cached_tokens=cached_tokens)
        return Finished(
            finish_reason=reason,
            usage=usage,
            ttft_s=self._first - self._began,
            seconds=seconds,
            cost_usd=cost,
            price=label,
            deployment=self._deployment,
        )
