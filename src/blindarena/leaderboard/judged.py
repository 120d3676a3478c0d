"""Votes of language models as judges: never mixed unseen with those of people, always named."""

from blindarena.errors import InputError
from blindarena.leaderboard.options import Options
from blindarena.votes.table import VoteTable


def check_judges(table: VoteTable, options: Options) -> None:
    """Refuse votes of judges and of people in one board, unless that is asked for.

    Raises:
        InputError: there are both, and the options do not say what is to become of them.
    """
    report = table.report
    if options.judge_votes is None and report.judged and report.human:
        raise InputError(
            f"{report.judged:,} votes are of judges ({', '.join(report.judges) or 'unnamed'}) and "
            f"{report.human:,} are not; say what becomes of them: judge_votes include, exclude or "
            "only (--judge-votes)"
        )


def judge_note(table: VoteTable) -> tuple[str, ...]:
    """Return what a board says of votes of judges in it; nothing where there are none."""
    report = table.report
    if not report.judged:
        return ()
    who = ", ".join(report.judges) or "unnamed"
    if not report.human:
        return (f"These are votes of language models as judges ({who}), not of people.",)
    share = report.judged / (report.judged + report.human)
    return (
        f"{report.judged:,} of the votes ({share:.0%}) are of language models as judges ({who}), "
        "not of people.",
    )
