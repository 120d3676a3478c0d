"""Names of persons by rules: who greets, signs, introduces somebody, or writes Mr and Frau.

Rules find names where letters put them. A name in the middle of a sentence is found only after a
word that announces it, or by a common first name before a surname; a language model finds more, see
`spacy_names`.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files

from blindarena.pipeline.pii.findings import Finding
from blindarena.pipeline.pii.name_cues import (
    CALLED,
    CLOSING,
    COMPANY,
    DEPARTMENT,
    GREETING,
    HERE,
    RELATION,
    TITLE,
)
from blindarena.pipeline.pii.words import CAPITALISED, CAPITALS

_INITIAL = rf"[{CAPITALS}]\."
_SMALL = r"(?:von|van|de|der|den|del|della|di|du|da|dos|la|le|zu|zum|bin|al|el|y)"
_PARTICLE = re.compile(_SMALL)
_PART = rf"(?:{_INITIAL}|{CAPITALISED})"
_NAME = (
    rf"(?:(?:{_SMALL}[ ]){{1,2}}(?=[{CAPITALS}]))?{_PART}"
    rf"(?:[ ]{_PART}|[ ](?:{_SMALL}[ ]){{1,2}}{_PART}){{0,3}}"
)
_FULL_NAME = rf"{_PART}(?:[ ]{_PART}|[ ](?:{_SMALL}[ ]){{1,2}}{_PART}){{1,3}}"


def _cased(cue: str) -> str:
    """Match a cue in any case, and what follows as written."""
    return f"(?<!\\w)(?i:{cue})"


_TITLED = re.compile(rf"{_cased(TITLE)}[ ](?:(?i:{TITLE})[ ])?({_NAME})")
_NAMED = re.compile(rf"{_cased(CALLED)}[ ]?:?[ ]{{0,2}}(?:(?i:{TITLE})[ ])?({_NAME})")
_RELATED = re.compile(rf"{_cased(RELATION)},?[ ](?:(?i:{TITLE})[ ])?({_NAME})")
_ASKED_FOR = re.compile(rf"(?<!\w)nach[ ]({_NAME})[ ](?:fragen|verlangen)(?!\w)")
_BESIDE_ME = re.compile(rf"(?<!\w)(?i:ich|me|moi|yo|I),[ ]({_FULL_NAME})(?=[,.;])")
_AT_WORK = re.compile(rf"({_NAME}),?[ ](?i:{DEPARTMENT})(?!\w)")
_SENDER = re.compile(rf"(?:^|\n)(?i:from|von|de)[ ]?:[ ]?({_NAME})")
_INTRODUCED = re.compile(
    rf"{_cased('I[ ]am|I.m|ich[ ]bin|bin[ ]der|je[ ]suis|soy|this[ ]is|hier[ ]ist|ici')}"
    rf"[ ]({_FULL_NAME})"
)
_GREETED = re.compile(
    rf"(?:^|\n|[.!¡][ ]){_cased(GREETING)},?[ ](?:(?i:{TITLE})[ ]){{0,2}}"
    rf"({_NAME})(?=[ ]?[,!:;\n.])"
)
_HERE = re.compile(rf"(?:^|(?<=[.!?\n] )|(?<=\n))({_NAME}),?[ ](?i:{HERE})(?!\w)")
_CLOSED = re.compile(
    rf"{_cased(CLOSING)}(?:[ ]?[,.!:;-]\s{{1,4}}|[ ]?\n\s{{0,3}})({_NAME})(?=\s*(?:[,.\n]|$))"
)
# Without a comma only where the thanks begin a sentence: "the award for Best Picture" does not.
_CLOSED_AT_ONCE = re.compile(rf"(?:^|[.!?…\n][ ]?)(?i:{CLOSING})[ ]({_NAME})(?=[ ]?(?:[.\n]|$))")
_LAST = re.compile(rf"(?:[.!?…]|\n)\s{{1,3}}({_NAME})\s{{0,5}}\Z")
_MAILED = re.compile(rf"({_NAME})[ ]?<(?=[^\s<>]{{1,64}}@)")
_BEFORE_ADDRESS = re.compile(rf"(?:^|[\n:.?!,][ ]?)({_FULL_NAME})[ ]?(?:,[ ]?|\n)\Z")
_WORD = re.compile(CAPITALISED)
_SURNAME = re.compile(rf"[ ](?:(?:{_SMALL}[ ]){{1,2}}{_PART}|{_INITIAL}[ ]{_PART}|{CAPITALISED})")
_LONGEST = 140


def names(text: str, *, addresses: Iterable[Finding] = ()) -> Iterator[Finding]:
    """Find names.

    Args:
        text: one message.
        addresses: what `addresses` found in it; a name often stands right before one.
    """
    rules = (
        _TITLED,
        _NAMED,
        _ASKED_FOR,
        _BESIDE_ME,
        _AT_WORK,
        _RELATED,
        _INTRODUCED,
        _GREETED,
        _HERE,
        _CLOSED,
        _CLOSED_AT_ONCE,
        _MAILED,
    )
    for rule in rules:
        for match in rule.finditer(text):
            yield from _kept(text, *match.span(1))
    tail = max(len(text) - _LONGEST, 0)
    if last := _LAST.search(text[tail:]):
        yield from _kept(text, tail + last.start(1), tail + last.end(1))
    for address in addresses:
        begin = max(address.start - _LONGEST, 0)
        if before := _BEFORE_ADDRESS.search(text[begin : address.start]):
            yield from _kept(text, begin + before.start(1), begin + before.end(1))
    yield from _by_first_name(text)


def _kept(text: str, start: int, end: int) -> Iterator[Finding]:
    """Leave out leading words that are no names, and all from the next such word on."""
    if any(word in COMPANY for word in text[start:end].casefold().split()):
        return
    no_names = _words_of("not_names.txt")
    begun = False
    for word in list(re.finditer(r"[^ ]+", text[start:end])):
        plain = word[0].strip("'’.-")
        is_name = plain.casefold() not in no_names or bool(_PARTICLE.fullmatch(plain))
        if is_name and not begun:
            start, shift, begun = start + word.start(), word.start(), True
        elif begun and not is_name:
            end = start - shift + word.start()
            break
    if not begun:
        return
    value = text[start:end].rstrip(" '’-")
    small = rf"(?:[ ]{_SMALL})+\Z"
    value = re.sub(small, "", value)
    if len(value) > 1 and any(sign.islower() for sign in value):
        yield Finding(start, start + len(value), "name")


def _by_first_name(text: str) -> Iterator[Finding]:
    """Find a common first name with a surname behind it."""
    common = _words_of("first_names.txt")
    for match in _WORD.finditer(text):
        if match[0] in common and (surname := _SURNAME.match(text, match.end())):
            last = surname[0].split(" ")[-1]
            if last.casefold() not in _words_of("not_names.txt"):
                yield Finding(match.start(), surname.end(), "name")


@lru_cache(maxsize=2)
def _words_of(file: str) -> frozenset[str]:
    path = files("blindarena.pipeline.pii") / file
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())
