"""One hypothesis profile for all tests: the same examples each run, no deadline."""

from hypothesis import settings

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.load_profile("reproducible")
