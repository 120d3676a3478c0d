"""The documentation cannot rot: code blocks run, links resolve, everything public is described.

How a fenced block of README.md and docs/ is tested, by the word after the fence:

- `python` runs; the blocks of one page share their names, like one session.
- `toml` is parsed. One that begins with `# NAME.toml` is written to the page's folder, and once
  `blindarena.toml` is there, everything is read by `load_settings`. `csv` and `markdown` blocks
  begin with `# FILE` or `<!-- FILE -->` and are written there too.
- `console`: lines `$ blindarena ...` run in the page's folder; each line shown below must come in
  the output, `...` standing for anything. A server is stopped when the last of them has come.
- `bash` is checked for syntax, and each `blindarena ...` in it for known commands and options.
- `json` is parsed. `text` is left alone. Any other language is an error.

`no-run` after the language: parsed and checked, but not run.
"""

import importlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
import typer
from pydantic.fields import FieldInfo

from blindarena.cli import app
from blindarena.settings import ArenaFile, Settings
from blindarena.settings.base import Section
from doc_blocks import Page, blocks_of

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
LINKED = [*PAGES, *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))]
SCRIPTS = ROOT / "scripts"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def script(name: str) -> ModuleType:
    """Import a file of scripts/."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(SCRIPTS))


gen_api_docs, gen_cli_docs = script("gen_api_docs"), script("gen_cli_docs")
readme_tables = script("readme_tables")


def label(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in found)
    return {word.replace(" ", "-") for word in words}


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page)], ids=label)
def test_code_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    running = Page(tmp_path, check_command=check_command)
    for block in blocks_of(page):
        try:
            running.run(block)
        except Exception as error:
            raise AssertionError(f"{label(page)}, line {block.line}: {error}") from error


@pytest.mark.parametrize("page", LINKED, ids=label)
def test_links_resolve(page: Path) -> None:
    wrong = []
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            wrong.append(target)

    assert wrong == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=label)
def test_every_page_can_be_reached_from_the_index(page: Path) -> None:
    reached, ahead = set(), [DOCS / "index.md"]
    while ahead:
        here = ahead.pop()
        if here in reached:
            continue
        reached.add(here)
        for target in LINK.findall(prose(here)):
            linked = (here.parent / target.partition("#")[0]).resolve()
            if linked.suffix == ".md" and linked.exists():
                ahead.append(linked)

    assert page in reached


def sections(model: type[Section], table: str) -> Iterator[tuple[str, dict[str, FieldInfo]]]:
    """Yield each table of a configuration file with its own keys."""
    own: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        inner = section_in(field.annotation)
        if inner is None:
            own[name] = field
        elif inner is not ArenaFile:
            origin = getattr(field.annotation, "__origin__", None)
            path = name if table == "top" else f"{table.strip('[]')}.{name}"
            heading = {tuple: f"[[{path}]]", None: f"[{path}]"}.get(origin, f"[{path}.NAME]")
            if inner.__name__ == "KeySource":
                own[name] = field
            yield from sections(inner, heading if inner.__name__ != "KeySource" else "secrets")
    if own:
        yield table, own


def section_in(annotation: Any) -> type[Section] | None:
    """The Section that an annotation is, or holds."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    found = (section_in(argument) for argument in get_args(annotation))
    return next((section for section in found if section), None)


def written(field: FieldInfo) -> str:
    """A default as the configuration page writes it."""
    if field.is_required():
        return "required"
    value = field.default
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, tuple) and value:
        return f"`{json.dumps(value)}`"
    if isinstance(value, (tuple, Mapping)):
        return "`[]`" if isinstance(value, tuple) else "`{}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


DERIVED = {("top", "root"), ("top", "path")}
"""Fields that the loader fills in; they are no keys of a file."""
EXPECTED = {
    f"{file} {table}": {
        key: written(field) for key, field in keys.items() if (table, key) not in DERIVED
    }
    for file, model in (("blindarena.toml", Settings), ("arenas/NAME.toml", ArenaFile))
    for table, keys in sections(model, "top")
    if {key for key in keys if (table, key) not in DERIVED}
}


