"""Who signed what it must not have: notes, root documents and evidence of it, for tests."""

from collections.abc import Callable, Sequence

import pytest

from fenhe_protocol.checkpoint import Checkpoint, KeyRange, cosign, sign_checkpoint
from fenhe_protocol.conviction import convict
from fenhe_protocol.errors import Refused
from fenhe_protocol.evidence import Evidence, Kind, accuse_roots, pared
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.merkle import (
    HashReader,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    perfect_root,
    root_at,
)
from fenhe_protocol.proof import compose_proof
from fenhe_protocol.root_document import LogEnd, LogKeys, compose_root, fingerprint, sign_root

UNIT, USCC, HUB = "u1.example/fenhe", "12140000000000019W", "hub.example/fenhe"
LOG, MIRROR = f"{UNIT}/catalogue", f"{HUB}/m"
KEY, ROOT_KEY, MIRROR_KEY, STRANGER = (SigningKey.from_seed(bytes([n]) * 32) for n in range(4))
NOW = 1795392065
LEAF = (
    b'{"c":{"hub":"vKR2OBcvNy4CG4hzSNqpLzFFR2ho1ECE5pxiff-ZYGs",'
    b'"pub":"abaQQZIsKDnky9qRmippr1cqwKdZinUAOwSfqBaoTOc"},"k":"r","v":1}'
)


def tree(leaves: Sequence[bytes]) -> HashReader:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    return lambda level, index: perfect_root(hashes[index << level : (index + 1) << level])


def leaves(word: str, count: int) -> list[bytes]:
    return [f"{word} {n}".encode() for n in range(count)]


def head(these: Sequence[bytes], size: int | None = None, origin: str = LOG) -> Checkpoint:
    size = len(these) if size is None else size
    return Checkpoint(origin, size, root_at(size, tree(these)))


def signed(these: Sequence[bytes], size: int | None = None) -> bytes:
    return sign_checkpoint(head(these, size), KEY)


def cosigned(these: Sequence[bytes], size: int, now: int = NOW) -> bytes:
    """What the mirror alone signed."""
    note = cosign(signed(these, size), name=MIRROR, key=MIRROR_KEY, now=now)
    return pared(note, [VerifierKey(MIRROR, COSIGNATURE, MIRROR_KEY.public)])


def root(
    n: int = 1, prev: bytes | None = None, end: LogEnd | None = None, time: int = NOW
) -> bytes:
    logs = [LogKeys("catalogue", (KeyRange(KEY.public),), end)]
    text = compose_root(
        origin=UNIT,
        unit=USCC,
        url=f"https://{UNIT}",
        time=time,
        root=[ROOT_KEY.public],
        logs=logs if end is None else [*logs, LogKeys("catalogue.2", (KeyRange(KEY.public),))],
        n=n,
        prev=None if prev is None else fingerprint(prev),
    )
    return sign_root(text, UNIT, [ROOT_KEY])


def hub_root() -> bytes:
    text = compose_root(
        origin=HUB,
        unit="12140000000000027P",
        url=f"https://{HUB}",
        time=NOW,
        root=[ROOT_KEY.public],
        logs=[LogKeys("fed", (KeyRange(STRANGER.public),))],
        cosign=MIRROR_KEY.public,
    )
    return sign_root(text, HUB, [ROOT_KEY])


def text_of(note: bytes) -> bytes:
    return note.partition(b"\n\n")[0] + b"\n"


A, B = leaves("a", 7), leaves("b", 7)


def way(these: Sequence[bytes], size: int) -> tuple[bytes, ...]:
    """The root that these had at `size`, and the way from there to all of them."""
    hashes = tree(these)
    return root_at(size, hashes), *consistency_proof(size, len(these), hashes)


def same_size() -> Evidence:
    return Evidence(Kind.FORK, LOG, (root(),), (signed(A), signed(B)))


def larger() -> Evidence:
    return Evidence(Kind.FORK, LOG, (root(),), (signed(A, 5), signed(B)), way(B, 5))


def twice_received() -> Evidence:
    notes = (cosigned(A, 4), cosigned(B, 7, NOW + 60))
    return Evidence(Kind.FORK, MIRROR, (hub_root(),), notes, way(B, 4))


def beyond_the_end() -> Evidence:
    end = LogEnd(3, head(A, 3).root)
    first = root()
    return Evidence(Kind.ENDED, LOG, (first, root(2, text_of(first), end)), (signed(A, 5),))


def another_at_the_end() -> Evidence:
    end = LogEnd(3, head(A, 3).root)
    first = root()
    return Evidence(Kind.ENDED, LOG, (first, root(2, text_of(first), end)), (signed(B, 3),))


def dated_back() -> Evidence:
    notes = (cosigned(A, 4), cosigned(A, 7, NOW - 301))
    return Evidence(Kind.CLOCK, MIRROR, (hub_root(),), notes)


def withheld(signer: str = LOG) -> Evidence:
    these = [LEAF, *leaves("a", 4)]
    note = signed(these) if signer == LOG else cosigned(these, 5)
    proof = compose_proof(0, inclusion_proof(0, 5, tree(these)), LEAF, {}, note)
    lacking = {
        "pub": bytes.fromhex("69b69041922c2839e4cbda919a2a69af572ac0a7598a75003b049fa816a84ce7")
    }
    roots = (root() if signer == LOG else hub_root(),)
    return Evidence(Kind.WITHHELD, signer, roots, proof=proof, lacking=lacking)


def two_of_one_number() -> Evidence:
    first = root()
    second = root(2, text_of(first))
    third = text_of(second)
    return accuse_roots((first, second), root(3, third), root(3, third, time=NOW + 60))


def broken_receipt() -> Evidence:
    return withheld(MIRROR)


GUILTY: dict[str, Callable[[], Evidence]] = {
    each.__name__: each
    for each in (
        *(same_size, larger, twice_received, beyond_the_end, another_at_the_end),
        *(dated_back, withheld, broken_receipt, two_of_one_number),
    )
}


def code(raw: bytes, **given: object) -> str:
    with pytest.raises(Refused) as refused:
        convict(raw, **given)  # type: ignore[arg-type]
    return refused.value.code
