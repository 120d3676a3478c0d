import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.domain.chat import ChatRequest, Message
from blindarena.errors import ConfigError, ProviderError
from blindarena.gateway.replay import ReplayModel, pieces_of
from gateway.helpers import ASK, collect

ANSWER = "Dear customer,\n\n- your parcel is *late*\n- sorry!  "


class Pauses:
    """A sleep that does not wait, and a clock that it moves."""

    def __init__(self) -> None:
        self.all: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.all.append(seconds)

    def clock(self) -> float:
        return sum(self.all)


@given(st.text())
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(pieces_of(text)) == (text if text.strip() else "")


async def test_two_with_the_same_text_look_the_same() -> None:
    seen = []
    for name in ("one", "two"):
        pauses = Pauses()
        model = ReplayModel(
            name=name,
            answers={"Where is my parcel?": ANSWER},
            sleep=pauses.sleep,
            clock=pauses.clock,
        )
        texts, finished = await collect(model.stream(ASK))
        assert finished.deployment == name
        seen.append((texts, pauses.all))

    assert seen[0] == seen[1]
    assert "".join(seen[0][0]) == ANSWER
    assert len(seen[0][0]) > 5


async def test_pace_and_measures() -> None:
    pauses = Pauses()
    model = ReplayModel(
        name="r",
        answers={"Where is my parcel?": "word " * 60},
        tokens_per_s=60,
        ttft_s=0.5,
        sleep=pauses.sleep,
        clock=pauses.clock,
    )

    _, finished = await collect(model.stream(ASK))

    assert finished.ttft_s == 0.5
    assert finished.seconds == pytest.approx(1.5, abs=0.1)
    assert not finished.usage.reported
    assert 50 <= finished.usage.completion_tokens <= 70
    assert (finished.cost_usd, finished.price) == (None, None)


async def test_the_last_user_message_counts() -> None:
    model = ReplayModel(name="r", answers={"one": "1", "two": "2"}, ttft_s=0)
    messages = (
        Message("system", "two"), Message("user", "two"), Message("assistant", "x"),
        Message("user", "one"),
    )  # fmt: skip

    texts, _ = await collect(model.stream(ChatRequest(messages)))

    assert texts == ["1"]


@pytest.mark.parametrize("messages", [(), (Message("system", "one"),), (Message("user", "three"),)])
async def test_a_prompt_without_answer_is_a_bad_request(messages: tuple[Message, ...]) -> None:
    model = ReplayModel(name="r", answers={"one": "1"})

    with pytest.raises(ProviderError) as caught:
        await collect(model.stream(ChatRequest(messages)))

    assert (caught.value.fault, caught.value.retryable) == ("bad_request", False)


async def test_it_can_be_stopped() -> None:
    model = ReplayModel(name="r", answers={"Where is my parcel?": "a b c"}, ttft_s=60)
    task = asyncio.create_task(collect(model.stream(ASK)))
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "wrong", [{"tokens_per_s": 0.0}, {"tokens_per_s": float("nan")}, {"ttft_s": -1.0}]
)
def test_an_impossible_pace_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="must be above 0"):
        ReplayModel(name="r", answers={}, **wrong)  # type: ignore[arg-type]


def test_an_empty_answer_is_refused() -> None:
    with pytest.raises(ConfigError, match="'one' is empty"):
        ReplayModel(name="r", answers={"one": " \n"})
