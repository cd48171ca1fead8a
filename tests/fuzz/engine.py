"""Mutations of known inputs: bits flipped, words put in, pieces doubled, cut and spliced.

It sees nothing of the code, so it is no match for atheris; it is there for every machine, and for
`make test`, where the same seed has to give the same inputs.
"""

import random
from collections.abc import Callable, Iterator, Sequence

WORDS = (
    *(b"\0", b"\n", b"\r\n", b" ", b"\t", b'"', b"\\", b"/", b"%", b"-", b"0", b"-1", b"{", b"["),
    *(b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", "—".encode(), "汾".encode()),
    *(
        b"9" * 20,
        b"9" * 5000,
        b"1e9",
        b"\\ud800",
        b"[" * 1500,
        b"null",
        b"true",
        b"9007199254740992",
    ),
)
_MOST_MOVES = 4

Move = Callable[[bytearray, random.Random, Sequence[bytes]], None]


def mutants(
    seeds: Sequence[bytes], words: Sequence[bytes], chance: random.Random
) -> Iterator[bytes]:
    """Inputs without end, each some moves away from one of the seeds."""
    pieces = (*words, *WORDS)
    while True:
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, _MOST_MOVES)):
            move = _MOVES[int(chance.random() * len(_MOVES))]
            move(data, chance, seeds if move is _splice else pieces)
        yield bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    return int(chance.random() * (len(data) + 1))


def _piece(data: bytearray, chance: random.Random) -> slice:
    start = _place(data, chance)
    longest = len(data) - start if chance.random() < 0.1 else min(16, len(data) - start)
    return slice(start, start + int(chance.random() * (longest + 1)))


def _flip(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    if data:
        data[int(chance.random() * len(data))] ^= 1 << int(chance.random() * 8)


def _byte(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    if data:
        data[int(chance.random() * len(data))] = int(chance.random() * 256)


def _insert(data: bytearray, chance: random.Random, pieces: Sequence[bytes]) -> None:
    at = _place(data, chance)
    data[at:at] = chance.choice(pieces)


def _replace(data: bytearray, chance: random.Random, pieces: Sequence[bytes]) -> None:
    data[_piece(data, chance)] = chance.choice(pieces)


def _remove(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    del data[_piece(data, chance)]


def _double(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    piece = data[_piece(data, chance)]
    at = _place(data, chance)
    data[at:at] = piece


def _truncate(data: bytearray, chance: random.Random, _: Sequence[bytes]) -> None:
    del data[_place(data, chance) :]


def _splice(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    other = chance.choice(seeds)
    data[_place(data, chance) :] = other[int(chance.random() * (len(other) + 1)) :]


_MOVES: tuple[Move, ...] = (
    *(_flip, _byte, _insert, _replace, _remove, _double, _truncate, _splice),
    *(_insert, _replace),
)
