"""The laws of the breaker, on any order of requests and outcomes."""

from hypothesis import given
from hypothesis import strategies as st

from blindarena.gateway.routing.breaker import Breaker

N = 3
OPEN_S = 10.0
STEPS = st.lists(
    st.one_of(
        st.just("begin"),
        st.tuples(
            st.sampled_from(["began", "succeeded", "abandoned", "failed"]), st.integers(0, 9)
        ),
        st.floats(0.1, 12.0),
    ),
    max_size=60,
)


def test_its_life() -> None:
    breaker = Breaker(failures_to_open=N, open_s=OPEN_S)
    for _ in range(N - 1):
        assert not breaker.failed(breaker.begin(), 0.0)
    breaker.succeeded(breaker.begin())  # not in a row
    for _ in range(N - 1):
        assert not breaker.failed(breaker.begin(), 0.0)
    assert breaker.state(0.0) == "closed"
    assert breaker.failed(breaker.begin(), 0.0)

    assert breaker.state(9.9) == "open"
    assert not breaker.allows(9.9)
    assert breaker.wait_s(4.0) == 6.0

    assert breaker.state(10.0) == "half_open"
    probe = breaker.begin()
    assert not breaker.allows(11.0)
    assert breaker.failed(probe, 11.0)
    assert breaker.wait_s(11.0) == OPEN_S

    breaker.abandoned(breaker.begin())  # its client left: another may try
    assert breaker.allows(21.0)
    breaker.began(breaker.begin())
    assert breaker.state(21.0) == "closed"


def test_what_was_under_way_when_it_opened_says_nothing() -> None:
    breaker = Breaker(failures_to_open=1, open_s=OPEN_S)
    early = [breaker.begin() for _ in range(4)]
    breaker.failed(early[0], 0.0)

    breaker.failed(early[1], 5.0)
    assert breaker.state(10.0) == "half_open"
    breaker.begin()
    breaker.succeeded(early[2])
    breaker.abandoned(early[3])
    assert breaker.state(10.0) == "half_open"
    assert not breaker.allows(10.0)


def test_a_probe_that_began_and_then_breaks_counts_once() -> None:
    breaker = Breaker(failures_to_open=2, open_s=OPEN_S)
    for _ in range(2):
        breaker.failed(breaker.begin(), 0.0)
    probe = breaker.begin()
    breaker.began(probe)

    assert not breaker.failed(probe, 10.0)
    assert breaker.failed(breaker.begin(), 10.0)


@given(STEPS)
def test_laws(steps: list[str | float | tuple[str, int]]) -> None:
    """Open lets nothing pass, half open one at a time; only N failures in a row open it."""
    breaker = Breaker(failures_to_open=N, open_s=OPEN_S)
    now, row = 0.0, 0
    opened_at: float | None = None
    running: list[int] = []
    probe: int | None = None
    for step in steps:
        state = breaker.state(now)
        if isinstance(step, float):
            now += step
        elif isinstance(step, str):
            if not breaker.allows(now):
                assert state == "open" or probe is not None
                continue
            assert state != "open"
            running.append(breaker.begin())
            if state == "half_open":
                assert probe is None
                probe = running[-1]
        elif running:
            what, which = step
            permit = running[which % len(running)]
            if what == "began":
                breaker.began(permit)
                if permit == probe:
                    probe, row, opened_at = None, 0, None
                continue
            running.remove(permit)
            if what == "failed":
                opens = breaker.failed(permit, now)
                if permit == probe:
                    assert opens
                    probe = None
                elif opens:
                    assert row == N - 1
                if opens:
                    row, opened_at = 0, now
                elif state == "closed":
                    row += 1
            else:
                getattr(breaker, what)(permit)
                if permit == probe:
                    probe = None
                    if what == "succeeded":
                        row, opened_at = 0, None
                elif what == "succeeded" and state == "closed":
                    row = 0
        if opened_at is not None and now < opened_at + OPEN_S:
            assert not breaker.allows(now)
        if opened_at is None:
            assert breaker.state(now) == "closed"
