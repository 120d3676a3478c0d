"""Where files of the server lie."""

from collections.abc import Mapping
from pathlib import Path

from blindarena.bootstrap.plan import Plan


def models_dir(environ: Mapping[str, str]) -> Path:
    """Return where model files lie: BLINDARENA_MODELS_DIR, or the user's data directory."""
    from blindarena.engines.models import default_models_dir

    own = environ.get("BLINDARENA_MODELS_DIR")
    return Path(own) if own else default_models_dir(environ)


def data_folder(plan: Plan) -> Path:
    """Return where the server keeps its data."""
    return plan.settings.server.data_dir or plan.settings.root
