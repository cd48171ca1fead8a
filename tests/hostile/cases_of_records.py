"""What can be wrong with records, whoever carries them: text, meaning, disclosure. See `cases`."""

from tests.federation import planting
from tests.hostile import mischief
from tests.hostile.case import Case, Met, grow, lack
from tests.hostile.spoiling import (
    AFTER,
    BODY,
    absent,
    bodies,
    changed,
    extended,
    leaves,
    named,
    numbered,
    public,
    served,
    spelled_as,
    stolen,
    twice,
)

TEXTS = (
    grow(
        "names said twice",
        bodies(lambda u, b: {t: twice(raw) for t, raw in b.items()}),
        1,
        refused=2,
    ),
    grow(
        "numbers that are none",
        extended(
            b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0", b"1.0", b"1e2", b"9007199254740992"
        ),
        8,
        refused=8,
    ),
    grow("an integer of 5,000 digits", extended(b"9" * 5_000), 1, refused=1),
    Case(
        "nested 100,000 deep",
        extended(b"[" * 100_000 + b"]" * 100_000),
        Met("grown", "", AFTER + 1, refused=1, kept_from_receipt=True),
    ),
    grow(
        "as much as a line holds",
        extended(
            b'"' + b"a" * 200_000 + b'"',
            b"[" + b",".join([b"1"] * 100_000) + b"]",
            b"{" + b",".join(b'"k%d":1' % n for n in range(18_000)) + b"}",
        ),
        3,
    ),
    grow(
        "text that is none",
        spelled_as(rb"\ud800", b"\xc0\xaf", b"\xff", b"\xed\xa0\x80", b"\x07"),
        5,
        refused=5,
    ),
    grow(
        "another coding of text",
        public(lambda body: b"\xef\xbb\xbf" + body, lambda body: body.decode().encode("utf-16-be")),
        2,
        refused=2,
    ),
    grow(
        "names that act elsewhere",
        extended(
            b'{"__proto__":{"admin":true},"constructor":1,"@context":"https://x.example/"}',
            b'{"$ref":"http://169.254.169.254/","$schema":"http://169.254.169.254/"}',
        ),
        2,
    ),
    grow(
        "members nobody knows", public(lambda body: b'{"comment" : 1 , ' + body[1:]), 1, refused=1
    ),
    lack("bodies spelled anew", changed(BODY, lambda raw: raw.replace(b" , ", b","))),
    grow(
        "text that would act",
        named(
            "=cmd|'/c calc'!A1", "<script>alert(1)</script>", "'; DROP TABLE record; --", "{{7*7}}"
        ),
        4,
    ),
    grow("text for a terminal", named("\x1b]0;x\x07", "\x9b2J", "a\u202eb", "a\rb"), 4, refused=4),
    grow(
        "no such status",
        bodies(lambda u, b: b | {"pub": b["pub"].replace(b"normal", b"fine")}),
        1,
        refused=1,
    ),
)

MEANING = (
    grow(
        "leaves that are none",
        leaves(
            lambda unit: b'{"c":{},"k":"r","v":1}',
            lambda unit: b'{"k":"h","k":"h","t":"2026-11-23T08:00:00+08:00","v":1}',
            lambda unit: b'{"k":"h","t":"2026-11-23T00:00:00Z","v":1}',
            lambda unit: b'{"i":[[0,99]],"k":"x","r":"law","v":1}',
            lambda unit: b"\xff",
        ),
        5,
        refused=5,
    ),
    grow("another unit's code", bodies(stolen), 1, refused=2),
    grow(
        "two that disagree",
        bodies(lambda u, b: b | {"hub": u.instrument("W-2")["hub"]}),
        1,
        refused=2,
    ),
    grow(
        "a service in the catalogue",
        bodies(lambda u, b: {"hub": u.service("S-1")["hub"]}),
        1,
        refused=1,
    ),
    Case(
        "a person in the open",
        named(planting.mobile(1), planting.id_number(2)),
        Met("grown", "", AFTER + 2, refused=2, kept_from_receipt=True),
    ),
    lack("no public bodies", absent(BODY)),
    lack("bodies redirected", served(BODY, mischief.redirect), "fetch.redirect"),
    grow("the same record again", numbered("T-1", "T-1", "T-1"), 3),
    grow("ids that are paths", numbered("../../x", "/etc/passwd", "CON", "%2e%2e", "a" * 64), 5),
)
