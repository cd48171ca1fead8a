"""What the node's tests stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_node.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.open(tmp_path / "store.sqlite") as opened:
        yield opened
