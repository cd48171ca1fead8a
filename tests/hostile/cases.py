"""What a unit can do wrong in what it signs or serves, and what comes of it: a row for each.

What is wrong with records themselves is in `cases_of_records`. `case` says what the columns are,
`spoiling` and `mischief` how it is done, and `catalogue` which row stands for which danger.
"""

import gzip

from tests.federation.foreign_notes import COSIGNER_TYPE
from tests.federation.foreign_tree import bundle_files
from tests.hostile import mischief
from tests.hostile.case import Case, Met, defer, grow, lack, refuse
from tests.hostile.cases_of_records import MEANING, TEXTS
from tests.hostile.spoiling import (
    AFTER,
    BEFORE,
    BODY,
    BUNDLE,
    CHECKPOINT,
    absent,
    blob,
    changed,
    emptied,
    flipped,
    good_and_bad,
    leaves,
    line_put,
    next_key_too_early,
    nothing,
    other_history,
    own_key_id,
    rolled_back,
    root_changed,
    served,
    signed_as,
    signing,
    text,
)

HEALTHY = grow("healthy", nothing)

TRANSPORT = (
    HEALTHY,
    refuse("redirect", served(CHECKPOINT, mischief.redirect), "fetch.redirect"),
    refuse("redirect inside", served(BUNDLE, mischief.redirect_inside), "fetch.redirect"),
    refuse("redirect for ever", served(CHECKPOINT, mischief.redirect_for_ever), "fetch.redirect"),
    refuse("no content", served(CHECKPOINT, mischief.status(204)), "fetch.status"),
    refuse("partial content", served(CHECKPOINT, mischief.status(206)), "fetch.status"),
    refuse("page of a gateway", served(CHECKPOINT, mischief.instead(b"<html>login")), "note.form"),
    defer("server error", served(CHECKPOINT, mischief.status(500)), "fetch.busy"),
    defer(
        "asked to wait for years",
        served(BUNDLE, mischief.status(429, **{"Retry-After": "999999999"})),
        "fetch.busy",
    ),
    defer(
        "asked to have waited",
        served(BUNDLE, mischief.status(503, **{"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"})),
        "fetch.busy",
    ),
    defer("not for you", served(BUNDLE, mischief.status(403)), "fetch.denied"),
    defer("cut short", served(BUNDLE, mischief.cut_short), "fetch.broken"),
    defer("dripping", served(CHECKPOINT, mischief.dripping), "visit.time"),
    defer("silent", served(BUNDLE, mischief.silent), "visit.time"),
    defer("bundle absent", absent(BUNDLE), "fetch.absent"),
    defer("checkpoint absent", absent(CHECKPOINT), "fetch.absent"),
    grow("cookies and other advice", served(CHECKPOINT, mischief.with_advice)),
)

SIZES = (
    refuse(
        "checkpoint too large", served(CHECKPOINT, mischief.instead(b"a" * 70_000)), "fetch.size"
    ),
    refuse("checkpoint without end", served(CHECKPOINT, mischief.endless), "fetch.size"),
    lack("bodies without end", served(BODY, mischief.endless), "fetch.size"),
    refuse("unasked coding", served(BUNDLE, mischief.coded("br", bytes)), "fetch.coding"),
    refuse("coding of tomorrow", served(BUNDLE, mischief.coded("zstd", bytes)), "fetch.coding"),
    refuse(
        "gzip in gzip",
        served(BUNDLE, mischief.coded("gzip, gzip", lambda raw: gzip.compress(gzip.compress(raw)))),
        "fetch.coding",
    ),
    refuse("gzip bomb", served(BUNDLE, mischief.bomb), "fetch.size"),
    refuse("gzip of two members", served(BUNDLE, mischief.two_members), "fetch.gzip"),
    refuse("bytes after a bundle", changed(BUNDLE, lambda raw: raw + b"\0"), "bundle.trailing"),
    refuse(
        "a length beyond the end", changed(BUNDLE, lambda raw: b"\3\xff" + raw[2:]), "bundle.short"
    ),
    refuse(
        "an entry too few",
        changed(BUNDLE, lambda raw: bundle_files([b"x"])["tile/entries/000.p/1"]),
        "bundle.short",
    ),
    refuse(
        "leaf too long",
        leaves(lambda unit: b'{"k":"' + b"r" * 1_020 + b'"}'),
        "bundle.entry-size",
        again="refuse",
    ),
    grow("an empty leaf", leaves(lambda unit: b""), 1, refused=1),
    grow("line of another block", line_put(lambda last: b"256" + last[1:]), missing=1),
    grow("line too long", line_put(lambda last: last[:-1] + b" " * 262_144 + b"\n"), missing=1),
    grow("last line cut", changed(BODY, lambda raw: raw[:-1]), missing=1),
)

