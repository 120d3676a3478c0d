"""Hatchling build hook: put the built front-end into wheel, sdist and editable installs."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _load(root: str) -> ModuleType:
    """Import scripts/frontend.py, which is beside this file and not on the import path."""
    spec = importlib.util.spec_from_file_location(
        "blindarena_frontend", Path(root, "scripts", "frontend.py")
    )
    if spec is None or spec.loader is None:
        raise FileNotFoundError("scripts/frontend.py is missing: is this a complete source tree?")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class FrontendHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build `frontend/` before anything is packed.

    An editable install may leave it out with BLINDARENA_SKIP_FRONTEND=1; a wheel or an sdist
    without pages would be broken, so there the variable is an error.
    """

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node as a wheel only where the machine has none and something is to be built."""
        needed = _load(self.root).requirement(Path(self.root))
        return [needed] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages, or say in one line why that cannot be."""
        if os.environ.get("BLINDARENA_SKIP_FRONTEND") == "1":
            if version == "editable":
                return
            raise SystemExit("error: BLINDARENA_SKIP_FRONTEND=1 is only for editable installs")
        frontend = _load(self.root)
        try:
            frontend.build(Path(self.root))
        except frontend.FrontendError as error:
            raise SystemExit(f"error: {error}") from None
