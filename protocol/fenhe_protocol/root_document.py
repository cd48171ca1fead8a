"""When a root document is believed (feed §5), and how one is written and signed.

`open_first` trusts a fingerprint that an operator compared; `open_next` trusts the document before.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.encoding import b64_encode, format_time
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import ED25519, SigningKey, VerifierKey
from fenhe_protocol.note import SignedNote, parse_note, sign_note, signed_by
from fenhe_protocol.root_text import (
    HEAD_LINE,
    LogEnd,
    LogKeys,
    RootDocument,
    cosigner_name,
    merge_purposes,
    read_root_text,
)
from fenhe_protocol.strict_json import dumps

__all__ = [
    "LogEnd",
    "LogKeys",
    "RootDocument",
    "check_next",
    "compose_root",
    "cosigner_name",
    "fingerprint",
    "open_chain",
    "open_first",
    "open_next",
    "root_key_name",
    "root_signers",
    "sign_root",
]


def fingerprint(text: bytes) -> str:
    """Hex SHA-256 of a document's text: what people compare, and `prev` of the next one."""
    return hashlib.sha256(text).hexdigest()


def open_first(
    raw: bytes, *, fingerprint: str, origin: str | None = None, allow_loopback_http: bool = False
) -> RootDocument:
    """Believe document 1 whose fingerprint an operator compared; Refused `root.*` or `note.*`."""
    note, document = _read(raw, allow_loopback_http)
    _check_fingerprint(note.text, fingerprint)
    if origin is not None:
        _agree("root.origin", "origin", origin, document.origin)
    _agree("root.chain", "n", 1, document.n)
    _need_threshold(document, _signers(note, document, document.root))
    return document


def open_next(
    previous: RootDocument, raw: bytes, *, allow_loopback_http: bool = False
) -> RootDocument:
    """Believe the document after `previous`; Refused `root.*` or `note.*`, and `previous` stays."""
    note, document = _read(raw, allow_loopback_http)
    document = _following(previous, document)
    signers = _signers(note, document, (*previous.root, *document.root))
    _need_threshold(previous, signers)
    _need_threshold(document, signers)
    return document


def check_next(previous: RootDocument, text: bytes) -> RootDocument:
    """Read the text of the document after `previous`, whoever may sign it; Refused `root.*`."""
    return _following(previous, read_root_text(text, allow_loopback_http=True))


def root_signers(
    previous: RootDocument | None, document: RootDocument, note: SignedNote
) -> set[bytes]:
    """The root keys, of this document or the one before, with a good line; Refused for a bad one"""
    return _signers(note, document, (*(previous.root if previous else ()), *document.root))


def root_key_name(origin: str) -> str:
    """The name under which root keys of `origin` sign (feed §5)."""
    return f"{origin}/root"


def open_chain(
    documents: Iterable[bytes],
    *,
    fingerprint: str,
    origin: str | None = None,
    allow_loopback_http: bool = False,
) -> RootDocument:
    """Believe documents 1, 2, … in order and return the last; at least one is needed."""
    first, *later = documents
    held = open_first(
        first, fingerprint=fingerprint, origin=origin, allow_loopback_http=allow_loopback_http
    )
    for raw in later:
        held = open_next(held, raw, allow_loopback_http=allow_loopback_http)
    return held


def _read(raw: bytes, allow_loopback_http: bool) -> tuple[SignedNote, RootDocument]:
    note = parse_note(raw)
    document = read_root_text(note.text, allow_loopback_http=allow_loopback_http)
    return note, replace(document, raw=raw)


def _check_fingerprint(text: bytes, expected: str) -> None:
    if (found := fingerprint(text)) != expected:
        raise Refused("root.fingerprint", expected=expected, found=found)


def _signers(note: SignedNote, document: RootDocument, keys: Sequence[bytes]) -> set[bytes]:
    name = root_key_name(document.origin)
    return {key for key in set(keys) if signed_by(note, VerifierKey(name, ED25519, key))}


