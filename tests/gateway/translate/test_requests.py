"""Requests there and back, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blindarena.errors import GatewayError
from blindarena.gateway.translate.chat_format import read_chat
from blindarena.gateway.translate.chat_to_gemini import UNSIGNED, gemini_body
from blindarena.gateway.translate.chat_to_messages import messages_body
from blindarena.gateway.translate.messages_to_chat import chat_fields
from gateway.translate.helpers import fields

HI = [{"role": "user", "content": "hi"}]
USE = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
FUNCTION = {"type": "function", "function": {"name": "f"}}
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
arguments = st.dictionaries(texts, values, max_size=4)


def anthropic(body: dict[str, Any]) -> Any:
    """An OpenAI request, as Anthropic gets it."""
    return json.loads(
        messages_body(read_chat(fields(body), upstream="x"), model="m", cap=9, stream=False)
    )


def gemini(body: dict[str, Any], *, sign: bool = True) -> Any:
    """An OpenAI request, as Gemini gets it."""
    return json.loads(gemini_body(read_chat(fields(body), upstream="x"), sign=sign))


def openai(body: dict[str, Any], *, stream: bool = False, top_k: bool = False) -> Any:
    """An Anthropic request, as an OpenAI upstream gets it."""
    found = chat_fields(fields(body), stream=stream, top_k=top_k)
    return {name: json.loads(bytes(raw)) for name, raw in found.items()}


@given(system=texts, question=texts, said=texts, asked=arguments, result=texts)
def test_text_and_arguments_survive_both_ways(
    system: str, question: str, said: str, asked: dict[str, Any], result: str
) -> None:
    sent = {
        "model": "m",
        "max_tokens": 7,
        "system": system,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": question}]},
            {
                "role": "assistant",
                "content": [{"type": "text", "text": said}, USE | {"input": asked}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": result}],
            },
        ],
    }

    assert anthropic(openai(sent)) == sent


@given(question=texts, asked=arguments)
def test_text_and_arguments_reach_gemini(question: str, asked: dict[str, Any]) -> None:
    call = {
        "id": "c",
        "type": "function",
        "function": {"name": "f", "arguments": json.dumps(asked)},
    }
    sent = [{"role": "user", "content": question}, {"role": "assistant", "tool_calls": [call]}]

    user, model = gemini({"messages": sent})["contents"]

    assert user == {"role": "user", "parts": [{"text": question}]}
    assert model["parts"][0]["functionCall"] == {"id": "c", "name": "f", "args": asked}


def test_a_lost_signature_is_replaced_for_models_that_want_one() -> None:
    calls = [{"id": i, "type": "function", "function": {"name": "f"}} for i in "ab"]
    sent = {"messages": [*HI, {"role": "assistant", "tool_calls": calls}]}

    signed = gemini(sent)["contents"][1]["parts"]
    plain = gemini(sent, sign=False)["contents"][1]["parts"]

    assert [part.get("thoughtSignature") for part in signed] == [UNSIGNED, None]
    assert not any("thoughtSignature" in part for part in plain)


def test_neighbours_of_one_role_become_one_and_system_prompts_too() -> None:
    sent = [
        {"role": "system", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "developer", "content": "c"},
        {"role": "user", "content": [{"type": "text", "text": "d"}, {"type": "text", "text": ""}]},
        {"role": "assistant", "content": ""},
    ]

    found = anthropic({"messages": sent})

    assert found["system"] == "a\n\nc"
    blocks = [{"type": "text", "text": "b"}, {"type": "text", "text": "d"}]
    assert found["messages"] == [{"role": "user", "content": blocks}]


def test_knobs_that_a_format_lacks_are_dropped() -> None:
    knobs = {"seed": 1, "frequency_penalty": 0.5, "logit_bias": {"1": 2}, "user": "u", "n": 1}

    assert anthropic({"messages": HI, "temperature": 1.7, **knobs}) == {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        "temperature": 1.0,
    }
    sent = {"messages": HI, "top_k": 3, "metadata": {"user_id": "u"}, "service_tier": "auto"}
    assert openai(sent) == {"messages": HI}
    assert openai(sent, top_k=True) == {"messages": HI, "top_k": 3}


def test_a_stream_asks_for_usage() -> None:
    found = openai({"model": "m", "messages": HI}, stream=True)

    assert found == {
        "model": "m",
        "messages": HI,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize(
    ("choice", "parallel", "expected"),
    [
        (None, None, None),
        ("auto", None, {"type": "auto"}),
        ("none", False, {"type": "none"}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        (FUNCTION, None, {"type": "tool", "name": "f"}),
    ],
)
def test_the_choice_of_tools(choice: Any, parallel: bool | None, expected: Any) -> None:
    body = {"messages": HI, "tools": [FUNCTION], "tool_choice": choice}

    found = anthropic(body | {"parallel_tool_calls": parallel})

    assert found.get("tool_choice") == expected
    assert found["tools"][0]["input_schema"] == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"type": "auto"}, {"tool_choice": "auto"}),
        ({"type": "none"}, {"tool_choice": "none"}),
        (
            {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
            {"tool_choice": FUNCTION, "parallel_tool_calls": False},
        ),
    ],
)
def test_anthropics_choice_of_tools(choice: Any, expected: Any) -> None:
    tool = {"name": "f", "input_schema": {"type": "object"}}

    found = openai({"messages": HI, "tools": [tool], "tool_choice": choice})

    assert {name: found[name] for name in expected} == expected


def test_pictures_and_documents_of_anthropics_format() -> None:
    png = {"type": "base64", "media_type": "image/png", "data": "aGk="}
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "aGk="}
    blocks = [
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": png}]},
        {"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}},
        {"type": "document", "source": pdf, "title": "t.pdf"},
        {
            "type": "document",
            "source": {"type": "text", "data": "plain", "media_type": "text/plain"},
        },
    ]

    result, user = openai({"messages": [{"role": "user", "content": blocks}]})["messages"]

    assert result == {"role": "tool", "tool_call_id": "t", "content": ""}
    assert user["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
        {
            "type": "file",
            "file": {"filename": "t.pdf", "file_data": "data:application/pdf;base64,aGk="},
        },
        {"type": "text", "text": "plain"},
    ]
    back = anthropic({"messages": [user]})["messages"][0]["content"]
    assert back[0] == {"type": "image", "source": png}
    assert back[2] == {"type": "document", "source": pdf, "title": "t.pdf"}


def test_structured_output_both_ways() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}

    there = anthropic({"messages": HI, "response_format": form})

    assert there["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    back = openai(there)["response_format"]["json_schema"]
    assert (back["schema"], back["strict"]) == (schema, True)


@pytest.mark.parametrize(
    ("fields_", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"audio": {"voice": "a"}}, "modalities"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"response_format": {"type": "json_object"}}, "response_format.type"),
        ({"response_format": {"type": "grammar"}}, "response_format"),
        ({"tools": [{"type": "custom", "custom": {}}]}, "tools[0]"),
        ({"tools": [FUNCTION], "tool_choice": "all"}, "tool_choice"),
        ({"tools": [FUNCTION], "tool_choice": {"type": "allowed_tools"}}, "tool_choice.type"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": 3}]}, "messages[0].role"),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "messages[0].content[0]",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image_url", "image_url": {"url": "ftp://x"}}],
                    }
                ]
            },
            "messages[0].content[0].image_url.url",
        ),
        (
            {
                "messages": [
                    {
                        "role": "assistant",
                        "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "[1]"}}],
                    }
                ]
            },
            "messages[0].tool_calls[0].function.arguments",
        ),
    ],
)
def test_what_anthropic_cannot_be_asked(fields_: dict[str, Any], param: str) -> None:
    with pytest.raises(GatewayError) as caught:
        anthropic({"messages": HI} | fields_)

    assert (caught.value.status, caught.value.param) == (400, param)
    assert str(caught.value).startswith(param)


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        (
            [
                {
                    "role": "user",
                    "content": [{"type": "image_url", "image_url": {"url": "https://a.example/b"}}],
                }
            ],
            "messages[0].content[0]",
        ),
        ([{"role": "tool", "tool_call_id": "z", "content": "x"}], "messages[0].tool_call_id"),
    ],
)
def test_what_gemini_cannot_be_asked(messages: Any, param: str) -> None:
    with pytest.raises(GatewayError) as caught:
        gemini({"messages": messages})

    assert (caught.value.status, caught.value.param) == (400, param)


@pytest.mark.parametrize(
    ("fields_", "param"),
    [
        ({"container": "c"}, "container"),
        ({"mcp_servers": [{"url": "https://a.example"}]}, "mcp_servers"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0]"),
        ({"tools": [{"name": "f"}], "tool_choice": {"type": "all"}}, "tool_choice.type"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role"),
        ({"messages": "x"}, "messages"),
        (
            {"messages": [{"role": "user", "content": [{"type": "search_result"}]}]},
            "messages[0].content[0]",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}],
                    }
                ]
            },
            "messages[0].content[0].source",
        ),
        (
            {"messages": [{"role": "assistant", "content": [{"type": "server_tool_use"}]}]},
            "messages[0].content[0]",
        ),
    ],
)
def test_what_openais_format_cannot_be_asked(fields_: dict[str, Any], param: str) -> None:
    with pytest.raises(GatewayError) as caught:
        openai({"messages": HI} | fields_)

    assert (caught.value.status, caught.value.param) == (400, param)


def test_arguments_nested_too_deeply_are_refused_and_results_are_text() -> None:
    deep = '{"a":' + "[" * 4000 + "]" * 4000 + "}"
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": deep}}
    asked = {"messages": [*HI, {"role": "assistant", "tool_calls": [call]}]}
    for write in (anthropic, gemini):
        with pytest.raises(GatewayError) as refused:
            write(asked)
        assert refused.value.status == 400

    call["function"] = {"name": "f", "arguments": "{}"}
    told = {"role": "tool", "tool_call_id": "a", "content": deep}
    sent = gemini({"messages": [*asked["messages"], told]})
    assert sent["contents"][-1]["parts"][0]["functionResponse"]["response"] == {"result": deep}
