"""What a unit can do wrong in what it signs or serves, and what feed.md says comes of it.

`CASES` has a row for each: the unit has published 4 leaves and the hub holds them; it grows to 6,
and `spoil` makes something of that. The outcome, the size that is verified then and the number of
bodies missing and refused are what §§1-6 and "Outcomes" ask for.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.federation import mischief
from tests.federation.foreign_notes import checkpoint_text, sign_note
from tests.federation.foreign_server import Mischief, Town
from tests.federation.foreign_tree import bundle_files
from tests.federation.foreign_unit import ForeignLog, ForeignUnit, uscc

CHECKPOINT, BUNDLE, BODY = "catalogue/checkpoint", "catalogue/tile/entries/000.p/6", "body/pub/000"
BEFORE, AFTER = 4, 6
Spoil = Callable[[Town, ForeignUnit], None]


@dataclass(frozen=True)
class Case:
    """One way to be wrong. `again` is the outcome once the unit is honest again."""

    name: str
    spoil: Spoil
    outcome: str
    size: int = BEFORE
    missing: int = 0
    refused: int = 0
    again: str = "grown"


def _served(path: str, answer: Mischief) -> Spoil:
    def spoil(town: Town, unit: ForeignUnit) -> None:
        town.mischief[unit.number, path] = answer

    return spoil


def _changed(path: str, change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(town: Town, unit: ForeignUnit) -> None:
        unit.files[path] = change(unit.files[path])

    return spoil


def _flipped(path: str, at: int) -> Spoil:
    def flip(raw: bytes) -> bytes:
        place = at % len(raw)
        return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]

    return _changed(path, flip)


def _absent(path: str) -> Spoil:
    def spoil(town: Town, unit: ForeignUnit) -> None:
        del unit.files[path]

    return spoil


def _signing(make: Callable[[ForeignUnit], bytes]) -> Spoil:
    """Serve another checkpoint, whose signature is good."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        log = unit.catalogue
        unit.files[CHECKPOINT] = sign_note(make(unit), [(log.origin, unit.log_key)])

    return spoil


def _text(unit: ForeignUnit, **other: object) -> bytes:
    log = unit.catalogue
    given = {"origin": log.origin, "size": len(log), "root": log.root()} | other
    return checkpoint_text(**given)  # type: ignore[arg-type]


def _leaves(*make: Callable[[ForeignUnit], bytes]) -> Spoil:
    """Append leaves that are none."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        for each in make:
            unit.catalogue.add(each(unit))
        unit.publish()

    return spoil


def _bodies(change: Callable[[ForeignUnit, dict[str, bytes]], dict[str, bytes]]) -> Spoil:
    """Append one record whose bodies are changed before they are committed to."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        unit.catalogue.record(change(unit, unit.instrument("W-1")))
        unit.publish()

    return spoil


def _stolen(unit: ForeignUnit, bodies: dict[str, bytes]) -> dict[str, bytes]:
    other = uscc(9_999).encode()
    return {tier: raw.replace(unit.uscc.encode(), other) for tier, raw in bodies.items()}


def _twice(raw: bytes) -> bytes:
    """The same object with its first member said twice."""
    return b'{"unit":"%s",' % uscc(9_999).encode() + raw.removeprefix(b"{")


def _other_history(size: int) -> Spoil:
    """Sign and serve another history of this many leaves."""

    def spoil(town: Town, unit: ForeignUnit) -> None:
        other = ForeignLog(unit.catalogue.origin)
        for number in range(size):
            other.record(unit.instrument(f"O-{number}"))
        unit.show(other, other.note([(other.origin, unit.log_key)]))

    return spoil


def _rolled_back(town: Town, unit: ForeignUnit) -> None:
    log = unit.catalogue
    unit.files[CHECKPOINT] = log.note([(log.origin, unit.log_key)], BEFORE - 1)


def _next_key_too_early(town: Town, unit: ForeignUnit) -> None:
    log = unit.catalogue
    unit.files[CHECKPOINT] = log.note([(log.origin, unit.next_key)])


def _good_and_bad(town: Town, unit: ForeignUnit) -> None:
    """The good signature, and a second line by the same key over something else."""
    log = unit.catalogue
    line = log.note([(log.origin, unit.log_key)], BEFORE).splitlines(keepends=True)[-1]
    unit.files[CHECKPOINT] += line


def _line_put(line: Callable[[bytes], bytes]) -> Spoil:
    """Put a line between the two last ones of the public bodies."""

    def change(raw: bytes) -> bytes:
        *before, last = raw.splitlines(keepends=True)
        return b"".join([*before, line(last), last])

    return _changed(f"catalogue/{BODY}", change)


def _nothing(town: Town, unit: ForeignUnit) -> None:
    """An honest unit beside all the others."""


HEALTHY = Case("healthy", _nothing, "grown", AFTER)

