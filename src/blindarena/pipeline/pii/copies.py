"""Further places of a value that was found: a name from the greeting, in the middle of a text."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from blindarena.pipeline.pii.findings import Finding

_WORD = re.compile(r"\w+")
_MOST_WORDS = 20


def copies_of(text: str, values: Mapping[str, Finding]) -> Iterator[Finding]:
    """Find where values stand in a text as whole words, in the same spelling.

    The cost does not grow with the number of values. One of more than 20 words is not looked for.
    """
    by_first: defaultdict[str, dict[int, dict[str, Finding]]] = defaultdict(dict)
    for value, finding in values.items():
        spans = [match.span() for match in _WORD.finditer(value)]
        if 0 < len(spans) <= _MOST_WORDS:
            core = value[spans[0][0] : spans[-1][1]]
            first = value[spans[0][0] : spans[0][1]]
            by_first[first].setdefault(len(spans), {})[core] = finding
    if not by_first:
        return
    words = [match.span() for match in _WORD.finditer(text)]
    for at, (start, end) in enumerate(words):
        for count, cores in by_first.get(text[start:end], {}).items():
            last = at + count - 1
            if last < len(words) and (known := cores.get(text[start : words[last][1]])):
                yield Finding(start, words[last][1], known.kind, known.label)
