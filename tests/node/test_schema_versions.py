"""A node writes the current version of a schema alone, and learns which one its hub takes."""

import json
from pathlib import Path

import pytest

from fenhe_node.hubs.schema_versions import advice_on, read_taken
from fenhe_node.hubs.told import read_told
from fenhe_node.publishing.publish import publish
from fenhe_protocol.errors import Refused
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


def told(version: object, lagging: object = 0, kind: str = "instrument") -> dict[str, object]:
    """What a hub says of one kind."""
    return {kind: {"version": version, "lagging": lagging}}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (told(1), []),
        (None, []),
        (told(2, kind="recipe"), []),
        (told(2), ["请升级本程序", "instrument 2 (本程序 here 1)"]),
        (told(2, 5), ["请升级本程序", "instrument 2 (本程序 here 1)"]),
        (told(0), ["等它升级再发布", "instrument 0 (本程序 here 1)"]),
        (told(1, 5), ["重新导入、发布", "instrument 5"]),
    ],
)
def test_who_is_to_do_what_follows_from_both_versions(answer: object, words: list[str]) -> None:
    lines = list(advice_on(read_taken(answer, SchemaSet.load())))
    assert len(lines) == (1 if words else 0)
    assert all(word in lines[0] for word in words)


@pytest.mark.parametrize(
    "answer",
    [told("2"), told(True), told(None), told(1, -1), {"instrument": 2}, {"instrument": {}}, [1], 7],
)
def test_what_is_not_of_the_form_is_refused(answer: object) -> None:
    raw = json.dumps({"rejected": [], "schemas": answer}).encode()
    with pytest.raises(Refused) as caught:
        read_told(raw, "rejected")
    assert caught.value.code == "hub.answer"