CASES = (
    HEALTHY,
    Case("bit in the checkpoint", _flipped(CHECKPOINT, 60), "refuse"),
    Case("bit in a new entry", _flipped(BUNDLE, -30), "refuse"),
    Case("bit in an entry held already", _flipped(BUNDLE, 30), "refuse"),
    Case("bit in a tile", _flipped("catalogue/tile/0/000.p/6", 5), "grown", AFTER),
    Case("bit in the last body", _flipped(f"catalogue/{BODY}", -9), "grown", AFTER, missing=1),
    Case("another origin", _signing(lambda u: _text(u, origin=f"{u.origin}/usage")), "refuse"),
    Case("size with a zero before", _signing(lambda u: _text(u, size="06")), "refuse"),
    Case("size with a sign", _signing(lambda u: _text(u, size="+6")), "refuse"),
    Case("size in other digits", _signing(lambda u: _text(u, size="６")), "refuse"),
    Case("size beyond all", _signing(lambda u: _text(u, size=2**53)), "refuse"),
    Case("size without leaves", _signing(lambda u: _text(u, size=10**15)), "defer"),
    Case("root of another tree", _signing(lambda u: _text(u, root=bytes(32))), "refuse"),
    Case("key before its range", _next_key_too_early, "refuse"),
    Case("a bad line by a good key", _good_and_bad, "refuse"),
    Case("lines of Windows", _changed(CHECKPOINT, lambda r: r.replace(b"\n", b"\r\n")), "refuse"),
    Case(
        "65 signatures", _changed(CHECKPOINT, lambda r: r + 64 * r.splitlines(True)[-1]), "refuse"
    ),
    Case("checkpoint too large", _served(CHECKPOINT, mischief.instead(b"a" * 70_000)), "refuse"),
    Case("checkpoint without end", _served(CHECKPOINT, mischief.endless), "refuse"),
    Case("page of a gateway", _served(CHECKPOINT, mischief.instead(b"<html>login")), "refuse"),
    Case("redirect", _served(CHECKPOINT, mischief.redirect), "refuse"),
    Case("no content", _served(CHECKPOINT, mischief.status(204)), "refuse"),
    Case("partial content", _served(CHECKPOINT, mischief.status(206)), "refuse"),
    Case("unasked coding", _served(BUNDLE, mischief.in_another_coding), "refuse"),
    Case("gzip bomb", _served(BUNDLE, mischief.bomb), "refuse"),
    Case("gzip of two members", _served(BUNDLE, mischief.two_members), "refuse"),
    Case("server error", _served(CHECKPOINT, mischief.status(500)), "defer"),
    Case(
        "too many requests", _served(BUNDLE, mischief.status(429, **{"Retry-After": "9"})), "defer"
    ),
    Case("not for you", _served(BUNDLE, mischief.status(403)), "defer"),
    Case("cut short", _served(BUNDLE, mischief.cut_short), "defer"),
    Case("dripping", _served(CHECKPOINT, mischief.dripping), "defer"),
    Case("silent", _served(BUNDLE, mischief.silent), "defer"),
    Case("bundle absent", _absent(BUNDLE), "defer"),
    Case("checkpoint absent", _absent(CHECKPOINT), "defer"),
    Case("bytes after a bundle", _changed(BUNDLE, lambda raw: raw + b"\0"), "refuse"),
    Case(
        "an entry too few",
        _changed(BUNDLE, lambda raw: bundle_files([b"x"])["tile/entries/000.p/1"]),
        "refuse",
    ),
    Case(
        "leaf too long",
        _leaves(lambda unit: b'{"k":"' + b"r" * 1_020 + b'"}'),
        "refuse",
        again="refuse",
    ),
    Case("fork at the same size", _other_history(BEFORE), "quarantine", again="quarantine"),
    Case("fork at a larger size", _other_history(AFTER), "quarantine", again="quarantine"),
    Case("an old checkpoint", _rolled_back, "older"),
    Case(
        "fork at a smaller size",
        _signing(lambda u: _text(u, size=2, root=bytes(32))),
        "quarantine",
        again="quarantine",
    ),
    Case(
        "leaves that are none",
        _leaves(
            lambda unit: b'{"c":{},"k":"r","v":1}',
            lambda unit: b'{"k":"h","k":"h","t":"2026-11-23T08:00:00+08:00","v":1}',
            lambda unit: b'{"k":"h","t":"2026-11-23T00:00:00Z","v":1}',
            lambda unit: b'{"i":[[0,99]],"k":"x","r":"law","v":1}',
            lambda unit: b"\xff",
        ),
        "grown",
        AFTER + 5,
        refused=5,
    ),
    Case("another unit's code", _bodies(_stolen), "grown", AFTER + 1, refused=2),
    Case(
        "names said twice",
        _bodies(lambda u, b: {t: _twice(raw) for t, raw in b.items()}),
        "grown",
        AFTER + 1,
        refused=2,
    ),
    Case(
        "no such status",
        _bodies(lambda u, b: b | {"pub": b["pub"].replace(b"normal", b"fine")}),
        "grown",
        AFTER + 1,
        refused=1,
    ),
    Case(
        "two that disagree",
        _bodies(lambda u, b: b | {"hub": u.instrument("W-2")["hub"]}),
        "grown",
        AFTER + 1,
        refused=2,
    ),
    Case(
        "a service in the catalogue",
        _bodies(lambda u, b: {"hub": u.service("S-1")["hub"]}),
        "grown",
        AFTER + 1,
        refused=1,
    ),
    Case(
        "line of another block",
        _line_put(lambda last: b"256" + last[1:]),
        "grown",
        AFTER,
        missing=1,
    ),
    Case(
        "line too long",
        _line_put(lambda last: last[:-1] + b" " * 262_144 + b"\n"),
        "grown",
        AFTER,
        missing=1,
    ),
    Case(
        "last line cut",
        _changed(f"catalogue/{BODY}", lambda raw: raw[:-1]),
        "grown",
        AFTER,
        missing=1,
    ),
    Case("no public bodies", _absent(f"catalogue/{BODY}"), "grown", AFTER, missing=2),
    Case(
        "bodies redirected",
        _served(f"catalogue/{BODY}", mischief.redirect),
        "grown",
        AFTER,
        missing=2,
    ),
    Case(
        "bodies spelled anew",
        _changed(f"catalogue/{BODY}", lambda raw: raw.replace(b" , ", b",")),
        "grown",
        AFTER,
        missing=2,
    ),
)
