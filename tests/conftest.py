"""What holds for all tests: their laws are tried with the same examples on every machine.

`make test` derives the examples from the code, so that its answer depends on the code alone;
`make fuzz` draws more of them, at random. No law is judged by the clock of the machine.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fenhe",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "fuzz", settings.get_profile("fenhe"), derandomize=False, max_examples=2000, print_blob=True
)
settings.load_profile("fenhe")
