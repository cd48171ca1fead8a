"""YAML as people and we ourselves write it: not long, not deep, no larger than it looks.

The files are the operator's own and may still have come from anywhere: a few lines of aliases stand
for more than a machine holds, and deep nesting ends libyaml's own loader, and us, without an error.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent, NodeEvent, ScalarEvent

T = TypeVar("T")

# In C where libyaml is there: ten times as fast.
_SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MOST_BYTES = 4 * 1024 * 1024
_MOST_DEPTH = 32
_UNNAMED = 'in "<unicode string>", '
_MOST_BITS = 63  # of a number
_MOST_NODES = 100_000  # where aliases make more of them than the text is long


class PlainLoader(_SAFE):  # type: ignore[misc]
    """A safe loader that takes no name twice: of two values one would count for nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        """As the safe loader; yaml.YAMLError where a key stands twice."""
        names: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in names:
                told = f"the key {key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, told, key.start_mark)
            names.add(str(key.value))
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> Any:
        """As the safe loader; yaml.YAMLError where it is longer than any message could quote."""
        found = super().construct_yaml_int(node)
        if found.bit_length() > _MOST_BITS:
            told = f"a number of more than {_MOST_BITS} bits"
            raise yaml.constructor.ConstructorError(None, None, told, node.start_mark)
        return found

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        """As the safe loader; yaml.YAMLError with its place where there is no such day."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            told = f"{node.value!r} is no date: {error}"
            raise yaml.constructor.ConstructorError(None, None, told, node.start_mark) from error


PlainLoader.add_constructor("tag:yaml.org,2002:int", PlainLoader.construct_yaml_int)
PlainLoader.add_constructor("tag:yaml.org,2002:timestamp", PlainLoader.construct_yaml_timestamp)


def read_yaml(file: Path, loader: Any = PlainLoader, *, most: int = MOST_BYTES) -> Any:
    """The value of a file; OSError, and yaml.YAMLError, which says what is wrong with it."""
    with file.open("rb") as opened:
        return load_yaml(opened.read(most + 1), loader, most=most)


def load_yaml(raw: bytes, loader: Any = PlainLoader, *, most: int = MOST_BYTES) -> Any:
    """The value of one document; yaml.YAMLError."""
    return _read(raw, lambda text: yaml.load(text, Loader=loader), most)


def compose_yaml(raw: bytes) -> yaml.Node | None:
    """The nodes of one document, scalars as they are written; yaml.YAMLError."""
    return _read(raw, lambda text: yaml.compose(text, Loader=_SAFE), MOST_BYTES)


def _read(raw: bytes, read: Callable[[str], T], most: int) -> T:
    if len(raw) > most:
        raise yaml.YAMLError(f"larger than {most} bytes")
    try:
        text = raw.decode("utf-8-sig")
        _check_shape(text)
        return read(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: no UTF-8, a date that is none
        told = str(error).replace(_UNNAMED, "")
        raise yaml.YAMLError(" ".join(told.split())) from error


def _check_shape(text: str) -> None:
    """yaml.YAMLError where it goes too deep, or aliases make more of it than is written."""
    inside: list[tuple[str | None, int]] = []  # the collections that are open, and their sizes
    named: dict[str | None, int] = {}
    for event in yaml.parse(text, Loader=_SAFE):
        if isinstance(event, CollectionStartEvent):
            inside.append((event.anchor, 1))
            if len(inside) > _MOST_DEPTH:
                raise yaml.YAMLError(f"nested deeper than {_MOST_DEPTH}")
        elif isinstance(event, NodeEvent | CollectionEndEvent):
            name, size = _ended(event, inside, named)
            if size > max(_MOST_NODES, 2 * len(text)):
                raise yaml.YAMLError("aliases that stand for more than the file is long")
            named[name] = size
            if inside:
                inside[-1] = (inside[-1][0], inside[-1][1] + size)


def _ended(
    event: NodeEvent | CollectionEndEvent,
    inside: list[tuple[str | None, int]],
    named: Mapping[str | None, int],
) -> tuple[str | None, int]:
    """The anchor and the size of a node that ends here."""
    if isinstance(event, CollectionEndEvent):
        return inside.pop()
    if isinstance(event, ScalarEvent):
        return event.anchor, 1
    if event.anchor not in named:  # an alias
        raise yaml.YAMLError(f"*{event.anchor} stands for what it lies in, or for nothing")
    return None, named[event.anchor]
