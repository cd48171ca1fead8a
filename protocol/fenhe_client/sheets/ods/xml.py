"""XML of a stranger's document, read as a stream of short names. Start at `feed`.

No document type is read, nothing is nested deeper than a document ever is, and names are told by
their namespace, for a program may choose any prefix.
"""

from collections.abc import Callable, Mapping
from typing import Protocol
from xml.parsers import expat

_DEEPEST = 256
_CHUNK = 1 << 16
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = {
    f"{_ODF}office:1.0": "office",
    f"{_ODF}table:1.0": "table",
    f"{_ODF}text:1.0": "text",
    f"{_ODF}style:1.0": "style",
    f"{_ODF}datastyle:1.0": "number",
    f"{_ODF}drawing:1.0": "draw",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
}

Attributes = Mapping[str, str]


class NotPlainError(ValueError):
    """What is read is no document of this kind, or one that hides behind a trick."""


class Listener(Protocol):
    """Who hears what is read; names are `table:table-row`, of unknown namespaces empty."""

    def begin(self, name: str, attributes: Attributes) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def text(self, text: str) -> None:
        """Text, in as many pieces as the parser likes."""


def feed(read: Callable[[int], bytes], listener: Listener) -> None:
    """Tell `listener` all that `read` gives; NotPlainError, or whatever the listener raises."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise NotPlainError(f"> {_DEEPEST} levels")
        listener.begin(_short(name), {_short(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        listener.end(_short(name))

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = listener.text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        while chunk := read(_CHUNK):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise NotPlainError(str(error)) from error


def _short(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    prefix = _PREFIXES.get(namespace)
    return f"{prefix}:{local}" if prefix else ""


def _no_doctype(*_: object) -> None:
    raise NotPlainError("DOCTYPE")
