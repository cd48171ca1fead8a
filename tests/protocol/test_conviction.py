"""What an evidence file convicts of, and whom it does not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fenhe_protocol.checkpoint import cosign, sign_checkpoint
from fenhe_protocol.conviction import convict
from fenhe_protocol.evidence import Evidence, Kind, pared, pared_roots
from fenhe_protocol.keys import COSIGNATURE, ED25519, VerifierKey
from fenhe_protocol.note import sign_note
from fenhe_protocol.proof import compose_proof, parse_proof
from fenhe_protocol.root_document import fingerprint, sign_root
from tests.protocol.accused import (
    GUILTY,
    KEY,
    LEAF,
    LOG,
    MIRROR,
    NOW,
    ROOT_KEY,
    STRANGER,
    UNIT,
    USCC,
    A,
    B,
    beyond_the_end,
    code,
    cosigned,
    head,
    hub_root,
    leaves,
    root,
    same_size,
    signed,
    text_of,
    two_of_one_number,
    way,
    withheld,
)


@pytest.mark.parametrize("name", GUILTY)
def test_it_convicts_who_signed(name: str) -> None:
    evidence = GUILTY[name]()
    mark = fingerprint(text_of(evidence.roots[0]))
    found = convict(evidence.encode(), fingerprint=mark)
    log = LOG if found.heads else f"{UNIT}/root"
    assert (found.kind, found.signer, found.log) == (evidence.kind, evidence.signer, log)
    assert found.by_cosigner is (evidence.signer == MIRROR)
    assert found.fingerprint == mark
    assert Evidence.decode(evidence.encode()) == evidence


@pytest.mark.parametrize("name", GUILTY)
def test_another_fingerprint_refuses_it(name: str) -> None:
    assert code(GUILTY[name]().encode(), fingerprint="0" * 64) == "root.fingerprint"


def test_without_a_fingerprint_it_says_which_to_compare() -> None:
    found = convict(same_size().encode())
    assert found.fingerprint == fingerprint(text_of(root()))
    assert found.unit == USCC


def test_a_witness_holds_no_bodies() -> None:
    """It has seen that a head was signed; only a mirror attests to hold what lies below (§9)."""
    name = "w.example/witness"
    these, proof = [LEAF, *leaves("a", 4)], withheld().proof
    note = cosign(signed(these), name=name, key=STRANGER, now=NOW)
    key = VerifierKey(name, COSIGNATURE, STRANGER.public)
    path, lacking = parse_proof(proof).siblings, withheld().lacking
    raw = compose_proof(0, path, LEAF, {}, pared(note, [key]))
    evidence = Evidence(Kind.WITHHELD, name, proof=raw, lacking=lacking)
    assert code(evidence.encode(), key=key) == "evidence.nothing"


def test_it_says_by_which_root_document_the_keys_were_in_force() -> None:
    assert [each.n for each in (convict(same_size().encode()).newest,) if each] == [1]
    assert [each.n for each in (convict(beyond_the_end().encode()).newest,) if each] == [2]


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


def test_two_documents_of_one_number_convict_who_has_the_root_keys() -> None:
    evidence = two_of_one_number()
    found = convict(evidence.encode())
    assert (found.signer, found.unit, found.by_cosigner) == (f"{UNIT}/root", USCC, False)
    assert sorted((each.n, each.time) for each in found.documents) == [(3, NOW), (3, NOW + 60)]


def test_two_documents_that_one_may_sign_convict_nobody() -> None:
    evidence = two_of_one_number()
    one, other = evidence.documents
    pairs = [(one, one), (other, one), (one,), (one, other, other), ()]
    for documents in pairs:
        assert code(replace(evidence, documents=documents).encode()) == "evidence.nothing"
    # Of another number, by another key, or with a line of somebody else.
    first, _ = evidence.roots
    chained = (one, root(4, text_of(one)))
    assert code(replace(evidence, documents=tuple(sorted(chained))).encode()) == "root.chain"
    stranger = sign_root(text_of(other), UNIT, [STRANGER])
    assert code(replace(evidence, documents=tuple(sorted((one, stranger)))).encode()) == (
        "root.threshold"
    )
    lined = sign_root(text_of(other), UNIT, [ROOT_KEY, STRANGER])
    assert code(replace(evidence, documents=tuple(sorted((one, lined)))).encode()) == (
        "evidence.line"
    )
    assert code(replace(evidence, signer=f"{UNIT}/catalogue").encode()) == "evidence.nothing"
    assert code(replace(evidence, roots=(first,)).encode()) == "root.chain"
    assert code(replace(evidence, roots=()).encode()) == "evidence.key"
