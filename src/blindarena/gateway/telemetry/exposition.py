"""The counts in Prometheus' text format; nothing of its library is loaded before somebody asks.

Names and labels `gen_ai_*` are those of OpenTelemetry's semantic conventions for generative AI
(1.44, status "Development"), written as its exporter for Prometheus writes them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from blindarena.gateway.routing.entry import DeploymentState
from blindarena.gateway.telemetry.counts import Answered, Histogram, Outcome

if TYPE_CHECKING:
    from prometheus_client.core import HistogramMetricFamily, Metric

OPERATIONS: Final[Mapping[str, str]] = {
    "chat": "chat",
    "messages": "chat",
    "completions": "text_completion",
    "embeddings": "embeddings",
}
_ASKED: Final = (
    "gen_ai_operation_name",
    "gen_ai_provider_name",
    "gen_ai_request_model",
    "deployment",
    "endpoint",
)
_BREAKER: Final = ("closed", "open", "half_open")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is exposed, at one moment.

    Attributes:
        providers: by deployment, as the conventions call them.
        fallbacks: requests that another model answered, by the model that was asked for.
        usage: rows of usage that wait, went to a file, and are lost.
        log_dropped: log lines that could not be written in time.
        workers: live ones by model.
        arena: battles begun and votes taken in this process, by arena; None without arenas.
    """

    version: str
    outcomes: Mapping[Outcome, Histogram] = field(default_factory=dict)
    answered: Mapping[tuple[str, str, str], Answered] = field(default_factory=dict)
    refusals: Mapping[tuple[str, int, str], int] = field(default_factory=dict)
    deployments: Mapping[str, DeploymentState] = field(default_factory=dict)
    providers: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Mapping[str, int] = field(default_factory=dict)
    usage: tuple[int, int, int] = (0, 0, 0)
    log_dropped: int = 0
    workers: Mapping[str, int] | None = None
    arena: Mapping[str, tuple[int, int]] | None = None


