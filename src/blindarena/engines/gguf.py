"""Check model files before an engine sees them."""

import struct
from pathlib import Path

from blindarena.errors import ConfigError

MAGIC = b"GGUF"
HEADER = struct.Struct("<4sIQQ")
"""Magic, version, number of tensors, number of metadata entries."""


def check_gguf(path: Path) -> None:
    """Check that a file can be read and begins like a GGUF model.

    Raises:
        ConfigError: it is missing, unreadable, or not a GGUF file of a version llama.cpp reads.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEADER.size)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"model file {path}: {reason}; give a .gguf file you may read") from error
    if head[:4] != MAGIC:
        raise ConfigError(
            f"model file {path}: not a GGUF file (it begins with {head[:4]!r}); give a .gguf file"
        )
    if len(head) < HEADER.size:
        raise ConfigError(f"model file {path}: cut off after {len(head)} bytes; pull it again")
    _, version, tensors, _ = HEADER.unpack(head)
    if version not in (2, 3):
        raise ConfigError(
            f"model file {path}: GGUF version {version}, but only 2 and 3 (little-endian) can be "
            "read; give another file"
        )
    if tensors == 0:
        raise ConfigError(f"model file {path}: holds no weights; give a complete model")
