"""Property tests have no deadline: a busy machine is no defect of a formula."""

from hypothesis import settings

settings.register_profile("ranking", deadline=None)
settings.load_profile("ranking")
