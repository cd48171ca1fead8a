"""What holds for all tests: no law is judged by the clock of the machine that runs it."""

from hypothesis import settings

settings.register_profile("fenhe", deadline=None, print_blob=True)
settings.load_profile("fenhe")
