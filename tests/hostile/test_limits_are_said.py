"""The limits stand in one place, and the protocol's text says the same numbers."""

from dataclasses import asdict
from pathlib import Path

import pytest

from fenhe_protocol.limits import BLOCK, DEFAULTS, JSON_DEPTH, LARGEST_SIZE

TEXT = (Path(__file__).resolve().parents[2] / "docs/protocol.md").read_text("utf-8")

SAID = {
    "note_bytes": "checkpoint and root document {KiB} KiB",
    "signature_lines": "{plain} signature lines",
    "leaf_bytes": "leaf {KiB} KiB",
    "entry_bytes": "entry limit of {plain} bytes",
    "line_bytes": "body line {KiB} KiB",
    "root_documents": "root documents {plain}",
    "connect_seconds": "connect {plain} s",
    "idle_seconds": "idle {plain} s",
    "visit_seconds": "visit {plain} s",
    "least_bytes_per_second": "at least {kB} kB/s",
    "visit_bytes": "{MiB} MiB and",
    "visit_leaves": "{plain} leaves a visit",
    "day_leaves": "{plain} leaves a day and origin",
    "push_bytes": "413 over {MiB} MiB",
    "retry_after_seconds": "`Retry-After` counts between 0 s and {h} h",
}


@pytest.mark.parametrize(("name", "value"), asdict(DEFAULTS).items())
def test_each_limit_is_said(name: str, value: float) -> None:
    whole = int(value)
    assert whole == value
    said = SAID[name].format(
        plain=f"{whole:,}",
        KiB=whole >> 10,
        MiB=whole >> 20,
        kB=whole // 1000,
        h=whole // 3600,
    )
    assert said in TEXT


def test_the_bounds_of_text_and_tree_are_said() -> None:
    assert f"depth ≤ {JSON_DEPTH}" in TEXT
    assert LARGEST_SIZE == 2**53 - 1
    assert "A size above 2^53−1 is REFUSE" in TEXT
    assert "256N … 256N+255" in TEXT
    assert BLOCK == 256
