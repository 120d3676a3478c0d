import pytest

from blindarena.errors import ConfigError
from blindarena.gateway.routing.latency import Latency, LatencyFigures
from blindarena.gateway.routing.routes import ModelRoute, chain, check_routes


def route(*fallbacks: str) -> ModelRoute:
    return ModelRoute(("x",), fallbacks)


def test_a_chain_has_each_model_once_and_nearest_first() -> None:
    routes = {"a": route("b", "d"), "b": route("c"), "c": route("d"), "d": route("own", "gone")}
    assert chain("a", routes, ["own"]) == ["a", "b", "c", "d", "own"]
    assert chain("own", routes, ["own"]) == ["own"]
    assert chain("unheard-of", routes, ["own"]) == []


def test_wide_chains_are_walked_once() -> None:
    """30 layers of two have 2^30 ways through them."""
    routes = {
        f"{layer}{side}": route(f"{layer + 1}a", f"{layer + 1}b")
        for layer in range(30)
        for side in "ab"
    }
    check_routes(routes)
    assert len(chain("0a", routes, [])) == 59


@pytest.mark.parametrize(
    ("routes", "cycle"),
    [
        ({"a": route("a")}, "a -> a"),
        ({"a": route("b"), "b": route("c"), "c": route("b")}, "b -> c -> b"),
    ],
)
def test_a_circle_is_refused(routes: dict[str, ModelRoute], cycle: str) -> None:
    with pytest.raises(ConfigError, match=cycle) as refused:
        check_routes(routes, source="blindarena.toml")
    assert str(refused.value).startswith("blindarena.toml: the fallbacks of ")


def test_latency_of_nothing_is_unknown() -> None:
    assert Latency().figures() == LatencyFigures(None, None, None, 0)


def test_latency_is_of_the_latest() -> None:
    latency = Latency()
    for _ in range(300):
        latency.add(9.0)
    for i in range(256):
        latency.add(i / 255)
    figures = latency.figures()
    assert figures.count == 556
    assert figures.p50 == pytest.approx(127 / 255)
    assert figures.p99 == pytest.approx(253 / 255)
    assert figures.average == pytest.approx((255 - 9) / 255, abs=0.01)
