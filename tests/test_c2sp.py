"""`docs/c2sp.md` names a test for each demand: each is there."""

import re

from tests.sources import ROOT

NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")


def test_each_test_that_is_named_exists() -> None:
    named = NAMED.findall((ROOT / "docs/c2sp.md").read_text("utf-8"))
    absent = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text("utf-8"), re.M)
    ]
    assert len(named) > 60
    assert absent == []
