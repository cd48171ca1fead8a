"""The files of a log: leaves, bundles, tiles, body files, addresses, uploads, what is spooled."""

from fenhe_hub.web import access as hub_access
from fenhe_node import access as node_access
from fenhe_node.hubs.mirror_check import read_lines
from fenhe_protocol.block import BlockJudge
from fenhe_protocol.body import BodyLine, encode_lines, encode_salt, read_body_file, read_full_file
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, open_checkpoint, sign_checkpoint
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.entry import record_entry
from fenhe_protocol.errors import Deferred, Forked, Refused, RequestError
from fenhe_protocol.fed import Place
from fenhe_protocol.leaf import Leaf, LeafForm, encode_leaf, parse_leaf, split_log_name
from fenhe_protocol.leaves import commitments_of, parse_leaves, tiers_of
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import (
    CompactRange,
    leaf_hash,
    leaf_hashes,
    perfect_root,
    verify_consistency,
    verify_inclusion,
)
from fenhe_protocol.reading import LogHead
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.spool import Progress, Spool
from fenhe_protocol.subtree import verify_subtree
from fenhe_protocol.taken import compose_taken, parse_taken
from fenhe_protocol.tiles import (
    EntryBundle,
    decode_bundle,
    decode_tile,
    encode_bundle,
    encode_tile,
    parse_path,
)
from fenhe_protocol.upload import (
    MirrorInfo,
    Package,
    UploadHeader,
    UploadParser,
    compose_mirror_info,
    make_package,
    parse_mirror_info,
    spans,
)
from tests.fuzz.target import Target, one_of, text_of
from tests.histories import LOG_KEY

_ORIGIN, _UNIT = "u1.example/fenhe/catalogue", "12140000000000019W"
_BODY = b'{"id":"A-1","kind":"instrument","name_zh":"\xe7\xa4\xba\xe4\xbe\x8b","status":"normal",'
_BODIES = [_BODY.replace(b"A-1", b"A-%d" % n) + b'"unit":"12140000000000019W"}' for n in range(3)]
_SALT = bytes(range(16))
_RECORDS = [record_entry(_ORIGIN, {"pub": each}, {"pub": _SALT}) for each in _BODIES]
_ENTRIES = [each.leaf for each in _RECORDS]
_LINES = encode_lines([BodyLine(n, encode_salt(_SALT), each) for n, each in enumerate(_BODIES)])
_OTHER_LEAVES = (
    b'{"e":["nat","pub"],"i":[[0,1],[4,9]],"k":"x","r":"law","v":1}',
    b'{"i":[[0,5]],"k":"x","l":"catalogue","r":"lost","v":1}',
    b'{"f":[["hub.example/fenhe/fed",2,"%b"]],"k":"h","t":"2026-11-23T08:01:05+08:00","v":1}'
    % b64_encode(bytes(32)).encode(),
    b'{"c":{"hub":"vKR2OBcvNy4CG4hzSNqpLzFFR2ho1ECE5pxiff-ZYGs"},"k":"r","v":1}',
    b'{"k":"h","t":"2026-11-23T08:01:05+08:00","v":1}',
)
_LEAF_WORDS = (
    *(b'"k":"r"', b'"k":"x"', b'"k":"h"', b'"v":1', b'"c":{', b'"pub"', b'"hub"', b'"nat"'),
    *(b'"e":[', b'"i":[[', b"]]", b'"r":"law"', b'"l":"catalogue"', b'"f":[["', b'"t":"'),
    *(b"9007199254740991", b","),
)
_LOGS = ("catalogue", "usage", "fed", "catalogue.2")
_LARGEST = 2**53 - 2


def _leaf(raw: bytes) -> object:
    """A leaf where it may stand: not every log and index may have each."""
    found = [leaf for log in _LOGS for index in (_LARGEST, 0) if (leaf := _at(raw, index, log))]
    return found or parse_leaf(raw, index=_LARGEST, log="catalogue")


def _at(raw: bytes, index: int, log: str) -> Leaf | None:
    try:
        found = parse_leaf(raw, index=index, log=log)
    except LeafForm:
        return None
    assert parse_leaf(encode_leaf(found), index=index, log=log) == found
    return found


def _leaves(raw: bytes) -> object:
    entries = raw.split(b"\n")
    read = parse_leaves(entries, 5, one_of(_LOGS, raw))
    assert len(read) == len(entries)
    return tiers_of(read)


def _bundle(raw: bytes) -> object:
    entries = decode_bundle(raw, len(_ENTRIES), max_entry=DEFAULTS.leaf_bytes)
    assert encode_bundle(entries) == raw
    return entries


def _tile(raw: bytes) -> None:
    hashes = decode_tile(raw, 2)
    assert encode_tile(hashes) == raw
    verify_consistency(1, 2, hashes[1:], hashes[0], hashes[0])
    verify_subtree(1, 2, 3, hashes[1:], hashes[0], hashes[0])
    verify_inclusion(0, 2, leaf_hash(b""), hashes[1:], hashes[0])


