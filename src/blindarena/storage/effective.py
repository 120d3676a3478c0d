"""Whether a vote counts now: its own exclusion, or the latest row that points at it."""

from sqlalchemy import case, exists, select

from blindarena.domain.exclusions import RETRACTED
from blindarena.storage.tables import votes

_LATER = votes.alias("later")
_POINTING = _LATER.c.points_at == votes.c.id
_LATEST = (
    select(_LATER.c.excluded).where(_POINTING).order_by(_LATER.c.created_at.desc()).limit(1)
).scalar_subquery()
CHANGED_AT = (
    select(_LATER.c.created_at).where(_POINTING).order_by(_LATER.c.created_at.desc()).limit(1)
).scalar_subquery()
"""When the latest such row was written; null where there is none."""
EXCLUDED_NOW = case((CHANGED_AT.is_(None), votes.c.excluded), else_=_LATEST)
"""Why a decisive vote does not count now; null counts."""
IS_RETRACTED = exists().where(_POINTING, _LATER.c.excluded == RETRACTED)
"""Whether the voter has voted again on the same battle; nothing points at such a vote later."""
