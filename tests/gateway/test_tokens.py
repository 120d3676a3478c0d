import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.domain.chat import Message
from blindarena.gateway.tokens import count_prompt_tokens, count_tokens

# Exact counts of OpenAI's o200k_base, made once with bpe-openai 0.1.4.
EXACT = {
    "The parcel was delivered to your neighbour on Tuesday. " * 10: 101,
    "def mean(xs: list[float]) -> float:\n    return sum(xs) / len(xs)\n": 20,
    "Das Paket wurde am Dienstag bei Ihrem Nachbarn abgegeben.": 12,
    "包裹已于星期二送到您的邻居处,请您查收。": 19,
    "荷物は火曜日にお隣に届けられました。": 15,
}


@pytest.mark.parametrize(("text", "exact"), EXACT.items())
def test_is_near_an_exact_count(text: str, exact: int) -> None:
    assert count_tokens(text) == pytest.approx(exact, rel=0.2)


@given(st.text())
def test_is_never_negative_and_zero_only_for_nothing(text: str) -> None:
    assert (count_tokens(text) == 0) == (text == "")


def test_a_conversation_counts_more_than_its_texts() -> None:
    messages = (Message("system", "Be short."), Message("user", "Where is my parcel?"))

    assert count_prompt_tokens(messages) > sum(count_tokens(m.content) for m in messages)
    assert count_prompt_tokens(()) == 0


def test_loads_no_tokeniser() -> None:
    code = (
        "import sys, blindarena.gateway.tokens as t; t.count_tokens('hello');"
        "print(sorted({'tiktoken', 'bpe_openai', 'numpy', 'genai_prices'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"
