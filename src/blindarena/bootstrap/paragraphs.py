"""Texts of files for people: lines that were broken for an editor become paragraphs again."""

import re

_OF_ITS_OWN = re.compile(r"\s|[-*+#>|]|\d+[.)]\s")
"""Begins a line that does not continue the one before: a list, a heading, a quote, a table."""


def flowing(text: str) -> str:
    """Join the lines of each paragraph; blank lines, lists and headings stay as they are.

    Two blanks at the end of a line keep its break, as in Markdown.
    """
    lines: list[str] = []
    joins = False
    for line in text.strip().splitlines():
        if joins and line.strip() and not _OF_ITS_OWN.match(line):
            lines[-1] = f"{lines[-1]} {line.rstrip()}"
        else:
            lines.append(line.rstrip())
        joins = bool(line.strip()) and not line.endswith("  ") and not line.startswith("#")
    return "\n".join(lines)
