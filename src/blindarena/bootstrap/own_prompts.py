"""The prompts of an arena's own file, without the personal data that the arena does not take."""

from collections.abc import Sequence
from dataclasses import replace

from blindarena.domain.arenas import Arena, Prompt
from blindarena.errors import ConfigError


def without_personal_data(arena: Arena, prompts: Sequence[Prompt]) -> tuple[Prompt, ...]:
    """Return prompts with placeholders under `redact`, as an import would store them.

    A replay arena sends nothing anywhere and finds its answers by the text: its prompts stay.

    Raises:
        ConfigError: under `block`, naming the prompt and what is in it, never a value.
    """
    if arena.pii not in ("redact", "block") or arena.kind == "replay":
        return tuple(prompts)
    from blindarena.bootstrap.import_tools import detection_of
    from blindarena.pipeline.pii import Placeholders, screen

    detection = detection_of(arena)
    screened = []
    for prompt in prompts:
        state, texts = Placeholders(), []
        for text in (prompt.text, prompt.title, prompt.policy):
            found = screen(text, mode=arena.pii, state=state, detection=detection)
            if found.blocked:
                raise ConfigError(
                    f'prompt "{prompt.key}" seems to hold {found.summary()}, and pii = "block" '
                    'takes none; take it out, or choose pii = "redact"'
                )
            state = found.state
            texts.append(found.text)
        screened.append(replace(prompt, text=texts[0], title=texts[1], policy=texts[2]))
    return tuple(screened)
