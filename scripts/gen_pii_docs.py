"""Measure the finding of personal data on our labelled messages and fill the tables of docs/pii.md.

    python scripts/gen_pii_docs.py

`<!-- table: NAME -->` and `<!-- end -->` enclose each table.
"""

import re
from pathlib import Path

from blindarena.pipeline.pii import KINDS, Kind, find
from blindarena.pipeline.pii.measuring import Labelled, Score, measure, read_labelled

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "pii.md"
MESSAGES = ROOT / "tests" / "data" / "pii"
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
MARKED = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", flags=re.DOTALL)


def messages(language: str) -> tuple[list[Labelled], list[Labelled]]:
    """Return the messages that the rules were written on (the odd ones) and those held out."""
    path = MESSAGES / f"{language}.txt"
    read = read_labelled(path.read_text(encoding="utf-8"), where=path.name)
    return read[::2], read[1::2]


def tables() -> dict[str, str]:
    """Measure, and return the tables by name."""
    seen: dict[Kind, Score] = dict.fromkeys(KINDS, Score())
    held: dict[Kind, Score] = dict.fromkeys(KINDS, Score())
    languages = []
    for language, name in LANGUAGES.items():
        scores = [measure(part, find) for part in messages(language)]
        for kind in KINDS:
            seen[kind] += scores[0][kind]
            held[kind] += scores[1][kind]
        total = [sum(score.values(), Score()) for score in scores]
        languages.append(_row(name, *total))
    kinds = [_row(f"`{kind}`", seen[kind], held[kind]) for kind in KINDS]
    kinds.append(_row("all", sum(seen.values(), Score()), sum(held.values(), Score())))
    head = [
        "| {} | pieces | recall | precision | pieces held out | recall | precision |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    return {
        "pii-languages": "\n".join([head[0].format("language"), head[1], *languages]) + "\n",
        "pii-kinds": "\n".join([head[0].format("kind"), head[1], *kinds]) + "\n",
    }


def _row(name: str, *scores: Score) -> str:
    cells = [
        cell
        for score in scores
        for cell in (str(score.labelled), _share(score.recall), _share(score.precision))
    ]
    return f"| {name} | {' | '.join(cells)} |"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def filled(text: str) -> str:
    """Return the page with its tables as measured now."""
    measured = tables()
    return MARKED.sub(lambda match: match[1] + measured[match[2]] + match[3], text)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