def _need_threshold(document: RootDocument, signers: set[bytes]) -> None:
    good = len(signers & set(document.root))
    if good < document.threshold:
        raise Refused(
            "root.threshold",
            where=f"{root_key_name(document.origin)} {document.n}",
            expected=str(document.threshold),
            found=str(good),
        )


def _check_chain(previous: RootDocument, document: RootDocument) -> None:
    _agree("root.origin", "origin", previous.origin, document.origin)
    _agree("root.chain", "n", previous.n + 1, document.n)
    _agree("root.chain", "prev", fingerprint(previous.text), document.prev)
    _agree("root.chain", "unit", previous.unit, document.unit)
    if document.time < previous.time:
        raise _breaks("time", f">= {format_time(previous.time)}", format_time(document.time))
    for old in previous.logs:
        _check_log(old, document.log(old.name))


def _check_log(old: LogKeys, new: LogKeys | None) -> None:
    if new is None:
        raise _breaks(f"logs {old.name}", "a listed log stays listed", "absent")
    if old.end is not None and new.end != old.end:
        raise _breaks(f"logs {old.name} end", "unchanged", str(new.end))
    kept = {key.public: key for key in new.keys}
    for key in old.keys:
        if not _is_kept(key, kept.get(key.public)):
            raise _breaks(
                f"logs {old.name}", "its keys, from and to unchanged", b64_encode(key.public)
            )


def _is_kept(old: KeyRange, new: KeyRange | None) -> bool:
    return new is not None and new.start == old.start and old.end in (None, new.end)


def _following(previous: RootDocument, document: RootDocument) -> RootDocument:
    _check_chain(previous, document)
    purposes = merge_purposes([*previous.purposes.items(), *document.purposes.items()])
    former = previous.former_cosigners
    if previous.cosign is not None and document.cosign != previous.cosign:
        # One that comes back counts anew; what it signed in between was not its to sign.
        former = (replace(previous.cosign, until=document.time), *former)
    return replace(document, purposes=purposes, former_cosigners=former)


def _agree(code: str, member: str, expected: object, found: object) -> None:
    if found != expected:
        raise Refused(code, where=member, expected=str(expected), found=str(found))


def _breaks(member: str, expected: str, found: str) -> Refused:
    return Refused("root.chain", where=member, expected=expected, found=found)


def compose_root(
    *,
    origin: str,
    unit: str,
    url: str,
    time: int,
    root: Sequence[bytes],
    logs: Sequence[LogKeys],
    request: Sequence[bytes] = (),
    threshold: int = 1,
    n: int = 1,
    prev: str | None = None,
    cosign: bytes | None = None,
    seal: bytes | None = None,
) -> bytes:
    """Write the text of a root document from raw keys; Refused if it would not be read."""
    members: dict[str, Any] = {
        "n": n,
        "prev": prev,
        "origin": origin,
        "unit": unit,
        "url": url,
        "time": format_time(time),
        "root": [b64_encode(key) for key in root],
        "threshold": threshold,
        "logs": [_write_log(log) for log in logs],
        "request": [b64_encode(key) for key in request],
    }
    if cosign is not None:
        members["cosign"] = {"key": b64_encode(cosign), "name": cosigner_name(origin)}
    if seal is not None:
        members["seal"] = b64_encode(seal)
    text = HEAD_LINE + b"\n" + dumps(members) + b"\n"
    read_root_text(text, allow_loopback_http=True)
    return text


def _write_log(log: LogKeys) -> dict[str, Any]:
    members: dict[str, Any] = {"name": log.name, "keys": [_write_range(key) for key in log.keys]}
    if log.end is not None:
        members["end"] = {"size": log.end.size, "root": b64_encode(log.end.root)}
    return members


def _write_range(key: KeyRange) -> dict[str, Any]:
    members: dict[str, Any] = {"key": b64_encode(key.public), "from": key.start}
    return members if key.end is None else members | {"to": key.end}


def sign_root(text: bytes, origin: str, keys: Sequence[SigningKey]) -> bytes:
    """Return the signed note of a root document of `origin`."""
    return sign_note(text, [(root_key_name(origin), key) for key in keys])
