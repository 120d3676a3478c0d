"""The files of a replay arena, read strictly and checked against each other."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec

from blindarena.errors import InputError

T = TypeVar("T")


class Ticket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of tickets.json; `language` is a BCP 47 tag such as "en"."""

    key: str
    title: str
    text: str
    category: str
    language: str
    policy: str


class BreachLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One planted breach of breaches.json."""

    policy: str
    quote: str


class Scripted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contestant of truth.json; `answers` is the name of its file."""

    name: str
    deployment: str
    answers: str
    strength: float
    words: str


class TruthFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of truth.json."""

    note: str
    tie_share: float
    both_bad_share: float
    battles_per_voter: int
    contestants: list[Scripted]


class ReplayFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder holds; `answers` and `breaches` are by contestant name, then ticket key."""

    tickets: list[Ticket]
    truth: TruthFile
    answers: Mapping[str, Mapping[str, str]]
    breaches: Mapping[str, Mapping[str, BreachLine]]


def read_replay_files(folder: Traversable) -> ReplayFiles:
    """Read tickets.json, truth.json, breaches.json and every file of answers.

    Raises:
        InputError: names the file, the ticket and what is wrong.
    """
    truth = _read(folder, "truth.json", TruthFile)
    content = ReplayFiles(
        tickets=_read(folder, "tickets.json", list[Ticket]),
        truth=truth,
        answers={c.name: _read(folder, c.answers, dict[str, str]) for c in truth.contestants},
        breaches=_read(folder, "breaches.json", dict[str, dict[str, BreachLine]]),
    )
    _check_tickets(content)
    _check_answers(content)
    _check_breaches(content)
    return content


def _read(folder: Traversable, name: str, shape: type[T]) -> T:
    try:
        return msgspec.json.decode((folder / name).read_bytes(), type=shape)
    except OSError as error:
        raise InputError(
            f"{name}: cannot be read ({error.strerror}); put it in {folder}"
        ) from error
    except msgspec.MsgspecError as error:
        raise InputError(f"{name}: {error}; see docs/demo.md for its shape") from error


def _check_tickets(content: ReplayFiles) -> None:
    if not content.tickets:
        raise InputError("tickets.json: no tickets; write at least one")
    for field in ("key", "text"):
        seen: set[str] = set()
        for ticket in content.tickets:
            value: str = getattr(ticket, field)
            if not value.strip() or value in seen:
                raise InputError(
                    f"tickets.json: ticket {ticket.key!r}: its {field} is empty or there twice; "
                    "answers are found by it, so make it unique"
                )
            seen.add(value)


def _check_answers(content: ReplayFiles) -> None:
    names = [c.name for c in content.truth.contestants]
    deployments = [c.deployment for c in content.truth.contestants]
    if len(names) < 2 or len(set(names)) < len(names) or len(set(deployments)) < len(names):
        raise InputError(
            "truth.json: two or more contestants with a name and a deployment of their own are "
            f"needed, got {', '.join(names) or 'none'}"
        )
    keys = {ticket.key for ticket in content.tickets}
    for scripted in content.truth.contestants:
        given = content.answers[scripted.name]
        missing = sorted(key for key in keys if not given.get(key, "").strip())
        if missing:
            raise InputError(
                f"{scripted.answers}: no answer to {', '.join(missing)}; write one each"
            )
        if unknown := sorted(set(given) - keys):
            raise InputError(
                f"{scripted.answers}: answers to unknown tickets {', '.join(unknown)}; "
                "remove them or add the tickets"
            )


def _check_breaches(content: ReplayFiles) -> None:
    tickets = {ticket.key: ticket for ticket in content.tickets}
    for name, by_ticket in content.breaches.items():
        if name not in content.answers:
            raise InputError(f"breaches.json: there is no contestant {name!r}; see truth.json")
        for key, breach in by_ticket.items():
            where = f"breaches.json: {name}, {key}"
            if key not in tickets:
                raise InputError(f"{where}: there is no such ticket; see tickets.json")
            if not breach.policy or breach.policy not in tickets[key].policy:
                raise InputError(
                    f"{where}: {breach.policy!r} is not in the ticket's policy; copy it exactly"
                )
            if not breach.quote or breach.quote not in content.answers[name][key]:
                raise InputError(f"{where}: {breach.quote!r} is not in the answer; copy it exactly")
