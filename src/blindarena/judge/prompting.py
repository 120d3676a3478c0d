"""The texts that judges are asked with: files with an id and a version, ours or FastChat's.

A text is rendered with `str.format`, as FastChat does: braces in a question or an answer are left
as they are. FastChat's texts get nothing else done to them, so that they come out byte for byte
as FastChat sends them. Ours get fences (see `fences`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Final, Literal

import msgspec

from blindarena.domain.judging import Protocol
from blindarena.errors import ConfigError
from blindarena.judge.fences import fence, fence_mark

Verdicts = Literal["rating", "letters", "five_way", "items"]

_HEADER: Final = ("id", "version", "protocol", "verdicts", "turns", "reference")
_OWN: Final = (
    "single",
    "single-reference",
    "single-turn-2",
    "single-reference-turn-2",
    "pair",
    "pair-reference",
    "pair-turn-2",
    "pair-reference-turn-2",
    "baseline",
    "rubric",
)
_HOSTILE: Final = ("answer", "question", "ref_answer")
"""Fields whose names begin so hold text of others, which is fenced in."""


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """One text to ask a judge with.

    Attributes:
        id: such as "pair-v2"; with the version it names the text in every record.
        version: 0 for FastChat's, whose version is in the id.
        protocol: what is judged.
        verdicts: how the answer is read.
        turns: 1 shows the first turn, 2 a conversation of two.
        reference: it shows a right answer.
        system: the system message; "" sends none.
        user: the user message, with {fields}.
        fenced: texts of others are fenced in and verdicts in them defused.
    """

    id: str
    version: int
    protocol: Protocol
    verdicts: Verdicts
    turns: int
    reference: bool
    system: str
    user: str
    fenced: bool

    @property
    def name(self) -> str:
        """Id and version, as records and reports write them."""
        return f"{self.id}@{self.version}" if self.version else self.id

    @property
    def digest(self) -> str:
        """SHA-256 of both messages: a run goes on only with the text it began with."""
        whole = f"{self.system}\0{self.user}\0{self.fenced}"
        return hashlib.sha256(whole.encode()).hexdigest()

    def render(self, texts: Mapping[str, str]) -> str:
        """Return the user message.

        Args:
            texts: by field: question or question_1.., answer.., ref_answer_1.. and, for rubrics,
                checklist.

        Raises:
            ConfigError: the text has a field that is not given.
        """
        given = dict(texts)
        if self.fenced:
            hostile = {n: t for n, t in given.items() if n.startswith(_HOSTILE)}
            mark = fence_mark(hostile)
            given |= {n: fence(n.replace("_", "-"), t, mark) for n, t in hostile.items()}
            given["mark"] = mark
        try:
            return self.user.format(**given)
        except (KeyError, IndexError) as error:
            raise ConfigError(
                f"judge prompt {self.name}: field {{{error.args[0]}}} is not among "
                f"{', '.join(sorted(given))}"
            ) from error


@cache
def own_prompts() -> Mapping[str, JudgePrompt]:
    """Return the texts that we ship, by id without its leading "blindarena-"."""
    folder = files("blindarena.judge") / "prompts"
    read = [read_prompt((folder / f"{n}.txt").read_text("utf-8"), source=n) for n in _OWN]
    return {prompt.id.removeprefix("blindarena-"): prompt for prompt in read}


def read_prompt(text: str, *, source: str) -> JudgePrompt:
    """Read one file: `key: value` lines, then `[system]` and `[user]` with a message each.

    Raises:
        ConfigError: a line, a key or a value that cannot be; the message says which.
    """
    head, found, rest = text.partition("[system]\n")
    system, both, user = rest.partition("[user]\n")
    if not found or not both or not user.strip():
        raise ConfigError(f"{source}: a judge prompt needs [system] and [user], each on its line")
    values: dict[str, str] = {}
    for number, line in enumerate(head.splitlines(), 1):
        key, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or key.strip() not in _HEADER:
            raise ConfigError(f"{source}:{number}: {line!r}: expected {', '.join(_HEADER)}")
        values[key.strip()] = value.strip()
    wire = {
        "id": values.get("id"),
        "version": values.get("version"),
        "protocol": values.get("protocol"),
        "verdicts": values.get("verdicts"),
        "turns": values.get("turns", "1"),
        "reference": values.get("reference", "no") == "yes",
        "system": system.strip(),
        "user": user.strip("\n"),
        "fenced": True,
    }
    try:
        prompt = msgspec.convert(wire, JudgePrompt, strict=False)
        list(Formatter().parse(prompt.user))
    except (msgspec.ValidationError, ValueError) as error:
        raise ConfigError(f"{source}: {error}") from error
    return prompt


class _FastChatPrompt(msgspec.Struct):
    name: str
    type: Literal["single", "pairwise"]
    system_prompt: str
    prompt_template: str
    output_format: str


def read_fastchat_prompts(path: Path) -> Mapping[str, JudgePrompt]:
    """Read FastChat's `judge_prompts.jsonl`, by name; nothing is changed in its texts.

    Raises:
        ConfigError: the file or a line cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    found: dict[str, JudgePrompt] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=_FastChatPrompt)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise ConfigError(f"{path}:{number}: {error}") from error
        rating = row.output_format in ("[[rating]]", "[rating]")
        fields = _fields(row.prompt_template)
        found[row.name] = JudgePrompt(
            id=row.name,
            version=0,
            protocol="single" if row.type == "single" else "pair",
            verdicts="rating" if rating else "letters",
            turns=2 if "question_2" in fields else 1,
            reference="ref_answer_1" in fields,
            system=row.system_prompt,
            user=row.prompt_template,
            fenced=False,
        )
    if not found:
        raise ConfigError(f"{path}: no judge prompt in it")
    return found


def choose_prompt(
    prompts: Sequence[JudgePrompt], *, protocol: Protocol, turns: int, reference: bool
) -> JudgePrompt:
    """Return the text for a protocol, a number of turns and with or without a right answer.

    Raises:
        ConfigError: there is none, or more than one.
    """
    wanted = (protocol, turns, reference)
    fit = [p for p in prompts if (p.protocol, p.turns, p.reference) == wanted]
    if len(fit) == 1:
        return fit[0]
    kind = f"{protocol}, {turns} turns, {'with' if reference else 'without'} reference"
    names = ", ".join(p.name for p in fit) or "none"
    raise ConfigError(f"judge prompts: {kind}: expected one text, found {names}")


def _fields(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)
