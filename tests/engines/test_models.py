"""What a model's name means, and which files are models."""

import struct
from pathlib import Path

import pytest

from blindarena.engines.gguf import check_gguf
from blindarena.engines.models import (
    HubModel,
    InstalledModel,
    choose_file,
    default_models_dir,
    installed_models,
    known_models,
    parse_model,
    resolve_model,
)
from blindarena.errors import ConfigError

from .helpers import GGUF_BYTES


def header(*, magic: bytes = b"GGUF", version: int = 3, tensors: int = 1) -> bytes:
    return struct.pack("<4sIQQ", magic, version, tensors, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a GGUF file"),
        (b"<html>", "not a GGUF file"),
        (b"GGUF\x03\x00", "cut off after 6 bytes"),
        (header(version=1), "GGUF version 1,"),
        (header(version=0x03000000), "GGUF version 50331648,"),
        (header(tensors=0), "holds no weights"),
    ],
)
def test_a_file_that_is_no_model_is_one_clear_line(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        check_gguf(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_directory(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        resolve_model(str(tmp_path / "no.gguf"), models_dir=tmp_path)
    with pytest.raises(ConfigError, match="Is a directory"):
        check_gguf(tmp_path)


def test_both_versions_are_models(tmp_path: Path) -> None:
    for version in (2, 3):
        path = tmp_path / f"{version}.gguf"
        path.write_bytes(header(version=version))
        assert resolve_model(str(path), models_dir=tmp_path) == path


def test_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_model("smollm2-135m") == known_models()["smollm2-135m"]
    assert parse_model("org/Repo-1.5_x") == HubModel("org/Repo-1.5_x", None)
    assert parse_model("org/repo:a b.gguf") == HubModel("org/repo", "a b.gguf")
    assert parse_model("org/repo:sub/a.gguf") == HubModel("org/repo", "sub/a.gguf")
    monkeypatch.chdir(tmp_path)
    Path("here.gguf").write_bytes(GGUF_BYTES)
    assert parse_model("here.gguf") == tmp_path / "here.gguf"
    Path("org").mkdir()
    Path("org/here.gguf").write_bytes(GGUF_BYTES)
    assert parse_model("org/here.gguf") == tmp_path / "org" / "here.gguf"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("smollm", r"model 'smollm' is unknown; did you mean 'smollm2-135m'\?"),
        ("zzz", "known: smollm2-135m"),
        ("", "is unknown"),
        ("a/b/c", "is unknown"),
        ("org/repo:file.bin", "is unknown"),
        ("org/repo:../../x.gguf", "is unknown"),
        ("org/repo:/etc/x.gguf", "is unknown"),
        ("../repo:x.gguf", "No such file"),
        ("org/missing.gguf", "No such file"),
        ("./missing", "No such file"),
    ],
)
def test_names_that_mean_nothing(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve_model(name, models_dir=tmp_path)


def test_resolving_says_none_before_the_pull(tmp_path: Path) -> None:
    assert resolve_model("smollm2-135m", models_dir=tmp_path) is None
    assert resolve_model("org/repo", models_dir=tmp_path) is None
    assert resolve_model("org/repo:a.gguf", models_dir=tmp_path) is None


def test_a_known_file_of_another_size_is_pulled_again(tmp_path: Path) -> None:
    known = known_models()["smollm2-135m"]
    path = tmp_path / known.name / known.file
    path.parent.mkdir()
    path.write_bytes(GGUF_BYTES)
    assert resolve_model(known.name, models_dir=tmp_path) is None


def test_hub_files_are_found_and_listed(tmp_path: Path) -> None:
    folder = tmp_path / "org--repo"
    (folder / "sub").mkdir(parents=True)
    for name in ("m.Q8_0.gguf", "sub/m.Q4_K_M.gguf"):
        (folder / name).write_bytes(GGUF_BYTES)
    (tmp_path / ".pull-x.1").mkdir()
    (tmp_path / ".pull-x.1" / "half.gguf").write_bytes(b"GG")
    size = len(GGUF_BYTES)
    assert resolve_model("org/repo", models_dir=tmp_path) == folder / "sub/m.Q4_K_M.gguf"
    assert resolve_model("org/repo:m.Q8_0.gguf", models_dir=tmp_path) == folder / "m.Q8_0.gguf"
    listed = installed_models(tmp_path)
    assert listed == (
        InstalledModel("org/repo:m.Q8_0.gguf", folder / "m.Q8_0.gguf", size),
        InstalledModel("org/repo:sub/m.Q4_K_M.gguf", folder / "sub/m.Q4_K_M.gguf", size),
    )
    for model in listed:
        assert resolve_model(model.name, models_dir=tmp_path) == model.path
    assert installed_models(tmp_path / "none") == ()


def test_choosing_a_file() -> None:
    assert choose_file(["only.gguf", "readme.md"], repo="o/r") == "only.gguf"
    assert choose_file(["m.f16.gguf", "m.Q4_K_M.gguf", "m.q8_0.gguf"], repo="o/r").endswith(
        "M.gguf"
    )
    assert choose_file(["mmproj-m.gguf", "m.gguf"], repo="o/r") == "m.gguf"
    with pytest.raises(ConfigError, match=r"say which with o/r:FILE \(a\.gguf, b\.gguf\)"):
        choose_file(["a.gguf", "b.gguf"], repo="o/r")
    with pytest.raises(ConfigError, match="no GGUF file in one piece"):
        choose_file(["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"], repo="o/r")


def test_models_directory() -> None:
    assert default_models_dir({"XDG_DATA_HOME": "/x"}) == Path("/x/blindarena/models")
    home = Path.home() / ".local/share/blindarena/models"
    assert default_models_dir({}) == home
    assert default_models_dir({"XDG_DATA_HOME": "relative"}) == home


def test_known_models_are_complete() -> None:
    for name, model in known_models().items():
        assert name == model.name
        assert len(model.sha256) == 64
        assert model.hub.endswith(f":{model.file}")
        assert model.size > 0
        assert model.license
