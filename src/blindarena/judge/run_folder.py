"""The folder of a run: what was asked, by whom, and the lock that keeps a second process out."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from blindarena.domain.judging import Protocol
from blindarena.errors import ConfigError, InputError

_FIXED: Final = ("prompts", "baseline", "repeats")


class Judging(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """How one protocol judges in a run.

    Attributes:
        prompts: digest of each text that judges are asked with, by name.
        baseline: the contestant that all others are compared with; None compares all pairs.
        repeats: how often each judgment is asked for.
    """

    prompts: Mapping[str, str]
    baseline: str | None = None
    repeats: int = 1


class RunSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What a run asks; written as `run.json` when it begins.

    Attributes:
        version: of BlindArena, when the run began.
        questions: digest of the set of questions.
        set_name: its name, for people.
        judgings: by protocol; none while only answers are asked for.
        contestants: what each one is: a digest of deployments, models, system and parameters.
        judges: likewise.
    """

    version: str
    questions: str
    set_name: str
    judgings: Mapping[Protocol, Judging] = {}
    contestants: Mapping[str, str] = {}
    judges: Mapping[str, str] = {}


class RunFolder:
    """One run's folder.

    Args:
        root: the folder; made when something is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spec_path = root / "run.json"
        self.questions_path = root / "questions.jsonl"

    def answers_path(self, contestant: str) -> Path:
        """Return the file of a contestant's answers."""
        return self.root / "answers" / f"{file_name(contestant)}.jsonl"

    def judgments_path(self, judge: str) -> Path:
        """Return the file of a judge's judgments."""
        return self.root / "judgments" / f"{file_name(judge)}.jsonl"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out while the block runs.

        Raises:
            ConfigError: one is at it already.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConfigError(f"{self.root}: another process works on this run") from error
            yield
        finally:
            os.close(handle)

    def read(self) -> RunSpec | None:
        """Return what the run asks; None where it has not begun.

        Raises:
            InputError: `run.json` cannot be read.
        """
        try:
            return msgspec.json.decode(self.spec_path.read_bytes(), type=RunSpec)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            raise InputError(f"{self.spec_path}: {error}") from error

    def begin(self, spec: RunSpec) -> RunSpec:
        """Write what the run asks, or check that it is what it asked when it began.

        Contestants, judges and protocols may be added; none of them may be another than it was.

        Raises:
            ConfigError: something changed.
        """
        before = self.read()
        if before is not None:
            spec = self._continued(before, spec)
        if spec != before:
            self.root.mkdir(parents=True, exist_ok=True)
            fresh = self.spec_path.with_suffix(".json.new")
            fresh.write_bytes(msgspec.json.format(msgspec.json.encode(spec), indent=2) + b"\n")
            fresh.replace(self.spec_path)
        return spec

    def _continued(self, before: RunSpec, now: RunSpec) -> RunSpec:
        if before.questions != now.questions:
            raise self._other("questions")
        for protocol in before.judgings.keys() & now.judgings.keys():
            was, wanted = before.judgings[protocol], now.judgings[protocol]
            for field in _FIXED:
                if getattr(was, field) != getattr(wanted, field):
                    raise self._other(f"{field} for {protocol!r}")
        for kind in ("contestants", "judges"):
            had, has = getattr(before, kind), getattr(now, kind)
            for name in had.keys() & has.keys():
                if had[name] != has[name]:
                    raise ConfigError(
                        f"{self.root}: {name!r} is another than when this run began (model, "
                        "system prompt or parameters); give it another name, or another folder"
                    )
        return msgspec.structs.replace(
            before,
            judgings={**before.judgings, **now.judgings},
            contestants={**before.contestants, **now.contestants},
            judges={**before.judges, **now.judges},
        )

    def _other(self, what: str) -> ConfigError:
        return ConfigError(
            f"{self.root}: this run began with other {what}; "
            "give another folder, or delete this one"
        )


def file_name(name: str) -> str:
    """Return a name that is safe as a file's, and distinct for distinct names."""
    kept = "".join(c if c.isalnum() or c in "-_." else f"%{ord(c):x}" for c in name)
    return f"%{kept}" if kept.startswith(".") else kept
