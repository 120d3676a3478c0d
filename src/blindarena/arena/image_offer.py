"""Whether an arena takes pictures: enough of its contestants must, and some pair of these meet."""

from collections.abc import Sequence

from blindarena.arena.sampling import pair_probabilities
from blindarena.domain.arenas import Arena, Contestant
from blindarena.domain.images import ImageOffer
from blindarena.errors import NotReadyError


def image_offer(arena: Arena, contestants: Sequence[Contestant]) -> ImageOffer:
    """Say whether blind battles of an arena may have pictures.

    It depends on the configuration alone, never on who was drawn or who can answer now.

    Args:
        arena: a live one whose voters write their messages; others take no pictures.
        contestants: of its present version.

    Returns:
        "none"; "some": a battle with pictures draws among the contestants that take them; "all":
        every battle may have pictures, and its pair is drawn as ever.
    """
    if arena.kind != "live" or arena.read_only or arena.prompt_mode != "free":
        return "none"
    enabled = [contestant for contestant in contestants if contestant.enabled]
    able = [contestant for contestant in enabled if contestant.images]
    try:
        pair_probabilities(able, policy=arena.sampling, baseline=arena.baseline)
    except NotReadyError:
        return "none"
    return "all" if len(able) == len(enabled) else "some"
