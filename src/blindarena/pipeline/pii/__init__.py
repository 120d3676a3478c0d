"""Personal data in texts: found, replaced by placeholders, put back. Nothing is sent anywhere."""

from blindarena.pipeline.pii.detecting import Detection, NameFinder, find
from blindarena.pipeline.pii.findings import KINDS, Finding, Kind
from blindarena.pipeline.pii.placeholders import Placeholders
from blindarena.pipeline.pii.references import NumberPattern
from blindarena.pipeline.pii.restoring import RestoringStream
from blindarena.pipeline.pii.screening import PiiMode, Screening, screen

__all__ = [
    "KINDS",
    "Detection",
    "Finding",
    "Kind",
    "NameFinder",
    "NumberPattern",
    "PiiMode",
    "Placeholders",
    "RestoringStream",
    "Screening",
    "find",
    "screen",
]
