"""People's votes on judged pairs in memory."""

from dataclasses import replace

from blindarena.domain.judge_votes import JudgeVote


class MemoryJudgeVotes:
    """People's votes on judged pairs; a changed vote is a new row."""

    def __init__(self) -> None:
        self._rows: list[JudgeVote] = []

    async def add(self, vote: JudgeVote) -> None:
        """Store a vote."""
        self._rows.append(vote)
        self._rows.sort(key=lambda one: (one.at, one.id))

    async def counted(self, run: str) -> list[JudgeVote]:
        """Return the votes on a run that count: of each rater and item the latest."""
        mine = [vote for vote in self._rows if vote.run == run]
        return list({(vote.rater, vote.item): vote for vote in mine}.values())

    async def of_rater(self, rater: str) -> list[JudgeVote]:
        """Return every row of a pseudonym, the first one first."""
        return [vote for vote in self._rows if vote.rater == rater]

    async def raters(self, beginning: str) -> list[str]:
        """Return the pseudonyms that begin so."""
        return sorted({vote.rater for vote in self._rows if vote.rater.startswith(beginning)})

    async def relabel(self, rater: str, label: str) -> int:
        """Put a label in the place of a pseudonym; return how many rows it had."""
        changed = await self.of_rater(rater)
        self._rows = [
            replace(vote, rater=label) if vote.rater == rater else vote for vote in self._rows
        ]
        return len(changed)

    async def delete_run(self, run: str) -> int:
        """Delete every vote on a run; return how many rows there were."""
        before = len(self._rows)
        self._rows = [vote for vote in self._rows if vote.run != run]
        return before - len(self._rows)
