"""What a machine may lack for a test. Each says what it is, and with what package it comes.

`FENHE_REQUIRE` names, separated by spaces, what has to be here: what is wanting then is a failure.
Where everything can be installed it names all that can (`.ci/run`).
"""

import os
from typing import NoReturn

import pytest

REQUIRE = "FENHE_REQUIRE"


def wanting(what: str, why: str) -> NoReturn:
    """Skip the test that asks, or fail where `what` is required; `why` is for whoever reads on."""
    if what in os.environ.get(REQUIRE, "").split():
        pytest.fail(f"{REQUIRE} names {what}: {why}")
    pytest.skip(why)
