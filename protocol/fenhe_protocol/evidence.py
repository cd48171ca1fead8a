"""Evidence files: what convicts a signer, in one file that can be judged offline (feed §14).

One strict JSON object in one spelling and a newline. It holds the very notes, hashes and proofs
that convict, and of each note only the lines of the accused: so every byte bears on the verdict.
`conviction` judges it. Start at `Evidence`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.encoding import b64_decode, b64_encode, b64u_decode, b64u_encode
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import ED25519, VerifierKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import HASH_BYTES
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import (
    RootDocument,
    fingerprint,
    open_first,
    open_next,
    root_key_name,
)
from fenhe_protocol.root_text import read_root_text
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

FORM = "fenhe/evidence/v1"
MOST_BYTES = 8 * 1024 * 1024

_TIER = re.compile("pub|hub|nat")


class Kind(StrEnum):
    """What a signer is accused of."""

    FORK = "fork"  # two heads of one log that cannot both be true
    ENDED = "ended"  # a head that its unit's root documents rule out
    CLOCK = "clock"  # cosigned later and dated earlier
    WITHHELD = "withheld"  # bodies that a signed leaf commits to, or a receipt attests
    ROOTS = "roots"  # two root documents of one number


@dataclass(frozen=True, slots=True)
class Evidence:
    """An evidence file taken apart, nothing of it verified.

    `signer` is the key name of the accused: a log's origin, or a cosigner. `roots` are the root
    documents of who owns that name, from 1 on; without them the reader has to bring the key.
    `notes` go from the smaller size to the larger. `path` is, for a fork between two sizes, the
    root that the larger tree has at the smaller size, and the consistency proof from there. `proof`
    is a proof file, `lacking` the commitments of the bodies that are withheld, by tier. `documents`
    are two root documents of the number after the last of `roots`.
    """

    kind: Kind
    signer: str
    roots: tuple[bytes, ...] = ()
    notes: tuple[bytes, ...] = ()
    path: tuple[bytes, ...] = ()
    proof: bytes = b""
    lacking: Mapping[str, bytes] = field(default_factory=dict)
    documents: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """The file; ValueError where its texts are not UTF-8."""
        members: dict[str, Any] = {
            "form": FORM,
            "kind": self.kind.value,
            "roots": [raw.decode("utf-8") for raw in self.roots],
            "signer": self.signer,
        }
        return dumps(members | {name: _WRITE[name](self) for name in _MEMBERS[self.kind]}) + b"\n"

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Read a file that `encode` could have written; Refused `evidence.form` for any other."""
        if len(raw) > MOST_BYTES:
            raise Refused("evidence.form", expected=f"<= {MOST_BYTES}", found=str(len(raw)))
        try:
            found = cls._read(loads(raw))
            if found.encode() == raw:
                return found
        except (NotStrictJson, ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refused("evidence.form", found=str(error)) from error
        raise Refused("evidence.form", expected="the one spelling of it")

    @classmethod
    def _read(cls, members: dict[str, Any]) -> Self:
        if members.get("form") != FORM:
            raise ValueError(f"form is not {FORM}")
        kind = Kind(members["kind"])
        if members.keys() != {"form", "kind", "roots", "signer", *_MEMBERS[kind]}:
            raise ValueError("other members")
        signer = members["signer"]
        if not isinstance(signer, str):
            raise TypeError("signer is no text")
        return cls(
            kind,
            signer,
            _texts(members["roots"]),
            _texts(members.get("notes", [])),
            tuple(b64_decode(each, size=HASH_BYTES) for each in members.get("path", [])),
            members.get("proof", "").encode(),
            {
                tier: b64u_decode(each, size=HASH_BYTES)
                for tier, each in members.get("lacking", {}).items()
                if _TIER.fullmatch(tier)
            },
            _texts(members.get("documents", [])),
        )


_MEMBERS: Mapping[Kind, tuple[str, ...]] = {
    Kind.FORK: ("notes", "path"),
    Kind.ENDED: ("notes",),
    Kind.CLOCK: ("notes",),
    Kind.WITHHELD: ("lacking", "proof"),
    Kind.ROOTS: ("documents",),
}

_WRITE: Mapping[str, Callable[[Evidence], Any]] = {
    "documents": lambda evidence: [raw.decode("utf-8") for raw in evidence.documents],
    "notes": lambda evidence: [raw.decode("utf-8") for raw in evidence.notes],
    "path": lambda evidence: [b64_encode(each) for each in evidence.path],
    "proof": lambda evidence: evidence.proof.decode("utf-8"),
    "lacking": lambda evidence: {t: b64u_encode(raw) for t, raw in evidence.lacking.items()},
}


def _texts(values: list[str]) -> tuple[bytes, ...]:
    if not isinstance(values, list) or len(values) > DEFAULTS.root_documents:
        raise ValueError("no list of notes")
    return tuple(each.encode("utf-8") for each in values)


def open_roots(roots: Sequence[bytes], expected: str | None = None) -> tuple[RootDocument, str]:
    """The newest document of a chain and the fingerprint of its first.

    Refused `root.*`, or `evidence.line` where somebody else signed too. `expected` is a fingerprint
    that people compared; without one, the chain only agrees with itself.
    """
    found = fingerprint(parse_note(roots[0]).text)
    held = open_first(roots[0], fingerprint=expected or found, allow_loopback_http=True)
    keys = root_keys(held)
    only_lines_of(roots[0], keys)
    for raw in roots[1:]:
        held = open_next(held, raw, allow_loopback_http=True)
        before, keys = keys, root_keys(held)
        only_lines_of(raw, (*before, *keys))
    return held, found


def root_keys(document: RootDocument) -> tuple[VerifierKey, ...]:
    """The keys that sign root documents."""
    name = root_key_name(document.origin)
    return tuple(VerifierKey(name, ED25519, key) for key in document.root)


def signing_keys(document: RootDocument, name: str, head: Checkpoint) -> tuple[VerifierKey, ...]:
    """The keys of this name, a log's or a mirror's, that may sign or cosign this head."""
    if name != head.origin:
        return tuple(key for key in document.cosigners if key.name == name)
    unit, _, log = name.rpartition("/")
    listed = document.log(log) if unit == document.origin else None
    return tuple(
        VerifierKey(name, ED25519, each.public)
        for each in (listed.keys if listed else ())
        if each.covers(head.size)
    )


def pared(raw: bytes, keys: Iterable[VerifierKey]) -> bytes:
    """The note with the lines of these keys alone, each once."""
    note, known = parse_note(raw), {(key.name, key.key_id) for key in keys}
    lines = [each.line for each in note.signatures if (each.name, each.key_id) in known]
    return note.text + b"\n" + "".join(dict.fromkeys(lines)).encode()


def only_lines_of(raw: bytes, keys: Iterable[VerifierKey]) -> None:
    """Refused `evidence.line` where anybody else signed: what no key covers could be changed."""
    if pared(raw, keys) != raw:
        raise Refused("evidence.line", found=parse_note(raw).text.decode().partition("\n")[0])


def pared_roots(roots: Sequence[bytes]) -> tuple[bytes, ...]:
    """Root documents as an evidence file holds them, of a chain that is believed already."""
    documents = [read_root_text(parse_note(raw).text, allow_loopback_http=True) for raw in roots]
    keys = [root_keys(each) for each in documents]
    before = [(), *keys]
    return tuple(
        pared(raw, (*old, *own)) for raw, old, own in zip(roots, before, keys, strict=False)
    )


def accuse_roots(roots: Sequence[bytes], one: bytes, other: bytes) -> Evidence:
    """That two documents follow the chain `roots`, signed as the next of it; Refused `root.*`."""
    before = read_root_text(parse_note(roots[-1]).text, allow_loopback_http=True)
    documents = (pared(raw, next_root_keys(before, raw)) for raw in (one, other))
    signer = root_key_name(before.origin)
    return Evidence(Kind.ROOTS, signer, pared_roots(roots), documents=tuple(sorted(documents)))


def next_root_keys(before: RootDocument, raw: bytes) -> tuple[VerifierKey, ...]:
    """The keys that sign the document after `before`: those of both."""
    document = read_root_text(parse_note(raw).text, allow_loopback_http=True)
    return (*root_keys(before), *root_keys(document))


def encode_history(history: Sequence[bytes]) -> bytes:
    """The history of a fork (`merkle.history_between`) as a file: one hash a line."""
    return "".join(f"{b64_encode(each)}\n" for each in history).encode()


def decode_history(raw: bytes) -> tuple[bytes, ...]:
    """Read a file that `encode_history` wrote; Refused `evidence.form` for any other."""
    try:
        found = tuple(b64_decode(each, size=HASH_BYTES) for each in raw.decode().splitlines())
    except ValueError as error:
        raise Refused("evidence.form", found=str(error)) from error
    if encode_history(found) != raw:
        raise Refused("evidence.form", expected="one hash a line, each with its newline")
    return found
