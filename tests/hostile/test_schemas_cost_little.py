"""That no body makes judging it by a schema slow: what its patterns and lists can cost."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from fenhe_protocol.schema import SchemaSet

_LONGEST_COMPARED = 300  # members of a list that are compared with each other

# A repetition within a repetition: what makes a matcher go back over its text again and again.
_NESTED = re.compile(r"\((?:\?[:=!<][^()]*|[^()])*[*+][^()]*\)(?:[*+]|\{\d+,(?:\d{3,})?\})")


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)
    elif isinstance(value, list):
        for each in value:
            yield from nodes(each)


def schemas() -> Iterator[dict[str, Any]]:
    known = SchemaSet.load()
    for version in filter(None, (known, known.previous)):
        for kind in version.kinds:
            yield from nodes(version.kind(kind).schema)


def patterns() -> set[str]:
    return {node["pattern"] for node in schemas() if isinstance(node.get("pattern"), str)}


def test_the_look_finds_what_goes_back() -> None:
    assert _NESTED.search("^(a+)+$")
    assert _NESTED.search("(?:x*y){2,}")
    assert not _NESTED.search("^[a-z]+(?:-[0-9]{2})?$")


def test_no_pattern_goes_back_over_its_text() -> None:
    assert patterns()
    assert [each for each in patterns() if _NESTED.search(each)] == []


def test_only_short_lists_are_compared() -> None:
    compared = [node for node in schemas() if node.get("uniqueItems")]
    assert [node for node in compared if node.get("maxItems", 2**31) > _LONGEST_COMPARED] == []


@pytest.mark.parametrize("word", ["$ref", "$dynamicRef"])
def test_no_schema_is_fetched_from_anywhere(word: str) -> None:
    found = {node[word] for node in schemas() if isinstance(node.get(word), str)}
    assert [each for each in found if "://" in each] == []
