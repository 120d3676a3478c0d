import dataclasses

import pytest

from blindarena.errors import ConfigError
from blindarena.gateway.catalog import (
    check_base_url,
    load_catalog,
    provider_named,
    read_catalog,
)

ROW = 'title = "T"\nbase_url = "https://host.example/v1"\n'


def test_has_the_hosts_we_promise() -> None:
    assert set(load_catalog()) >= {
        "openai", "xai", "deepseek", "qwen", "glm", "mistral", "groq", "together", "openrouter",
        "ollama", "vllm", "sglang", "llamacpp",
    }  # fmt: skip


@pytest.mark.parametrize("row", load_catalog().values(), ids=lambda row: row.name)
def test_rows_are_whole(row) -> None:  # type: ignore[no-untyped-def]
    assert row.title
    assert row.local == row.base_url.startswith("http://127.0.0.1:")
    assert row.local == (row.organization is None)
    assert not (row.local and row.prices)
    assert (row.retention is None and row.trains_on_data is None) or row.terms


def test_the_catalogue_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        load_catalog()["x"] = load_catalog()["openai"]  # type: ignore[index]
    assert not dataclasses.is_dataclass(load_catalog()["openai"])
    with pytest.raises(AttributeError):
        load_catalog()["openai"].base_url = "http://elsewhere"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "suggested"), [("opnai", "openai"), ("Mistral", "mistral"), ("llama.cpp", "llamacpp")]
)
def test_an_unknown_name_gets_a_suggestion(name: str, suggested: str) -> None:
    with pytest.raises(ConfigError, match=f"did you mean '{suggested}'"):
        provider_named(name)


def test_a_name_like_no_other_gets_the_list() -> None:
    with pytest.raises(ConfigError, match="known are openai, anthropic"):
        provider_named("zzzzzz")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a", "catalog.toml"),
        ("a = 1", "a = 1: expected a table"),
        ('[a]\ntitle = "T"', r"\[a\].*base_url"),
        (f"[a]\n{ROW}colour = 1", r"\[a\].*colour"),
        (f"[a]\n{ROW}key_env = 3", r"\[a\].*str"),
        (f'[a]\n{ROW}quirks = {{ max_tokens_field = "n" }}', r"\[a\].*'n'"),
        ('[a]\ntitle = "T"\nbase_url = "host"', r"\[a\].*base_url 'host'"),
    ],
)
def test_errors_say_where_and_what(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read_catalog(text)


def test_a_slash_at_the_end_goes() -> None:
    assert check_base_url("https://h/v1/", where="x") == "https://h/v1"


def test_a_key_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        check_base_url("https://user:hunter2@h/v1", where="x")

    assert "hunter2" not in str(caught.value)