def render(snapshot: Snapshot, *, accept: str = "") -> tuple[bytes, str]:
    """Return a page for Prometheus and its content type.

    Args:
        snapshot: what to tell.
        accept: the header of whoever asks; OpenMetrics where it wants that.
    """
    from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
    from prometheus_client.exposition import choose_encoder

    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(_Collected(snapshot))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Collected:
    """What prometheus_client asks for metrics."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> "Iterator[Metric]":
        """Yield the families."""
        snapshot = self._snapshot
        yield from _requests(snapshot)
        yield from _deployments(snapshot.deployments)
        yield from _rest(snapshot)


def _requests(snapshot: Snapshot) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

    def asked(model: str, deployment: str, endpoint: str) -> list[str]:
        provider = snapshot.providers.get(deployment, "")
        return [OPERATIONS[endpoint], provider, model, deployment, endpoint]

    durations = HistogramMetricFamily(
        "gen_ai_server_request_duration_seconds",
        "From a request's arrival to the last byte of its reply.",
        labels=[*_ASKED, "status_class", "error_type"],
    )
    for outcome, found in snapshot.outcomes.items():
        labels = asked(outcome.model, outcome.deployment, outcome.endpoint)
        _put(durations, [*labels, outcome.status_class, outcome.fault], found)
    yield durations
    first = HistogramMetricFamily(
        "gen_ai_server_time_to_first_token_seconds",
        "From a request's arrival to the first event passed on, of streams that ended well.",
        labels=_ASKED,
    )
    per_token = HistogramMetricFamily(
        "gen_ai_server_time_per_output_token_seconds",
        "After the first token, of streams that ended well.",
        labels=_ASKED,
    )
    tokens = HistogramMetricFamily(
        "gen_ai_client_token_usage",
        "Tokens of one request.",
        labels=[*_ASKED, "gen_ai_token_type"],
    )
    cached = CounterMetricFamily(
        "blindarena_gateway_cached_tokens",
        "Prompt tokens that the upstream took from its cache.",
        labels=_ASKED,
    )
    spent = CounterMetricFamily(
        "blindarena_gateway_spend_usd", "Cost of what was answered, in USD.", labels=_ASKED
    )
    unpriced = CounterMetricFamily(
        "blindarena_gateway_unpriced_requests",
        "Requests whose cost nobody knows; they are not in the spend.",
        labels=_ASKED,
    )
    for (model, deployment, endpoint), answered in snapshot.answered.items():
        labels = asked(model, deployment, endpoint)
        _put(first, labels, answered.first)
        _put(per_token, labels, answered.per_token)
        _put(tokens, [*labels, "input"], answered.prompt)
        _put(tokens, [*labels, "output"], answered.completion)
        cached.add_metric(labels, answered.cached)
        spent.add_metric(labels, answered.usd)
        unpriced.add_metric(labels, answered.unpriced)
    yield from (first, per_token, tokens, cached, spent, unpriced)
    refused = CounterMetricFamily(
        "blindarena_gateway_refused_requests",
        "Requests that were not let in.",
        labels=["endpoint", "status", "error_type"],
    )
    for (endpoint, status, code), count in snapshot.refusals.items():
        refused.add_metric([endpoint, str(status), code], count)
    yield refused


def _deployments(states: Mapping[str, DeploymentState]) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    def gauge(name: str, text: str, values: Iterable[tuple[str, float]]) -> "Metric":
        family = GaugeMetricFamily(f"blindarena_deployment_{name}", text, labels=["deployment"])
        for deployment, value in values:
            family.add_metric([deployment], value)
        return family

    all_states = states.items()
    yield gauge(
        "up",
        "1 where it takes new requests: it is ready, well and not drained.",
        ((n, float(s.status.status == "ready")) for n, s in all_states),
    )
    yield gauge(
        "in_flight_requests",
        "Requests that have a place, those of arenas and judges too.",
        ((n, s.in_flight) for n, s in all_states),
    )
    yield gauge(
        "waiting_requests",
        "Requests in line; one that waits at several deployments counts at each.",
        ((n, s.waiting) for n, s in all_states),
    )
    yield gauge(
        "places",
        "Most requests at a time; absent where there is no limit.",
        ((n, s.max_concurrent) for n, s in all_states if s.max_concurrent is not None),
    )
    yield gauge(
        "rests_seconds",
        "For how long its provider has asked to be left alone.",
        ((n, s.rests_s) for n, s in all_states),
    )
    circuit = GaugeMetricFamily(
        "blindarena_deployment_circuit_state",
        "1 for the state of the circuit breaker, 0 for the others.",
        labels=["deployment", "state"],
    )
    attempts = CounterMetricFamily(
        "blindarena_deployment_attempts", "Requests sent to it.", labels=["deployment"]
    )
    retries = CounterMetricFamily(
        "blindarena_deployment_retries",
        "Of these, those that had failed before.",
        labels=["deployment"],
    )
    failures = CounterMetricFamily(
        "blindarena_deployment_failures",
        "Of these, those that failed there.",
        labels=["deployment", "error_type"],
    )
    for name, state in all_states:
        for value in _BREAKER:
            circuit.add_metric([name, value], float(state.breaker == value))
        attempts.add_metric([name], state.status.requests)
        retries.add_metric([name], state.retries)
        for fault, count in state.status.errors.items():
            failures.add_metric([name, fault], count)
    yield from (circuit, attempts, retries, failures)


def _rest(snapshot: Snapshot) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    fallbacks = CounterMetricFamily(
        "blindarena_gateway_fallbacks",
        "Requests that another model than the one asked for answered.",
        labels=["gen_ai_request_model"],
    )
    for model, count in snapshot.fallbacks.items():
        fallbacks.add_metric([model], count)
    yield fallbacks
    waiting, spilled, lost = snapshot.usage
    yield GaugeMetricFamily(
        "blindarena_gateway_usage_rows_waiting", "Rows of usage not written yet.", value=waiting
    )
    yield CounterMetricFamily(
        "blindarena_gateway_usage_rows_spilled",
        "Rows of usage that went to a file, as the database did not take them.",
        value=spilled,
    )
    yield CounterMetricFamily(
        "blindarena_gateway_usage_rows_lost",
        "Rows of usage that neither database nor disk took.",
        value=lost,
    )
    yield CounterMetricFamily(
        "blindarena_gateway_log_lines_dropped",
        "Log lines that could not be written in time.",
        value=snapshot.log_dropped,
    )
    build = GaugeMetricFamily("blindarena_build_info", "The version.", labels=["version"])
    build.add_metric([snapshot.version], 1)
    yield build
    if snapshot.workers is not None:
        workers = GaugeMetricFamily(
            "blindarena_gateway_workers", "Workers that have joined.", labels=["model"]
        )
        for model, count in snapshot.workers.items():
            workers.add_metric([model], count)
        yield workers
    if snapshot.arena is not None:
        battles = CounterMetricFamily(
            "blindarena_battles", "Battles that began in this process.", labels=["arena"]
        )
        votes = CounterMetricFamily(
            "blindarena_votes", "Votes stored by this process.", labels=["arena"]
        )
        for arena, (begun, voted) in snapshot.arena.items():
            battles.add_metric([arena], begun)
            votes.add_metric([arena], voted)
        yield from (battles, votes)


def _put(family: "HistogramMetricFamily", labels: list[str], found: Histogram) -> None:
    bounds = [*(f"{bound:g}" for bound in found.bounds), "+Inf"]
    within = accumulate(found.counts)
    family.add_metric(labels, list(zip(bounds, within, strict=True)), sum_value=found.total)
