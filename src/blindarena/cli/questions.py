"""`blindarena questions`: look at sets of questions, check files of them, get public ones."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blindarena.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from blindarena.domain.judging import Question
    from blindarena.judge.checking import CategorySummary
    from blindarena.judge.fetched import Fetched

app = typer.Typer(
    help="Sets of questions for judges: list, show, check, get.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

SetArgument = Annotated[
    str, typer.Argument(metavar="SET", help="starter, customer-service or a file of questions.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON for a program.")]
CHECKED = {
    "ours": "as it should be",
    "given": "as given",
    "hub": "as the hub says",
    "nobody": "compared with nothing; give it with --sha256 next time",
}


@app.command("list")
def list_sets(as_json: JsonOption = False) -> None:
    """Show the sets that come with BlindArena, and the public ones that `get` knows.

    Example: blindarena questions list
    """
    from rich.console import Console
    from rich.table import Table

    from blindarena.judge.checking import summary_of
    from blindarena.judge.fetching import PUBLIC_SETS
    from blindarena.judge.questions import OWN_SETS, load_questions

    own = {name: load_questions(name).questions for name in OWN_SETS}
    if as_json:
        told = {
            "own": {n: {"categories": _told(summary_of(qs))} for n, qs in own.items()},
            "public": {
                name: {
                    "title": public.title,
                    "where": public.where,
                    "licence": public.licence,
                    "sha256": public.sha256,
                }
                for name, public in PUBLIC_SETS.items()
            },
        }
        typer.echo(json.dumps(told, indent=1))
        return
    console = Console()
    for name, questions in own.items():
        found = summary_of(questions)
        console.print(f"{name}: {len(questions)} questions", highlight=False)
        console.print(_table(found))
        console.print()
    table = Table("public set", "what", "licence", "checksum", box=None, pad_edge=False)
    for name, public in PUBLIC_SETS.items():
        known = "known" if public.sha256 else "the hub's"
        table.add_row(name, public.title, public.licence, known)
    console.print(table)
    console.print("Get one with: blindarena questions get NAME", highlight=False)


@app.command()
def show(
    where: SetArgument,
    question: Annotated[
        str | None, typer.Argument(metavar="ID", help="One question, in full.")
    ] = None,
    category: Annotated[str | None, typer.Option(help="Only questions of this category.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the questions of a set, a line each, or one of them in full.

    Example: blindarena questions show starter starter-math-01
    """
    from blindarena.judge.questions import load_questions, write_jsonl

    questions = load_questions(where).questions
    if category is not None:
        there = sorted({each.category for each in questions})
        if category not in there:
            known = ", ".join(there)
            raise InputError(f"--category {category!r}: there is none; there are: {known}")
        questions = tuple(each for each in questions if each.category == category)
    if question is not None:
        questions = tuple(each for each in questions if each.id == question)
        if not questions:
            raise InputError(
                f"{where} has no question {question!r}; see all: blindarena questions show {where}"
            )
    if as_json:
        typer.echo(b"".join(write_jsonl(questions)).decode(), nl=False)
    elif question is not None:
        _show_one(questions[0])
    else:
        width = max(len(each.id) for each in questions)
        for each in questions:
            first = " ".join(each.turns[0].split())
            short = first if len(first) <= 90 else f"{first[:89]}…"
            typer.echo(f"{each.id:<{width}}  {short}")


@app.command()
def check(
    where: Annotated[str, typer.Argument(metavar="FILE", help="JSONL, or CSV of prompts.")],
    as_json: JsonOption = False,
) -> None:
    """Say every problem of a file of questions with its line, and what is in it.

    Example: blindarena questions check my-questions.jsonl
    """
    from rich.console import Console

    from blindarena.judge.checking import check_questions

    found = check_questions(where)
    if as_json:
        told = {
            "problems": found.problems,
            "hints": found.hints,
            "categories": _told(found.categories),
        }
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        for problem in found.problems:
            typer.echo(problem)
        for hint in found.hints:
            typer.echo(f"hint: {hint}")
        if found.questions:
            Console().print(_table(found.categories))
        typer.echo(
            f"{where}: {_count(len(found.questions), 'question')}, "
            f"{_count(len(found.problems), 'problem')}"
        )
    if found.problems:
        raise typer.Exit(2)


@app.command()
def get(
    where: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="mt-bench, arena-hard, arena-hard-v0.1; ORG/REPO:PATH of a dataset on the Hugging "
            "Face hub; an https:// address; or a file.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write [default: by the name].")
    ] = None,
    sha256: Annotated[
        str | None, typer.Option(metavar="HEX", help="The checksum that the file must have.")
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Join right answers: FastChat's reference_answer file."),
    ] = None,
    mirror: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="BLINDARENA_MIRROR",
            help="Where files lie by host and path, such as URL/raw.githubusercontent.com/...",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Download a public set of questions into a file, checked.

    Example: blindarena questions get mt-bench --out mt-bench.jsonl
    """
    from blindarena.judge.checking import summary_of
    from blindarena.judge.fetched import file_name, join_references, write_questions
    from blindarena.judge.fetching import fetch_questions

    fetched = asyncio.run(fetch_questions(where, env=os.environ, mirror=mirror, sha256=sha256))
    if reference is not None:
        fetched = join_references(fetched, reference)
    path = out or Path(file_name(fetched))
    write_questions(fetched, path, overwrite=force)
    if as_json:
        told = {
            "path": str(path),
            "source": fetched.source,
            "sha256": fetched.sha256,
            "checked": fetched.checked,
            "references_joined": fetched.joined,
            "categories": _told(summary_of(fetched.questions)),
        }
        typer.echo(json.dumps(told, indent=1))
        return
    _tell(fetched, path)


def _tell(fetched: "Fetched", path: Path) -> None:
    typer.echo(f"{path}: {_count(len(fetched.questions), 'question')} from {fetched.source}")
    typer.echo(f"SHA-256 {fetched.sha256}: {CHECKED[fetched.checked]}")
    if fetched.joined:
        typer.echo(f"references joined to {_count(fetched.joined, 'question')}")


def _show_one(question: "Question") -> None:
    typer.echo(f"{question.id}  {question.category}  {', '.join(question.tags)}".rstrip())
    if question.required_temperature is not None:
        typer.echo(f"temperature {question.required_temperature:g}")
    if question.system:
        typer.echo(f"\nSystem prompt:\n{question.system}")
    for number, turn in enumerate(question.turns, 1):
        typer.echo(f"\nTurn {number}:\n{turn}")
        if number <= len(question.reference):
            typer.echo(f"\nReference {number}:\n{question.reference[number - 1]}")
    if question.rubric:
        typer.echo("\nRubric, weight and item:")
    for item in question.rubric:
        typer.echo(f"{item.weight:4g}  {item.id}: {item.text}")


def _table(categories: "Mapping[str, CategorySummary]") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("category")
    for name in ("questions", "turns", "with reference", "with rubric"):
        table.add_column(name, justify="right")
    for name, found in categories.items():
        counts = (found.questions, found.turns, found.references, found.rubrics)
        table.add_row(name, *map(str, counts))
    return table


def _told(categories: "Mapping[str, CategorySummary]") -> dict[str, Any]:
    from dataclasses import asdict

    return {name: asdict(found) for name, found in categories.items()}


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