def _body_file(raw: bytes) -> None:
    lines, bad = read_body_file(raw, 0)
    assert bad or encode_lines(lines) == raw
    full = read_full_file(raw, range(len(_BODIES)))
    if full is not None:
        assert full.bodies == [each.body for each in lines] and not bad
    read_lines(raw, 0)


_SCHEMAS = SchemaSet.load()
_JUDGE = BlockJudge(_SCHEMAS, origin=_ORIGIN, tier="pub", unit=_UNIT)
_LEAVES = parse_leaves(_ENTRIES, 0, "catalogue")
_COMMITTED = [*commitments_of(_LEAVES, "pub", 0).values()]


def _block(raw: bytes) -> None:
    judged = _JUDGE.judge(raw, 0, _LEAVES)
    assert judged.verdicts.keys() == set(range(len(_BODIES)))
    if _JUDGE.find_sound(raw, 0, _COMMITTED) is not None:
        assert not judged.missing and not judged.ended_early
    _JUDGE.lacking(raw, 0, _LEAVES)


def _address(raw: bytes) -> None:
    text = text_of(raw)
    for read in (parse_path, split_log_name, Place.parse):
        try:
            read(text)
        except ValueError:
            continue
    node_access.asked(text)
    hub_access.asked_root(text)
    for family in ("catalogue", "usage", "fed"):
        hub_access.asked(text, family)


def _known(count: int) -> CompactRange:
    known = CompactRange()
    known.extend(leaf_hashes(_ENTRIES[:count]))
    return known


_SIGNED = sign_checkpoint(Checkpoint(_ORIGIN, 3, _known(3).root()), LOG_KEY)
_PROGRESS = Progress.start(
    LogHead(_ORIGIN),
    open_checkpoint(_SIGNED, origin=_ORIGIN, keys=(KeyRange(LOG_KEY.public),)),
    1_795_392_065,
)


def _growth(raw: bytes) -> object:
    """A bundle taken into what is read: another one than the signed has another root."""
    head = LogHead(_ORIGIN)
    spool = Spool(head, _PROGRESS, stored=_no_hash, spooled=lambda: [], now=1_795_392_066)
    bundle = EntryBundle(0, 3)
    return spool.take((bundle,), bundle, raw)


def _no_hash(level: int, index: int) -> bytes:
    raise AssertionError((level, index))


def _hash_at(level: int, index: int) -> bytes:
    return perfect_root(leaf_hashes(_ENTRIES)[index << level : (index + 1) << level])


def _upload(raw: bytes) -> object:
    parser, found = UploadParser(), list[UploadHeader | Package]()
    for at in range(0, len(raw), 7):  # as it may come
        found += parser.feed(raw[at : at + 7])
    for part in found:
        if not isinstance(part, UploadHeader):
            before = [bytes(32)] * (part.span.start - part.span.block)
            part.proves(before, size=3, root=_known(3).root())
    return found


_UPLOAD = UploadHeader(_ORIGIN, 0, 3, b"a ticket").compose() + b"".join(
    make_package(each, _ENTRIES[each.start : each.end], 3, _hash_at).compose()
    for each in spans(0, 3)
)
_PATHS = (
    *(b"tile/0/x001/234.p/17", b"tile/entries/000", b"body/pub/x001/234", b"catalogue/checkpoint"),
    *(b"root/1", b"usage.2/tile/3/000", b"u1.example/fenhe/usage#17/hub", b"catalogue"),
)

TARGETS = (
    Target("leaf", _leaf, (LeafForm,), [*_ENTRIES, *_OTHER_LEAVES], _LEAF_WORDS),
    Target(
        "leaves of a block", _leaves, (), [b"\n".join([*_ENTRIES, *_OTHER_LEAVES])], _LEAF_WORDS
    ),
    Target("entry bundle", _bundle, (Refused,), [encode_bundle(_ENTRIES)], _LEAF_WORDS),
    Target("tile", _tile, (Refused,), [encode_tile(leaf_hashes(_ENTRIES[:2]))]),
    Target("body file", _body_file, (), [_LINES], [encode_salt(_SALT).encode(), b" ", b"\n"]),
    Target(
        "body file against its leaves", _block, (), [_LINES], [b'"id"', b"instrument"], cheap=100
    ),
    Target("address of a file", _address, (), _PATHS, [b"x000/", b".p/", b"tile/", b"body/hub/"]),
    Target(
        "growth of a log",
        _growth,
        (Refused, Forked, Deferred),
        [encode_bundle(_ENTRIES)],
        _LEAF_WORDS,
    ),
    Target("upload of entries", _upload, (RequestError,), [_UPLOAD], [b"\0\0", b"\xff\xff"]),
    Target(
        "where an upload goes on",
        parse_mirror_info,
        (Refused,),
        [compose_mirror_info(MirrorInfo(300, 256, b"a ticket"))],
    ),
    Target("what a gateway took", parse_taken, (RequestError,), compose_taken([0, 1, 2, 9, 10])),
)
