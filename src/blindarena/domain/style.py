"""Facts about how a Markdown answer looks, for style control and the mirror."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_HEADER = re.compile(r"^ {0,3}#{1,6}[ \t]", re.MULTILINE)
_BOLD = re.compile(r"\*\*[^*\n]+?\*\*|__[^_\n]+?__")
_LIST = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Style:
    """Counts over one answer; headers, bold and lists inside code blocks do not count."""

    words: int
    headers: int
    bold: int
    lists: int

    @property
    def formatting(self) -> int:
        """All formatting marks together, the mirror's measure of "more formatted"."""
        return self.headers + self.bold + self.lists


def style_of(text: str) -> Style:
    """Count words, headers, bold passages and list items of a Markdown text."""
    prose = _FENCE.sub("", text)
    return Style(
        words=len(text.split()),
        headers=len(_HEADER.findall(prose)),
        bold=len(_BOLD.findall(prose)),
        lists=len(_LIST.findall(prose)),
    )
