"""`[models.NAME]` refers to what is there, and one line says where it does not."""

from pathlib import Path

import pytest

from blindarena.errors import ConfigError
from blindarena.settings import Settings, load_server

DEPLOYMENTS = """
[deployments.one]
provider = "ollama"
model = "m"
[deployments.two]
provider = "ollama"
model = "m"
[deployments.three]
provider = "ollama"
model = "m"
"""


def load(folder: Path, models: str) -> Settings:
    path = folder / "blindarena.toml"
    path.write_text(DEPLOYMENTS + models)
    return load_server(path, environ={})


@pytest.mark.parametrize(
    "models",
    [
        '[models.big]\ndeployments = ["one", "two"]\nfallbacks = ["three"]',
        '[models.one]\ndeployments = ["one", "two"]\nrouting = "prefix"',
        '[models.a]\ndeployments = ["one"]\nfallbacks = ["b", "c"]\n'
        '[models.b]\ndeployments = ["two"]\nfallbacks = ["c"]\n'
        '[models.c]\ndeployments = ["three"]',
    ],
)
def test_what_is_there_is_taken(tmp_path: Path, models: str) -> None:
    assert load(tmp_path, models).models


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (
            '[models.big]\ndeployments = ["tow"]',
            'the model "big" names the deployment "tow", which is not defined; did you mean "two"?',
        ),
        (
            '[models.big]\ndeployments = ["one", "one"]',
            'the model "big" names the deployment "one" twice; once will do',
        ),
        (
            '[models.one]\ndeployments = ["two"]',
            'the model "one" is called like a deployment that it does not contain; '
            "rename one of them, or add the deployment to the model",
        ),
        (
            '[models.big]\ndeployments = ["one"]\nfallbacks = ["one"]',
            'the model "big" falls back to "one", which is no model; known: two, three',
        ),
        (
            '[models.big]\ndeployments = ["one"]\nfallbacks = ["big"]',
            'the fallbacks of "big" lead back to it: big -> big; take one of them out',
        ),
        (
            '[models.a]\ndeployments = ["one"]\nfallbacks = ["b"]\n'
            '[models.b]\ndeployments = ["two"]\nfallbacks = ["three", "c"]\n'
            '[models.c]\ndeployments = ["one"]\nfallbacks = ["b"]',
            'the fallbacks of "b" lead back to it: b -> c -> b; take one of them out',
        ),
    ],
)
def test_what_is_not_is_one_line(tmp_path: Path, models: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, models)

    assert str(refused.value) == f"blindarena.toml: {said}"
