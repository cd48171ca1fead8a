"""Ways to spoil what a unit serves or signs: each makes a `Spoil`, which `cases` puts in its rows.

A unit has published `BEFORE` leaves, and grows to `AFTER` before it is spoilt.
"""

from collections.abc import Callable
from functools import partial

from tests.federation.foreign_notes import LOG_TYPE, Key, checkpoint_text, key_id, sign_note
from tests.federation.foreign_server import Mischief, Town
from tests.federation.foreign_tree import b64
from tests.federation.foreign_unit import ForeignLog, ForeignUnit, uscc

CHECKPOINT, BUNDLE = "catalogue/checkpoint", "catalogue/tile/entries/000.p/6"
BODY = "catalogue/body/pub/000"
BEFORE, AFTER = 4, 6
Spoil = Callable[[Town, ForeignUnit], None]


def served(path: str, answer: Mischief) -> Spoil:
    def spoil(town: Town, unit: ForeignUnit) -> None:
        town.mischief[unit.number, path] = answer

    return spoil


def changed(path: str, change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(town: Town, unit: ForeignUnit) -> None:
        unit.files[path] = change(unit.files[path])

    return spoil


def flipped(path: str, at: int) -> Spoil:
    def flip(raw: bytes) -> bytes:
        place = at % len(raw)
        return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]

    return changed(path, flip)


def root_changed(note: bytes) -> bytes:
    """The checkpoint with another first sign of its root."""
    origin, size, root, *rest = note.split(b"\n")
    other = (b"B" if root.startswith(b"A") else b"A") + root[1:]
    return b"\n".join([origin, size, other, *rest])


def absent(path: str) -> Spoil:
    def spoil(town: Town, unit: ForeignUnit) -> None:
        del unit.files[path]

    return spoil


def signing(make: Callable[[ForeignUnit], bytes]) -> Spoil:
    """Serve another checkpoint, whose signature is good."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        log = unit.catalogue
        unit.files[CHECKPOINT] = sign_note(make(unit), [(log.origin, unit.log_key)])

    return spoil


def text(unit: ForeignUnit, **other: object) -> bytes:
    log = unit.catalogue
    given = {"origin": log.origin, "size": len(log), "root": log.root()} | other
    return checkpoint_text(**given)  # type: ignore[arg-type]


def leaves(*make: Callable[[ForeignUnit], bytes]) -> Spoil:
    """Append leaves that are none."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        for each in make:
            unit.catalogue.add(each(unit))
        unit.publish()

    return spoil


def bodies(change: Callable[[ForeignUnit, dict[str, bytes]], dict[str, bytes]]) -> Spoil:
    """Append one record whose bodies are changed before they are committed to."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        unit.catalogue.record(change(unit, unit.instrument("W-1")))
        unit.publish()

    return spoil


def stolen(unit: ForeignUnit, bodies: dict[str, bytes]) -> dict[str, bytes]:
    other = uscc(9_999).encode()
    return {tier: raw.replace(unit.uscc.encode(), other) for tier, raw in bodies.items()}


def twice(raw: bytes) -> bytes:
    """The same object with its first member said twice."""
    return b'{"unit":"%s",' % uscc(9_999).encode() + raw.removeprefix(b"{")


def other_history(size: int) -> Spoil:
    """Sign and serve another history of this many leaves."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        other = ForeignLog(unit.catalogue.origin)
        for number in range(size):
            other.record(unit.instrument(f"O-{number}"))
        unit.show(other, other.note([(other.origin, unit.log_key)]))

    return spoil


def rolled_back(town: Town, unit: ForeignUnit) -> None:
    log = unit.catalogue
    unit.files[CHECKPOINT] = log.note([(log.origin, unit.log_key)], BEFORE - 1)


def next_key_too_early(town: Town, unit: ForeignUnit) -> None:
    log = unit.catalogue
    unit.files[CHECKPOINT] = log.note([(log.origin, unit.next_key)])


def good_and_bad(town: Town, unit: ForeignUnit) -> None:
    """The good signature, and a second line by the same key over something else."""
    log = unit.catalogue
    line = log.note([(log.origin, unit.log_key)], BEFORE).splitlines(keepends=True)[-1]
    unit.files[CHECKPOINT] += line


def line_put(line: Callable[[bytes], bytes]) -> Spoil:
    """Put a line between the two last ones of the public bodies."""

    def change(raw: bytes) -> bytes:
        *before, last = raw.splitlines(keepends=True)
        return b"".join([*before, line(last), last])

    return changed(BODY, change)


def nothing(town: Town, unit: ForeignUnit) -> None:
    """An honest unit beside all the others."""


def emptied(town: Town, unit: ForeignUnit) -> None:
    """As a program that starts on an empty folder serves, and signs, nothing."""
    log = unit.catalogue
    unit.files[CHECKPOINT] = log.note([(log.origin, unit.log_key)], 0)


def signed_as(name: Callable[[ForeignUnit], str], key: Callable[[ForeignUnit], Key]) -> Spoil:
    """The right checkpoint with one line, of this name and by this key."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        unit.files[CHECKPOINT] = sign_note(text(unit), [(name(unit), key(unit))])

    return spoil


def blob(make: Callable[[ForeignUnit], bytes]) -> Spoil:
    """The right checkpoint with one line under the log's name, of these bytes."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        line = f"— {unit.catalogue.origin} {b64(make(unit))}\n".encode()
        unit.files[CHECKPOINT] = text(unit) + b"\n" + line

    return spoil


def own_key_id(unit: ForeignUnit, kind: bytes = LOG_TYPE) -> bytes:
    return key_id(unit.catalogue.origin, kind, unit.log_key.public)


def public(*change: Callable[[bytes], bytes]) -> Spoil:
    """Append records of a public body each, changed before it is committed to."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        for number, each in enumerate(change):
            body = each(unit.instrument(f"P-{number}")["pub"])
            unit.catalogue.record({"pub": body})
        unit.publish()

    return spoil


def extended(*value: bytes) -> Spoil:
    """Append records whose extension holds these bytes as a value."""
    return public(*(partial(_with_value, value=each) for each in value))


def _with_value(body: bytes, value: bytes) -> bytes:
    return b'{"ext" : {"x" : ' + value + b"} , " + body.removeprefix(b"{")


def spelled_as(*piece: bytes) -> Spoil:
    """Append records whose name begins with these bytes, as they are."""
    return public(*(partial(_with_piece, piece=each) for each in piece))


def _with_piece(body: bytes, piece: bytes) -> bytes:
    return body.replace(b'"name_zh" : "', b'"name_zh" : "' + piece, 1)


def named(*name: str) -> Spoil:
    """Append records of these names."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        for number, each in enumerate(name):
            unit.catalogue.record({"pub": unit.instrument(f"N-{number}", name_zh=each)["pub"]})
        unit.publish()

    return spoil


def numbered(*id_: str) -> Spoil:
    """Append records of these ids."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        for each in id_:
            unit.catalogue.record({"pub": unit.instrument(each)["pub"]})
        unit.publish()

    return spoil
