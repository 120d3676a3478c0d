"""Which votes are a judge's: those whose voter is called judge:NAME, and verdicts in two orders."""

from typing import Final, Literal

import numpy as np
import pyarrow.compute as pc

from blindarena.errors import VoteFileError
from blindarena.ranking.arrays import BoolArray
from blindarena.votes.arrow_values import indices
from blindarena.votes.blocks import Block, Sieve
from blindarena.votes.names import look_up

JudgeVotes = Literal["include", "exclude", "only"]
JUDGE_MARK: Final = "judge:"
"""What the name of a voter begins with that is a language model."""


class JudgeSieve:
    """Leaves out votes of judges, or of people, and counts both.

    Attributes:
        judged: rows of judges that are in.
        human: all other rows that are in.
        names: of the judges whose rows are in.
    """

    def __init__(self, wish: JudgeVotes) -> None:
        self._wish = wish
        self.judged = self.human = 0
        self.names: set[str] = set()
        self._mask: BoolArray = np.zeros(0, dtype=np.bool_)

    def drop(self, block: Block, sieve: Sieve) -> None:
        """Leave out what is not wished for."""
        self._mask, names = _judged(block)
        if self._wish == "exclude":
            sieve.drop(self._mask, "judge votes")
        elif self._wish == "only":
            sieve.drop(~self._mask, "not judge votes")
        if self._wish != "exclude":
            self.names |= names

    def count(self, sieve: Sieve) -> None:
        """Count the rows of the block that are in after all other checks."""
        judged = int((self._mask & sieve.keep).sum())
        self.judged += judged
        self.human += int(sieve.keep.sum()) - judged


def _judged(block: Block) -> tuple[BoolArray, set[str]]:
    """Return (rows,) whether a judge gave each vote, and the judges' names."""
    both_orders = block.plan.shape == "orders"
    none = np.full(block.rows, both_orders, dtype=np.bool_)
    path = block.plan.mark
    if path is None:
        return none, set()
    try:
        found, dictionary = block.read(path, indices)
    except VoteFileError:
        return none, set()  # a column that is no text names no judge
    if both_orders:
        texts = (text for text in dictionary.to_pylist() if text)
        return none, {text.split(", ")[0].removeprefix(JUDGE_MARK) for text in texts}
    marked = pc.fill_null(pc.starts_with(dictionary, JUDGE_MARK), False)
    if not pc.any(marked).as_py():
        return none, set()
    names = {text.removeprefix(JUDGE_MARK) for text in dictionary.filter(marked).to_pylist()}
    table = np.array([*marked.to_pylist(), False], dtype=np.bool_)
    return look_up(table, found), names
