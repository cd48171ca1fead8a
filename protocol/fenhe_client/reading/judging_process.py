"""The second process of a long visit: looks at body files, says which are sound, keeps nothing.

`second_judge` starts it and speaks to it over a socket, its standard input: a `REQUEST`, then the
commitments of a block and its body file; the answer, after its length, is JSON: null, or the
members of `Sound`. It ends when the other end is closed, for whatever reason.
"""

import gc
import signal
import socket
import struct
import sys
from typing import BinaryIO

import orjson

from fenhe_protocol.block import BlockJudge
from fenhe_protocol.leaf import TIERS
from fenhe_protocol.merkle import HASH_BYTES
from fenhe_protocol.schema import SchemaSet

REQUEST = struct.Struct(">BQII")  # tier, block, bytes of commitments, bytes of the body file
LENGTH = struct.Struct(">I")


def serve(requests: BinaryIO, answers: socket.socket, *, origin: str, unit: str) -> None:
    """Answer until there are no more requests."""
    schemas = SchemaSet.load()
    judges = [BlockJudge(schemas, origin=origin, tier=tier, unit=unit) for tier in TIERS]
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        tier, block, width, length = REQUEST.unpack(head)
        joined, raw = requests.read(width), requests.read(length)
        commitments = [joined[at : at + HASH_BYTES] for at in range(0, width, HASH_BYTES)]
        sound = judges[tier].find_sound(raw, block, commitments)
        answer = orjson.dumps(None if sound is None else tuple(sound))
        answers.sendall(LENGTH.pack(len(answer)) + answer)


def main() -> None:
    """Serve on standard input; arguments: origin of the log, code of the unit."""
    gc.freeze()
    gc.set_threshold(50_000)  # what is read of a block goes before the next one comes
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started this
    with socket.socket(fileno=0) as link, link.makefile("rb") as requests:
        serve(requests, link, origin=sys.argv[1], unit=sys.argv[2])


if __name__ == "__main__":
    main()
