"""One parser as the fuzzer sees it: bytes in, a value or one of its own errors out."""

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TypeVar

from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.errors import FenheError

T = TypeVar("T")
Reader = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """A parser: `read` may raise `raises` and nothing else, and every code of ours has its words.

    `seeds` are inputs to begin with, small ones; `words` are what the grammar is made of. `found`
    are inputs that once broke it, by what was wrong: tried in every run, and mutated in none.
    """

    name: str
    read: Reader
    raises: tuple[type[Exception], ...]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()
    found: Mapping[str, bytes] = field(default_factory=dict)
    cheap: int = 300  # mutations in `make test`
    largest: int = 8192  # bytes of an input that is made up

    @property
    def corpus(self) -> list[bytes]:
        """All inputs that are known."""
        return [*self.seeds, *self.found.values()]

    def run(self, data: bytes) -> None:
        """Read; whatever is no part of the contract comes out."""
        try:
            self.read(data)
        except self.raises as error:
            if isinstance(error, FenheError):
                assert error.code in TEXTS, error.code


def one_of(choices: Sequence[T], data: bytes) -> T:
    """One of several ways to read the same input: which, lies in the input."""
    return choices[(len(data) + sum(data[-2:])) % len(choices)]


def text_of(data: bytes) -> str:
    """Any bytes as a text such as a decoder hands over: no lone surrogates."""
    return data.decode("utf-8", "replace")


def latin_of(data: bytes) -> str:
    """Any bytes as the text of an HTTP header or of a line of a request."""
    return data.decode("latin-1")


def in_file(name: str, read: Callable[[Path], object]) -> Reader:
    """A parser of the file of this name in a folder of its own."""

    def write_and_read(raw: bytes) -> object:
        file = _folder(name) / name
        file.touch(0o600)
        file.write_bytes(raw)
        return read(file)

    return write_and_read


@cache
def _folder(name: str) -> Path:
    # In memory where there is such a place: a file is written for every input.
    memory = "/dev/shm"
    place = tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
    _KEPT.append(place)
    return Path(place.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []
