"""Evidence files: what convicts, what does not, and that no byte of one can be changed."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.checkpoint import Checkpoint, KeyRange, cosign, sign_checkpoint
from fenhe_protocol.continued import proof_on
from fenhe_protocol.conviction import Conviction, convict
from fenhe_protocol.errors import Refused
from fenhe_protocol.evidence import Evidence, Kind, pared, pared_roots
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.merkle import (
    CompactRange,
    HashReader,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    perfect_root,
    root_at,
)
from fenhe_protocol.note import sign_note
from fenhe_protocol.proof import compose_proof
from fenhe_protocol.root_document import LogEnd, LogKeys, compose_root, fingerprint, sign_root
from fenhe_protocol.strict_json import dumps, loads

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


def root(n: int = 1, prev: bytes | None = None, end: LogEnd | None = None) -> bytes:
    logs = [LogKeys("catalogue", (KeyRange(KEY.public),), end)]
    text = compose_root(
        origin=UNIT,
        unit=USCC,
        url=f"https://{UNIT}",
        time=NOW,
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


def broken_receipt() -> Evidence:
    return withheld(MIRROR)


GUILTY: dict[str, Callable[[], Evidence]] = {
    each.__name__: each
    for each in (
        *(same_size, larger, twice_received, beyond_the_end, another_at_the_end),
        *(dated_back, withheld, broken_receipt),
    )
}


def code(raw: bytes, **given: object) -> str:
    with pytest.raises(Refused) as refused:
        convict(raw, **given)  # type: ignore[arg-type]
    return refused.value.code


@pytest.mark.parametrize("name", GUILTY)
def test_it_convicts_who_signed(name: str) -> None:
    evidence = GUILTY[name]()
    mark = fingerprint(text_of(evidence.roots[0]))
    found = convict(evidence.encode(), fingerprint=mark)
    assert (found.kind, found.signer, found.log) == (evidence.kind, evidence.signer, LOG)
    assert found.by_cosigner is (evidence.signer == MIRROR)
    assert found.fingerprint == mark
    assert Evidence.decode(evidence.encode()) == evidence


@pytest.mark.parametrize("name", GUILTY)
def test_another_fingerprint_refuses_it(name: str) -> None:
    assert code(GUILTY[name]().encode(), fingerprint="0" * 64) == "root.fingerprint"


def convicts(raw: bytes, mark: str) -> Conviction | None:
    try:
        return convict(raw, fingerprint=mark)
    except Refused:
        return None


@pytest.mark.parametrize("name", ["larger", "twice_received", "beyond_the_end", "withheld"])
def test_any_changed_byte_makes_the_verdict_fall(name: str) -> None:
    evidence = GUILTY[name]()
    raw, mark = evidence.encode(), fingerprint(text_of(evidence.roots[0]))
    for place in range(len(raw)):
        bit = 1 << place % 8
        changed = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
        assert convicts(changed, mark) is None, (place, changed[place - 20 : place + 20])


def test_a_body_of_another_tier_is_not_the_one_withheld() -> None:
    raw = withheld().encode()
    assert code(raw.replace(b'{"pub":', b'{"hub":')) == "evidence.nothing"


@cache
def _encoded(name: str) -> tuple[bytes, str]:
    evidence = GUILTY[name]()
    return evidence.encode(), fingerprint(text_of(evidence.roots[0]))


@given(st.sampled_from(sorted(GUILTY)), st.data())
def test_no_cut_and_no_other_byte_leaves_a_verdict(name: str, data: st.DataObject) -> None:
    raw, mark = _encoded(name)
    start = data.draw(st.integers(0, len(raw) - 1))
    stop = data.draw(st.integers(start, min(len(raw), start + 40)))
    other = data.draw(st.binary(max_size=4))
    changed = raw[:start] + other + raw[stop:]
    assert changed == raw or convicts(changed, mark) is None


def test_without_a_fingerprint_it_says_which_to_compare() -> None:
    found = convict(same_size().encode())
    assert found.fingerprint == fingerprint(text_of(root()))
    assert found.unit == USCC


def test_a_key_that_was_brought_stands_for_root_documents() -> None:
    evidence = Evidence(Kind.FORK, LOG, notes=(signed(A), signed(B)))
    assert code(evidence.encode()) == "evidence.key"
    key = VerifierKey(LOG, ED25519, KEY.public)
    assert convict(evidence.encode(), key=key).fingerprint == ""
    assert code(evidence.encode(), key=VerifierKey(LOG, ED25519, STRANGER.public)) == (
        "evidence.line"
    )
    assert code(evidence.encode(), key=VerifierKey(f"{LOG}x", ED25519, KEY.public)) == (
        "evidence.key"
    )
    assert code(same_size().encode(), key=key) == "evidence.key"


def innocent() -> Iterator[tuple[str, Evidence, str]]:
    roots, hubs = (root(),), (hub_root(),)
    fork = Kind.FORK
    yield "the same head twice", Evidence(fork, LOG, roots, (signed(A), signed(A))), "nothing"
    grown = Evidence(fork, LOG, roots, (signed(A, 5), signed(A)), way(A, 5))
    yield "an honest growth", grown, "nothing"
    bare = Evidence(fork, LOG, roots, (signed(A, 5), signed(B)))
    yield "two sizes and no way", bare, "nothing"
    invented = (head(B, 5).root, *way(A, 5)[1:])
    yield "a way that leads elsewhere", Evidence(fork, LOG, roots, bare.notes, invented), "path"
    yield "one note", Evidence(fork, LOG, roots, (signed(A),)), "nothing"
    yield "the larger first", Evidence(fork, LOG, roots, bare.notes[::-1], way(B, 5)), "nothing"
    yield (
        "a way between equals",
        Evidence(fork, LOG, roots, same_size().notes, way(B, 5)),
        "nothing",
    )
    yield "a log without an end", Evidence(Kind.ENDED, LOG, roots, (signed(A),)), "nothing"
    end = beyond_the_end()
    at_end = Evidence(Kind.ENDED, LOG, end.roots, (signed(A, 3),))
    yield "the end itself", at_end, "nothing"
    below = Evidence(Kind.ENDED, LOG, end.roots, (signed(A, 2),))
    yield "a head before the end", below, "nothing"
    a_bit = (cosigned(A, 4), cosigned(A, 7, NOW - 300))
    yield "five minutes back", Evidence(Kind.CLOCK, MIRROR, hubs, a_bit), "nothing"
    again = (cosigned(A, 7), cosigned(A, 7, NOW - 999))
    yield "the same size dated back", Evidence(Kind.CLOCK, MIRROR, hubs, again), "nothing"
    untimed = (signed(A, 4), signed(A))
    yield "a log has no clock", Evidence(Kind.CLOCK, LOG, roots, untimed), "nothing"
    taken = withheld()
    nothing = Evidence(Kind.WITHHELD, LOG, roots, proof=taken.proof)
    yield "nothing lacks", nothing, "nothing"
    other = Evidence(Kind.WITHHELD, LOG, roots, proof=taken.proof, lacking={"pub": bytes(32)})
    yield "a body nobody promised", other, "nothing"


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [pytest.param(evidence, f"evidence.{word}", id=name) for name, evidence, word in innocent()],
)
def test_it_convicts_nobody_who_did_nothing(evidence: Evidence, expected: str) -> None:
    assert code(evidence.encode()) == expected


def test_a_line_of_somebody_else_is_refused() -> None:
    other = sign_note(head(A).text(), [(LOG, KEY), ("w.example/w", STRANGER)])
    evidence = Evidence(Kind.FORK, LOG, (root(),), (other, signed(B)))
    assert code(evidence.encode()) == "evidence.line"
    roots = (sign_note(text_of(root()), [(f"{UNIT}/root", ROOT_KEY), ("x.example", STRANGER)]),)
    assert code(Evidence(Kind.FORK, LOG, roots, same_size().notes).encode()) == "evidence.line"
    assert pared_roots(roots) == (root(),)


def test_another_unit_s_log_is_not_convicted_by_these_roots() -> None:
    other = "u2.example/fenhe/catalogue"
    notes = tuple(sign_checkpoint(head(each, origin=other), KEY) for each in (A, B))
    assert code(Evidence(Kind.FORK, other, (root(),), notes).encode()) == "evidence.line"


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members | {"more": 1},
        lambda members: members | {"form": "fenhe/evidence/v2"},
        lambda members: members | {"kind": "theft"},
        lambda members: members | {"signer": 5},
        lambda members: members | {"notes": "a note"},
        lambda members: members | {"notes": [5, 6]},
        lambda members: members | {"path": "abc"},
        lambda members: members | {"roots": {}},
        lambda members: members | {"roots": [""]},
        lambda members: members | {"roots": ["x"] * 2000},
        lambda members: {name: members[name] for name in members if name != "path"},
    ],
)
def test_another_form_is_refused(change: Callable[[dict[str, object]], dict[str, object]]) -> None:
    raw = dumps(change(loads(same_size().encode()))) + b"\n"
    assert code(raw) in ("evidence.form", "note.form")


def test_other_spellings_are_refused() -> None:
    raw = same_size().encode()
    for other in (
        raw + b"\n",
        raw[:-1],
        b" " + raw,
        raw.replace(b'","', b'", "'),
        b"{}",
        b"[]",
        b"",
    ):
        assert code(other) == "evidence.form"
    assert code(b" " * (8 << 20) + raw) == "evidence.form"


@given(st.integers(1, 70), st.integers(0, 70), st.integers(1, 20))
def test_the_way_on_from_an_edge_is_that_of_the_whole_tree(
    before: int, more: int, piece: int
) -> None:
    hashes = [leaf_hash(each) for each in leaves("w", before + more)]
    edge = CompactRange()
    edge.extend(hashes[:before])
    later = [hashes[at : at + piece] for at in range(before, before + more, piece)]
    whole = tree(leaves("w", before + more))
    assert proof_on(edge, before + more, later) == consistency_proof(before, before + more, whole)


def test_a_leaf_too_few_is_noticed() -> None:
    with pytest.raises(ValueError, match="lacking"):
        proof_on(CompactRange(1, [bytes(32)]), 4, [[bytes(32)]])
