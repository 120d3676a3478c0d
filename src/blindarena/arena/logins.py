"""Arenas that are for people who log in: without a login nothing begins there."""

from blindarena.domain.arenas import Arena
from blindarena.domain.battles import Session
from blindarena.domain.queue import Member
from blindarena.errors import LoginRequiredError


def may_begin(arena: Arena, session: Session, member: Member | None = None) -> bool:
    """Say whether somebody may begin to vote here.

    The owner's password is no login: it says what one may do, not who one is.

    Args:
        arena: which may require a login by OpenID Connect.
        session: whose `subject` is who logged in.
        member: of the review queue; whoever joined by an invite needs no login, unless the
            arena says that invites need one too.
    """
    if not arena.require_login or session.subject:
        return True
    invited = member is not None and member.invite_id is not None
    return invited and not arena.queue.invites_need_login


def check_login(arena: Arena, session: Session, member: Member | None = None) -> None:
    """Raise LoginRequiredError where `may_begin` says no."""
    if not may_begin(arena, session, member):
        raise LoginRequiredError(f"{arena.title!r} is for people who log in; please log in first")
