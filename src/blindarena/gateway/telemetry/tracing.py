"""Spans of requests and of their attempts, by OpenTelemetry; loaded only where it is asked for.

Attributes `gen_ai.*` are those of the semantic conventions for generative AI (1.44, status
"Development"). No span has a text of prompt or answer, nor a key.
"""

from collections.abc import Callable, Mapping
from time import perf_counter, time_ns

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from blindarena import __version__
from blindarena.domain.usage import UsageRow
from blindarena.errors import ProviderError
from blindarena.gateway.calls import Call
from blindarena.gateway.telemetry.exposition import OPERATIONS

_propagator = TraceContextTextMapPropagator()


class Tracing:
    """Makes the spans of one process.

    Args:
        provider: gets them; `close` ends it.
        provider_of: the convention's name of a deployment's provider; "" where there is none.
        passes_to: whether a deployment may see the trace's id.
    """

    def __init__(
        self,
        provider: TracerProvider,
        *,
        provider_of: Callable[[str], str],
        passes_to: Callable[[str], bool],
    ) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("blindarena", __version__)
        self._provider_of = provider_of
        self._passes_to = passes_to

    def begin(self, call: Call, carrier: Mapping[str, str], *, began: float) -> None:
        """Begin the span of a request that was let in, and hang it at the call.

        Args:
            call: the request.
            carrier: `traceparent` and `tracestate` as the client sent them.
            began: when it came, by `perf_counter`.
        """
        operation = OPERATIONS[call.endpoint]
        attributes: dict[str, str | int | bool] = {
            "gen_ai.operation.name": operation,
            "gen_ai.request.model": call.model,
            "gen_ai.request.stream": call.stream,
            "blindarena.endpoint": call.endpoint,
            "blindarena.request_id": call.request_id,
        }
        if call.max_tokens is not None:
            attributes["gen_ai.request.max_tokens"] = call.max_tokens
        span = self._tracer.start_span(
            f"{operation} {call.model}",
            context=_propagator.extract(carrier, Context()),
            kind=SpanKind.SERVER,
            attributes=attributes,
            start_time=time_ns() - round((perf_counter() - began) * 1e9),
        )
        call.trace = RequestTrace(
            span, self._tracer, provider_of=self._provider_of, passes_to=self._passes_to
        )

    def close(self) -> None:
        """Send what waits, for as long as the environment says."""
        self._provider.shutdown()


class RequestTrace:
    """The span of one request, and the spans of its attempts below it."""

    __slots__ = ("_attempts", "_passes_to", "_provider_of", "_span", "_tracer")

    def __init__(
        self,
        span: Span,
        tracer: Tracer,
        *,
        provider_of: Callable[[str], str],
        passes_to: Callable[[str], bool],
    ) -> None:
        self._span = span
        self._tracer = tracer
        self._provider_of = provider_of
        self._passes_to = passes_to
        self._attempts = 0

    def attempt(self, call: Call, deployment: str) -> "AttemptTrace":
        """Begin the span of an attempt; `call.trace_headers` are what its upstream is told."""
        self._attempts += 1
        operation = OPERATIONS[call.endpoint]
        span = self._tracer.start_span(
            f"{operation} {call.model}",
            context=set_span_in_context(self._span, Context()),
            kind=SpanKind.CLIENT,
            attributes={
                "gen_ai.operation.name": operation,
                "gen_ai.provider.name": self._provider_of(deployment),
                "gen_ai.request.model": call.model,
                "blindarena.deployment": deployment,
                "blindarena.attempt": self._attempts,
            },
        )
        call.trace_headers = None
        if self._passes_to(deployment):
            carrier: dict[str, str] = {}
            _propagator.inject(carrier, set_span_in_context(span, Context()))
            call.trace_headers = carrier
        return AttemptTrace(span)

    def end(self, row: UsageRow) -> None:
        """End the request's span with what became of it."""
        span = self._span
        span.set_attribute("http.response.status_code", row.status)
        if row.fault == "model_not_found":  # a name of a client's is no good name of a span
            span.update_name(OPERATIONS[row.endpoint])
        if row.deployment is not None:
            span.set_attribute("blindarena.deployment", row.deployment)
            span.set_attribute("gen_ai.provider.name", self._provider_of(row.deployment))
        if row.key_id is not None:
            span.set_attribute("blindarena.key_id", str(row.key_id))
        if row.prompt_tokens is not None and row.completion_tokens is not None:
            span.set_attribute("gen_ai.usage.input_tokens", row.prompt_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", row.completion_tokens)
        if row.cached_tokens:
            span.set_attribute("gen_ai.usage.cache_read.input_tokens", row.cached_tokens)
        if row.stream and row.ttft_s is not None:
            span.set_attribute("gen_ai.response.time_to_first_chunk", row.ttft_s)
        if row.cost_usd is not None:
            span.set_attribute("blindarena.cost_usd", row.cost_usd)
        if row.fault is not None:
            span.set_attribute("error.type", row.fault)
        # By the conventions a server's span fails only where the server does.
        if row.status >= 500:
            span.set_status(StatusCode.ERROR)
        span.end()


class AttemptTrace:
    """The span of one request at one deployment."""

    __slots__ = ("_span",)

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, error: ProviderError | None) -> None:
        """End it; what the upstream said stays out of it, for it may quote the prompt."""
        if error is not None:
            self._span.set_attribute("error.type", error.fault)
            if error.status is not None:
                self._span.set_attribute("http.response.status_code", error.status)
            self._span.set_status(StatusCode.ERROR)
        self._span.end()