SIGNED = (
    refuse("bit in the checkpoint", changed(CHECKPOINT, root_changed), "note.signature"),
    refuse(
        "unsigned", changed(CHECKPOINT, lambda raw: raw.partition(b"\n\n")[0] + b"\n"), "note.form"
    ),
    refuse(
        "signed by a stranger",
        signed_as(lambda u: "x.example/y", lambda u: u.stranger),
        "checkpoint.unsigned",
    ),
    refuse(
        "a stranger in its name",
        signed_as(lambda u: u.catalogue.origin, lambda u: u.stranger),
        "checkpoint.unsigned",
    ),
    refuse(
        "signed by the key of its other log",
        signed_as(lambda u: u.catalogue.origin, lambda u: u.usage_key),
        "checkpoint.unsigned",
    ),
    refuse("key before its range", next_key_too_early, "checkpoint.unsigned"),
    refuse("a bad line by a good key", good_and_bad, "note.signature"),
    refuse("a signature of nothing", blob(lambda u: own_key_id(u) + bytes(64)), "note.signature"),
    refuse("a signature too short", blob(lambda u: own_key_id(u) + b"a"), "note.signature"),
    refuse(
        "a signature of another kind",
        blob(lambda u: own_key_id(u, COSIGNER_TYPE) + u.log_key.sign(text(u))),
        "checkpoint.unsigned",
    ),
    refuse(
        "65 signatures",
        changed(CHECKPOINT, lambda raw: raw + 64 * raw.splitlines(keepends=True)[-1]),
        "note.lines",
    ),
    refuse(
        "lines of Windows", changed(CHECKPOINT, lambda r: r.replace(b"\n", b"\r\n")), "note.form"
    ),
    refuse("no blank line", changed(CHECKPOINT, lambda r: r.replace(b"\n\n", b"\n")), "note.form"),
    refuse("text after the signatures", changed(CHECKPOINT, lambda r: r + b"more\n"), "note.form"),
    grow(
        "lines of extension",
        signing(lambda u: text(u) + "扩展 one\nextension two\n".encode()),
    ),
    refuse(
        "another origin",
        signing(lambda u: text(u, origin=f"{u.origin}/usage")),
        "checkpoint.origin",
    ),
    refuse(
        "origin in other letters",
        signing(lambda u: text(u, origin=u.catalogue.origin.upper())),
        "checkpoint.origin",
    ),
    refuse(
        "origin with a blank behind",
        signing(lambda u: text(u, origin=f"{u.catalogue.origin} ")),
        "checkpoint.origin",
    ),
    refuse(
        "origin of a look-alike",
        signing(lambda u: text(u, origin=u.catalogue.origin.replace("a", "а"))),
        "checkpoint.origin",
    ),
    refuse("size with a zero before", signing(lambda u: text(u, size="06")), "checkpoint.size"),
    refuse("size with a sign", signing(lambda u: text(u, size="+6")), "checkpoint.size"),
    refuse("size in other digits", signing(lambda u: text(u, size="６")), "checkpoint.size"),
    refuse("size beyond all", signing(lambda u: text(u, size=2**53)), "checkpoint.size"),
    refuse("root of 31 bytes", signing(lambda u: text(u, root=bytes(31))), "checkpoint.form"),
    refuse(
        "root in loose base64",
        signing(lambda u: text(u, root=bytes(32)).replace(b"A=\n", b"B=\n")),
        "checkpoint.form",
    ),
)

HISTORY = (
    refuse("bit in a new entry", flipped(BUNDLE, -30), "log.root-differs"),
    Case(
        "bit in an entry held already",
        flipped(BUNDLE, 30),
        Met("refuse", "log.entry-differs"),
        Met("refuse", "log.root-differs", 0),
    ),
    grow("bit in a tile", flipped("catalogue/tile/0/000.p/6", 5)),
    grow("bit in the last body", flipped(BODY, -9), missing=1),
    defer("size without leaves", signing(lambda u: text(u, size=10**15)), "fetch.absent"),
    refuse("root of another tree", signing(lambda u: text(u, root=bytes(32))), "log.root-differs"),
    Case("an old checkpoint", rolled_back, Met("older"), Met("defer", "fetch.absent", 0)),
    Case("emptied", emptied, Met("older"), Met("unchanged", "", 0)),
    Case(
        "fork at the same size",
        other_history(BEFORE),
        Met("quarantine", "log.fork", again="quarantine"),
        Met("grown", again="quarantine"),
    ),
    Case(
        "fork at a larger size",
        other_history(AFTER),
        Met("quarantine", "log.fork", again="quarantine"),
        Met("grown", "", AFTER, again="quarantine"),
    ),
    Case(
        "fork at a smaller size",
        signing(lambda u: text(u, size=2, root=bytes(32))),
        Met("quarantine", "log.fork", again="quarantine"),
        Met("defer", "fetch.absent", 0),
    ),
)

CASES = (*TRANSPORT, *SIZES, *TEXTS, *SIGNED, *HISTORY, *MEANING)
