"""A board as a file that anybody can check: written once, dated, with all that it was made from."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blindarena.errors import InputError

if TYPE_CHECKING:
    from blindarena.leaderboard.result import Leaderboard
    from blindarena.leaderboard.screening import VoterCheck

FORMAT = 1


def snapshot_of(board: "Leaderboard") -> str:
    """Return a board as JSON with a digest of itself; numbers have all their digits."""
    content: dict[str, Any] = {
        "snapshot": FORMAT,
        "computed_at": board.computed_at.isoformat(),
        **_facts(board),
        "versions": dict(board.versions),
        "options": asdict(board.options),
        "files": list(board.files),
        "boards": [_facts(one) for one in board.boards],
        "held_out": [{**asdict(one), "wins": one.wins} for one in board.held_out],
    }
    content["digest"] = digest_of(content)
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _facts(board: "Leaderboard") -> dict[str, Any]:
    """Return what a board and each of its categories have."""
    return {
        "category": board.category,
        "method": board.method,
        "interval": board.interval,
        "n": board.n,
        "excluded": dict(board.excluded),
        "data_hash": board.data_hash,
        "seed": board.seed,
        "tolerance": board.tolerance,
        "iterations": board.iterations,
        "notes": list(board.notes),
        "coefficients": [asdict(one) for one in board.coefficients],
        "decision": None if board.decision is None else asdict(board.decision),
        "fronts": [asdict(front) for front in board.fronts],
        "utility": None if board.utility is None else asdict(board.utility),
        "flips": [asdict(flip) for flip in board.flips],
        "cross_check": [asdict(check) for check in board.cross_check],
        "voters": None if board.voters is None else _voters(board.voters),
        "rows": [asdict(row) for row in board.rows],
    }


def _voters(check: "VoterCheck") -> dict[str, Any]:
    """Return the voter test; the power's numbers of votes become text, as JSON's keys are."""
    power = {str(n): share for n, share in check.power.items()}
    return {**asdict(check), "power": power, "flagged": check.flagged}


def digest_of(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a snapshot's content, its own digest left out."""
    rest = {key: value for key, value in content.items() if key != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def read_snapshot(path: Path) -> dict[str, Any]:
    """Return the content of a snapshot.

    Raises:
        InputError: the file cannot be read, or is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except ValueError as error:
        raise InputError(
            f"{path}: not a snapshot ({error}); `blindarena rank --format json` writes one"
        ) from error
    if not isinstance(content, dict) or "snapshot" not in content:
        raise InputError(f"{path}: not a snapshot; `blindarena rank --format json` writes one")
    if content["snapshot"] != FORMAT:
        raise InputError(
            f"{path}: a snapshot of format {content['snapshot']!r}, and this version reads "
            f"{FORMAT}; take the version of BlindArena that wrote it"
        )
    missing = {"options", "versions", "rows", "boards", "n", "data_hash", "digest"} - set(content)
    if missing:
        raise InputError(f"{path}: the snapshot has no {', '.join(sorted(missing))}; it is damaged")
    return content
