"""What a look at an installation finds."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `cure` says what to do where it is not well."""

    what: str
    ok: bool
    detail: str
    cure: str = ""

    def as_dict(self) -> dict[str, str | bool]:
        """Return plain values for JSON."""
        return asdict(self)