def described() -> dict[str, dict[str, str]]:
    """The keys and defaults in `docs/configuration.md`, by file and table."""
    found: dict[str, dict[str, str]] = {}
    file = table = ""
    for line in (DOCS / "configuration.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## `([^`]+)`", line):
            file, table = heading[1], ""
        elif line.startswith("## "):
            file = table = ""
        elif heading := re.match(r"### (?:`([^`]+)`|(\w+))", line):
            table = heading[1] or heading[2].lower()
        elif file and table and (row := re.match(r"\| `(\w+)` \| ([^|]+) \| \S", line)):
            found.setdefault(f"{file} {table}", {})[row[1]] = row[2].strip()
    return found


def test_every_setting_is_described_with_its_default() -> None:
    assert described() == EXPECTED


def test_every_environment_variable_is_described() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"\bBLINDARENA_[A-Z_]+\b", code))
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")

    assert named
    assert {name for name in named if f"`{name}`" not in page} == set()


def command(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that the words name, and the words left for it."""
    found: Any = typer.main.get_command(app)
    while words and words[0] in getattr(found, "commands", {}):
        found, words = found.commands[words[0]], words[1:]
    return found, words


def check_command(words: list[str]) -> None:
    """Parse a command line as the program would, running nothing."""
    found, rest = command(words[1:])
    assert rest or not hasattr(found, "commands"), f"{words}: which command?"
    if hasattr(found, "commands"):
        known = {option for parameter in found.params for option in parameter.opts}
        assert rest[0] in known | {"--help"}, f"{words}: no such command or option"
    else:
        found.make_context(words[-1], rest)


def test_every_command_and_option_is_described() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `blindarena ([^`]+)`\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    expected = {
        " ".join(path): sorted(o for p in leaf.params for o in p.opts if o.startswith("--"))
        for path, leaf in gen_cli_docs.leaves(typer.main.get_command(app))
    }
    found = {
        name: [option for option in expected.get(name, []) if option in section]
        for name, section in sections.items()
    }

    assert "up" in expected
    assert found == expected, "run `make docs`"


def test_the_api_page_and_the_openapi_file_are_current() -> None:
    for path, text in gen_api_docs.outputs().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make docs`"


@pytest.mark.parametrize(
    "route",
    [
        "POST /api/session",
        "GET /api/health",
        "GET /api/arenas",
        "POST /api/arenas/{slug}/battles",
        "GET /api/battles/{battle_id}",
        "POST /api/battles/{battle_id}/turns",
        "POST /api/battles/{battle_id}/stop",
        "POST /api/battles/{battle_id}/skip",
        "POST /api/battles/{battle_id}/vote",
        "GET /api/arenas/{slug}/leaderboard",
        "GET /api/arenas/{slug}/votes.parquet",
    ],
)
def test_the_routes_that_others_build_on_are_on_the_api_page(route: str) -> None:
    """The page is generated; that these are there, under these names, is a promise."""
    page = (DOCS / "api.md").read_text(encoding="utf-8")

    assert f"### `{route}`" in page


def test_the_readme_has_the_tables_as_measured() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert readme_tables.filled(text, readme_tables.RESULTS) == text, "run `make docs`"


def test_a_readme_table_without_a_measurement_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(readme_tables.MissingTableError, match="speed"):
        readme_tables.filled("<!-- table: speed -->\n<!-- end -->", tmp_path)


def test_a_readme_table_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "speed.md").write_text("# Speed\n\n| a |\n| - |\n| 1 |\n")
    old = "before\n<!-- table: speed -->\n| old |\n<!-- end -->\nafter\n"

    new = readme_tables.filled(old, tmp_path)

    assert new == "before\n<!-- table: speed -->\n| a |\n| - |\n| 1 |\n<!-- end -->\nafter\n"
    assert readme_tables.filled(new, tmp_path) == new


def test_the_budgets_are_collected_from_all_results(tmp_path: Path) -> None:
    (tmp_path / "speed.md").write_text(
        "| what | measured | budget | met |\n| --- | --- | --- | --- |\n"
        "| a `vote` | 4 ms | <= 5 ms | yes |\n| a size | 9 MB |  |  |\n"
    )

    new = readme_tables.filled("<!-- table: budgets -->\n<!-- end -->", tmp_path)

    assert "| a `vote` | 4 ms | <= 5 ms | yes | `bench_speed.py` |" in new
    assert "a size" not in new
