"""What looking at runs needs from outside; `storage` and `testing` provide it."""

from typing import Protocol

from blindarena.domain.judge_votes import JudgeVote


class JudgeVotes(Protocol):
    """People's votes on judged pairs; a changed vote is a new row."""

    async def add(self, vote: JudgeVote) -> None:
        """Store a vote; it is durable when this returns."""
        ...

    async def counted(self, run: str) -> list[JudgeVote]:
        """Return the votes on a run that count: of each rater and item the latest."""
        ...

    async def delete_run(self, run: str) -> int:
        """Delete every vote on a run; return how many rows there were."""
        ...
