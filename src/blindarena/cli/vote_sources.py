"""What `blindarena rank` is given: files and folders of votes, and judged runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from blindarena.votes.sources import Source


def sources_of(paths: Sequence[Path]) -> "list[Source]":
    """Return the paths, a judged run as the votes of its judges.

    Raises:
        ConfigError: a run has no judged pair.
        InputError: a file of a run cannot be read.
    """
    return [_votes_of(path) if (path / "run.json").is_file() else path for path in paths]


def _votes_of(root: Path) -> "pa.Table":
    from blindarena.judge.formats.votes import vote_table
    from blindarena.judge.judged_run import read_judged_run

    return vote_table(read_judged_run(root))
