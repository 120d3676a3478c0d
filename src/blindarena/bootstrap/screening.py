"""Personal data in what voters write, found by `pipeline.pii` for `arena.screening`."""

from blindarena.arena.screening_ports import Looked, Restorer, Values
from blindarena.bootstrap.import_tools import detection_of
from blindarena.domain.arenas import Arena
from blindarena.pipeline.pii import Placeholders, RestoringStream, screen
from blindarena.pipeline.pii.placeholders import PLACEHOLDER, name_of


class PiiFinder:
    """The `PersonalData` of `arena.screening_ports`."""

    def look(self, arena: Arena, text: str, *, values: Values) -> Looked:
        """Find the personal data of a text.

        Raises:
            InputError: one of the arena's own shapes cannot be used; nothing may be sent then.
        """
        found = screen(
            text, mode="redact", state=Placeholders(values), detection=detection_of(arena)
        )
        counts = {str(kind): n for kind, n in found.counts().items()}
        return Looked(found.text, found.state.as_dict(), counts, found.summary())

    def restore(self, text: str, *, values: Values) -> str:
        """Return a text with the values in place of their placeholders."""
        return Placeholders(values).restore(text)

    def restorer(self, *, values: Values) -> Restorer:
        """Return what does so for an answer in pieces."""
        return RestoringStream(Placeholders(values))

    def placeholders(self, text: str) -> list[str]:
        """Return the placeholders that stand in a text."""
        return [name_of(match) for match in PLACEHOLDER.finditer(text)]
