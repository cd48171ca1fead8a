"""A node writes the current version of a schema alone, and learns which one its hub takes."""

from pathlib import Path

from fenhe_node.publish import publish
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import NOW, Clock, instrument, new_node, pen, put
from tests.protocol.versions import next_release, shipped, successor


def narrower() -> SchemaSet:
    """The next version, in which a model has at most ten characters."""
    now = shipped("instrument")
    model = now["properties"]["model"] | {"maxLength": 10}
    return next_release(successor(now, {"model": model}))


def test_what_only_the_version_before_takes_is_not_published(tmp_path: Path) -> None:
    node = new_node(tmp_path / "u1")
    put(node, [instrument("A-1", model="NMR-600"), instrument("A-2", model="NMR-600 (1998)")])
    done = publish(pen(node, Clock(NOW + 60)), narrower())
    assert [(each.id, each.code) for each in done.refused] == [("A-2", "schema")]
