"""The shape of the package: layers, size of modules, what an import costs, names exported."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "blindarena"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 300
# Typer itself loads pydantic to read the values of options, so that one cannot be avoided.
HEAVY = {
    "aiohttp",
    "alembic",
    "asyncpg",
    "fastapi",
    "genai_prices",
    "numpy",
    "pyarrow",
    "scipy",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "xllamacpp",
}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def folders() -> list[str]:
    """Every folder of the package that holds code, as `docs/architecture.md` writes it."""
    inside = {path.parent.relative_to(PACKAGE).as_posix() for path in MODULES}
    return sorted(inside - {"."})


def loaded_by(code: str) -> set[str]:
    """The top-level names, and those of our own packages, that a fresh process has loaded."""
    script = f"import sys\n{code}\nprint('\\nLOADED', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    names = done.stdout.rpartition("LOADED")[2].split()
    return {n.partition(".")[0] for n in names} | {n for n in names if n.startswith("blindarena.")}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def all_of(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def test_the_package_is_found() -> None:
    assert len(MODULES) > 20, "the other tests of this file would prove nothing"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= LONGEST, "what is the second idea in it?"


def test_every_folder_has_one_sentence_in_the_architecture_page() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9_/]+)/` \| ([^|]+) \|$", page, flags=re.MULTILINE)

    assert sorted(folder for folder, _ in rows) == folders()
    for folder, sentence in rows:
        assert re.fullmatch(r"[^.]\S.*\.", sentence.strip()), folder
        assert not re.search(r"[.!?] [A-Z]", sentence), f"{folder}: one sentence, not two"


def test_every_top_level_module_has_its_layer() -> None:
    """import-linter checks only what its contract names, so the contract must name all."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contract = tomllib.load(file)["tool"]["importlinter"]["contracts"][0]
    layered = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    there = {f"blindarena.{p.stem}" for p in PACKAGE.glob("*.py") if not p.stem.startswith("__")}
    there |= {f"blindarena.{folder}" for folder in folders() if "/" not in folder}

    assert there - layered == set()


def test_importing_the_package_loads_neither_web_nor_storage_nor_numbers() -> None:
    loaded = loaded_by("import blindarena")

    assert "blindarena" in loaded
    assert loaded & (HEAVY | {"blindarena.web", "blindarena.storage"}) == set()


@pytest.mark.parametrize("arguments", ["--help", "--version"])
def test_help_loads_nothing_heavy(arguments: str) -> None:
    loaded = loaded_by(
        "from blindarena.cli import main\n"
        f"sys.argv = ['blindarena', {arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code"
    )

    assert "blindarena.cli" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("path", [p for p in MODULES if all_of(parsed(p)) is not None], ids=name_of)
def test_exports_are_what_all_says(path: Path) -> None:
    tree = parsed(path)
    exported = all_of(tree) or []
    module = importlib.import_module(name_of(path))

    assert len(set(exported)) == len(exported)
    assert [name for name in exported if not hasattr(module, name)] == []
    if path.name == "__init__.py":
        imported = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("blindarena")
            for alias in node.names
        }
        assert imported - set(exported) == set(), "imported from us, but not in __all__"
