"""How files spell outcomes and columns; ours are on the left, and nothing else is guessed."""

from collections.abc import Mapping

from blindarena.ranking.vote_arrays import A_WINS, B_WINS, BOTH_BAD, TIE

OUTCOMES: Mapping[str, int] = {
    "model_a": A_WINS,
    "model_1": A_WINS,
    "left": A_WINS,
    "leftvote": A_WINS,
    "a": A_WINS,
    "A": A_WINS,
    "model_b": B_WINS,
    "model_2": B_WINS,
    "right": B_WINS,
    "rightvote": B_WINS,
    "b": B_WINS,
    "B": B_WINS,
    "tie": TIE,
    "tievote": TIE,
    "draw": TIE,
    "tie (inconsistent)": TIE,  # MT-Bench: the judge's two orders differ
    "both_bad": BOTH_BAD,
    "bothbad": BOTH_BAD,
    "bothbad_vote": BOTH_BAD,
    "tie (bothbad)": BOTH_BAD,
    "tie (both bad)": BOTH_BAD,
}
UNPARSED = "error"
"""How FastChat writes a judge's verdict that could not be read."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "model_a": ("model_a", "model_1", "left"),
    "model_b": ("model_b", "model_2", "right"),
    "winner": ("winner", "outcome"),
    "count": ("count",),
    "wins_1": ("wins_1", "wins_a", "winner_model_a"),
    "wins_2": ("wins_2", "wins_b", "winner_model_b"),
    "ties": ("ties", "winner_tie"),
    "both_bad": ("both_bad", "winner_both_bad"),
    "g1_winner": ("g1_winner",),
    "g2_winner": ("g2_winner",),
    "ranking": ("ranking",),
    "excluded": ("excluded",),
}
"""Columns that make a vote; `model_1` and `model_2` are taken for `model_a` and `model_b`."""

LABELS: Mapping[str, tuple[str, ...]] = {
    "voter": ("voter", "judge", "worker", "user", "user_id"),
    "judge": ("judge",),
    "session": ("session", "evaluation_session_id"),
    "category": ("category",),
    "language": ("language", "lang"),
    "prompt": ("prompt_id", "question_id", "prompt"),
    "turn": ("turn",),
    "policy": ("policy",),
    "anony": ("anony",),
    "is_code": ("is_code",),
    "is_refusal": ("is_refusal",),
}
"""Columns of text. A file with a judge and no voter has the judge as both."""

_PER_SIDE: Mapping[str, tuple[str, ...]] = {
    "tokens": ("completion_tokens_{}", "sum_assistant_{}_tokens"),
    "headers": ("header_count_{}",),
    "lists": ("list_count_{}",),
    "bold": ("bold_count_{}",),
    "words": (),
    "prompt_tokens": (),
    "cost_usd": (),
    "seconds": (),
    "ttft_s": (),
}
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "tstamp": ("tstamp", "timestamp", "created_at"),
    "probability": ("probability",),
    "turns": ("turns",),
    **{
        f"{name}_{side}": (
            f"{name}_{side}",
            f"style_{name}_{side}",
            *(alias.format(side) for alias in aliases),
            *(f"conv_metadata.{alias.format(side)}" for alias in aliases),
        )
        for name, aliases in _PER_SIDE.items()
        for side in ("a", "b")
    },
}
"""Columns of numbers; a nested one, such as a header count per level, is summed."""

STYLE = "style_"
"""A number whose name begins so is read too: `style_NAME_a` as `NAME_a`, others as they are."""
