"""Run the fenced code blocks of a Markdown page; the rules are in `tests/test_docs.py`."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import blindarena
from blindarena.settings import load_settings

FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"(?:#|<!--) ([\w./-]+\.(?:toml|csv|md))\b[^\n]*\n")
SOURCES = Path(blindarena.__file__).parent.parent
COMMAND_ENDS_WITHIN_S = 60
STOPS_WITHIN_S = 20


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    line: int
    language: str
    runs: bool
    text: str


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        language, *words = match[1].split() or [""]
        if set(words) - {"no-run"}:
            raise ValueError(f"unknown words after the fence: {words}")
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(line, language, "no-run" not in words, match[2]))
    return found


class Page:
    """A page whose blocks run one after the other in one folder.

    Args:
        folder: where files are written and commands run.
        check_command: is called with the words of a `blindarena` command that is not run.
    """

    def __init__(self, folder: Path, *, check_command: Callable[[list[str]], None]) -> None:
        self.folder = folder
        self._check_command = check_command
        self._names: dict[str, object] = {"__name__": "__docs__"}

    def run(self, block: Block) -> None:
        """Run one block.

        Raises:
            Exception: whatever is wrong with it.
        """
        if block.language == "python":
            code = compile(block.text, "<docs>", "exec")
            if block.runs:
                exec(code, self._names)
        elif block.language == "toml":
            tomllib.loads(block.text)
            if block.runs and self._wrote_file(block.text):
                self._load_settings()
        elif block.language in ("csv", "markdown"):
            assert self._wrote_file(block.text), "begin with the name of the file"
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "console":
            self._console(block)
        elif block.language == "bash":
            subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
            for command in _commands(block.text.splitlines()):
                self._check_command(command)
        else:
            assert block.language == "text", f"what is a {block.language!r} block?"

    def _wrote_file(self, text: str) -> bool:
        named = FILE_NAME.match(text)
        if named is None:
            return False
        path = self.folder / named[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if path.suffix == ".toml" else text[named.end() :], encoding="utf-8")
        return True

    def _load_settings(self) -> None:
        if (self.folder / "blindarena.toml").exists():
            load_settings(self.folder / "blindarena.toml", environ={})

    def _console(self, block: Block) -> None:
        command: list[str] | None = None
        shown: list[str] = []
        for line in [*block.text.splitlines(), "$ true"]:
            if not line.startswith("$ "):
                shown.append(line)
                continue
            if command is not None:
                run_command(command, shown, cwd=self.folder)
            command, shown = None, []
            if words := _commands([line.removeprefix("$ ")]):
                if block.runs:
                    command = words[0]
                else:
                    self._check_command(words[0])


def _commands(lines: list[str]) -> list[list[str]]:
    """Return the words of each line that calls `blindarena`."""
    split = [shlex.split(line, comments=True) for line in lines]
    return [words for words in split if words[:1] == ["blindarena"]]


def _pattern(line: str) -> re.Pattern[str]:
    """Return what an output line must match: the same words, `...` standing for anything."""
    words = (re.escape(part) for part in re.split(r"(\.\.\.)|\s+", line.strip()) if part)
    return re.compile(r"\s*".join(words).replace(re.escape("..."), ".*"))


def run_command(words: list[str], shown: list[str], *, cwd: Path) -> None:
    """Run a command until it ends, or until all lines shown in the page have come.

    A command that has not ended by then is a server: it is interrupted as with Ctrl-C and must
    stop cleanly. Ports are free ones here, so port numbers are not compared.

    Raises:
        AssertionError: it failed, or a line that the page shows never came.
    """
    wanted = [_pattern(re.sub(r"(127\.0\.0\.1):\d+", r"\1:...", line)) for line in shown if line]
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env=os.environ
        | {"BLINDARENA_PORT": "0", "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}
        | {"PYTHONPATH": str(SOURCES)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    killer = threading.Timer(COMMAND_ENDS_WITHIN_S, process.kill)
    killer.start()
    output: list[str] = []
    interrupted = False
    try:
        for line in process.stdout:
            output.append(line)
            wanted = [pattern for pattern in wanted if not pattern.search(line)]
            if not wanted and shown and not interrupted:
                interrupted = _interrupt_if_running(process)
        code = process.wait()
    finally:
        killer.cancel()
        with contextlib.suppress(OSError):
            process.kill()
        process.stdout.close()
    text = "".join(output)
    missing = [pattern.pattern for pattern in wanted]
    assert not missing, f"{shlex.join(words)} did not print {missing}, but:\n{text}"
    allowed = (0, 130, -signal.SIGINT) if interrupted else (0,)
    assert code in allowed, f"{shlex.join(words)} ended with {code}:\n{text}"
    assert "Traceback" not in text, text


def _interrupt_if_running(process: subprocess.Popen[str]) -> bool:
    """Interrupt a command that does not end by itself shortly after its last line."""
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        return True
    return False
