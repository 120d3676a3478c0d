"""What the owner sees of deployments, models and workers: the router's facts, in one word each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from blindarena.bootstrap.cards import DeploymentCard
from blindarena.domain.workers import Worker
from blindarena.errors import ProviderFault
from blindarena.gateway.router import DeploymentState, Router
from blindarena.gateway.routing.routes import ModelRoute, Routing

State = Literal[
    "ready", "loading", "down", "draining", "drained", "open", "half_open", "resting", "full"
]
"""open, half_open: the circuit breaker's. resting: the provider asked for it. full: every place is
taken, so that requests wait. draining: what runs goes on; drained: nothing runs any more."""


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """One deployment as the owner sees it; counts are of this process since it started.

    Attributes:
        kind: provider, engine or "worker".
        model: its name there.
        base_url: None where it is asked in process.
        state: see `State`; the first that holds of drained, loading, down, open, resting, full.
        detail: what more there is to say of the state.
        until: when the breaker lets one request try, or the rest ends.
        held: the owner has drained it.
        first_p50_s, first_p99_s: until the reply began; the others until it ended.
    """

    name: str
    kind: str
    model: str
    runs_at: str
    base_url: str | None
    price: str | None
    state: State
    detail: str
    until: datetime | None
    held: bool
    in_flight: int
    max_concurrent: int | None
    waiting: int
    queue: int
    weight: float
    requests: int
    errors: int
    faults: Mapping[ProviderFault, int]
    retries: int
    last_error: str | None
    last_error_at: datetime | None
    last_ok_at: datetime | None
    measured: int
    first_p50_s: float | None
    first_p99_s: float | None
    total_p50_s: float | None
    total_p99_s: float | None


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model of `/v1`.

    Attributes:
        ready: how many of its deployments can be asked now.
        own: it is a deployment under its own name, which no table names.
    """

    name: str
    deployments: tuple[str, ...]
    fallbacks: tuple[str, ...]
    routing: Routing
    ready: int
    own: bool


def deployment_rows(
    router: Router,
    *,
    cards: Mapping[str, DeploymentCard],
    workers: Mapping[str, Worker],
    now: datetime,
) -> list[DeploymentRow]:
    """Return every deployment of the router.

    Args:
        router: of this process.
        cards: of the configured ones, by name.
        workers: those that joined, by name.
        now: in UTC.
    """
    rows = []
    for name, state in router.states().items():
        upstream = router.upstream(name)
        price = upstream.price.label if upstream is not None else None
        rows.append(
            _row(name, state, cards.get(name) or _card(name, workers.get(name), price), now)
        )
    return rows


def model_rows(router: Router, rows: list[DeploymentRow]) -> list[ModelRow]:
    """Return every model, those of `[models.NAME]` and of workers first."""
    routes = router.routes()
    able = {row.name for row in rows if row.state in ("ready", "half_open", "full")}
    found = []
    for name in router.models():
        route = routes.get(name) or ModelRoute((name,))
        ready = sum(one in able for one in route.deployments)
        found.append(
            ModelRow(
                name=name,
                deployments=route.deployments,
                fallbacks=route.fallbacks,
                routing=route.routing,
                ready=ready,
                own=name not in routes,
            )
        )
    return found


def _card(name: str, worker: Worker | None, price: str | None) -> DeploymentCard:
    """Return the card of a worker, or of one that has just left."""
    engine, model, url = (
        (worker.engine, worker.model, worker.base_url) if worker is not None else ("", "", None)
    )
    return DeploymentCard(name, "worker", model, url, price, engine, None)


def _row(name: str, state: DeploymentState, card: DeploymentCard, now: datetime) -> DeploymentRow:
    word, wait_s = _word(state)
    status = state.status
    return DeploymentRow(
        name=name,
        kind=card.kind,
        model=card.model,
        runs_at=card.runs_at,
        base_url=card.base_url,
        price=card.price,
        state=word,
        detail=status.detail if word in ("loading", "down") else "",
        until=now + timedelta(seconds=wait_s) if wait_s > 0 else None,
        held=state.held,
        in_flight=state.in_flight,
        max_concurrent=state.max_concurrent,
        waiting=state.waiting,
        queue=state.queue,
        weight=state.weight,
        requests=status.requests,
        errors=sum(status.errors.values()),
        faults=status.errors,
        retries=state.retries,
        last_error=status.last_error,
        last_error_at=status.last_error_at,
        last_ok_at=status.last_ok_at,
        measured=state.total.count,
        first_p50_s=state.first.p50,
        first_p99_s=state.first.p99,
        total_p50_s=state.total.p50,
        total_p99_s=state.total.p99,
    )


def _word(state: DeploymentState) -> tuple[State, float]:
    """Return the state in a word, and the seconds until it ends by itself (0: nobody knows)."""
    if state.held or state.draining:
        return ("draining" if state.in_flight else "drained"), 0.0
    if state.status.status != "ready":
        return state.status.status, 0.0
    if state.breaker != "closed":
        return state.breaker, state.opens_in_s
    if state.rests_s > 0:
        return "resting", state.rests_s
    full = state.max_concurrent is not None and state.in_flight >= state.max_concurrent
    return ("full" if full else "ready"), 0.0
