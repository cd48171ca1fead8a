"""What a stranger asks of a hub, a node or a witness: heads of requests, queries, submissions."""

import gzip
import re
from contextlib import suppress
from urllib.parse import parse_qsl

from fenhe_client.fetching.listening import parse_listen
from fenhe_hub.api import fed_cursor
from fenhe_hub.api.http import parameters_of
from fenhe_hub.api.operations import OPERATIONS
from fenhe_hub.api.paging import read_cursor, write_cursor
from fenhe_hub.api.parameters import read_parameters
from fenhe_hub.index.grams import matching, name_key, normalise, pairs, words
from fenhe_hub.web.content import LARGEST_REQUEST, BrokenOff, _Gzip
from fenhe_node.config import split_listen
from fenhe_node.pages.listing import read_query
from fenhe_node.usage import check_period
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.encoding import b64u_encode
from fenhe_protocol.errors import InputError, RequestError, SetupError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.request import RequestVerifier, key_id, sign_request
from fenhe_protocol.witness import (
    claimed_origin,
    compose_add_checkpoint,
    judge_checkpoint,
    parse_add_checkpoint,
)
from tests.fuzz.target import Target, one_of, text_of
from tests.histories import LOG_KEY, History

_NOW, _URI = 1_795_392_065, "https://hub.example/in/ab/catalogue/missing"
_KEY = SigningKey.from_seed(bytes(range(32, 64)))
_HEADERS = ("signature-input", "signature", "content-digest")
_LOG = History("u1.example/fenhe/catalogue")
_OPERATIONS = {each.path: parameters_of(each) for each in OPERATIONS}


def _of_a_head(raw: bytes) -> str:
    """As aiohttp hands over what is in the head of a request: odd bytes as lone surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def _lines_of(method: str, uri: str, headers: dict[str, str]) -> bytes:
    named = {name.lower(): value for name, value in headers.items()}
    return "\n".join([method, uri, *(named.get(each, "") for each in _HEADERS)]).encode()


def _signed(method: str, body: bytes | None) -> bytes:
    made = sign_request(
        method=method, uri=_URI, body=body, key=_KEY, now=_NOW, nonce=bytes(range(16))
    )
    return _lines_of(method, _URI, made)


def _request(raw: bytes) -> None:
    method, uri, *values = _of_a_head(raw).split("\n")
    headers = dict(zip(_HEADERS, values, strict=False))
    verifier = RequestVerifier({key_id(_KEY.public): _KEY.public})
    for digest in (None, headers.get("content-digest")):
        try:
            verifier.verify_head(method, uri, headers, digest, _NOW)
        except RequestError:
            continue
    with suppress(RequestError):
        verifier.verify(method, uri, headers, b"a body", _NOW)


def _two_lines(raw: bytes) -> None:
    if b"\n" in raw:
        _request(raw)


def _submission(raw: bytes) -> object:
    request = parse_add_checkpoint(raw)
    assert parse_add_checkpoint(compose_add_checkpoint(request)) == request
    claimed_origin(request)
    return judge_checkpoint(
        request,
        keys_of=lambda origin: (KeyRange(LOG_KEY.public),) if origin == _LOG.origin else None,
        latest=lambda _: (5, _LOG.root(5)) if request.old else (0, EMPTY_ROOT),
    )


def _parameters(raw: bytes) -> None:
    """Any query against one of the operations there are; names and values come percent-decoded.

    What stands in the path comes first, under any name.
    """
    path_asked, _, text = _of_a_head(raw).partition("?")
    query = parse_qsl(text, keep_blank_values=True)
    parameters = _OPERATIONS.get(path_asked) or one_of([*_OPERATIONS.values()], raw)
    in_path = [each.name for each in parameters if each.place == "path"]
    path = {name: value for name, (_, value) in zip(in_path, query, strict=False)}
    read_parameters(parameters, path, query[len(path) :])


def _cursor(raw: bytes) -> None:
    text = text_of(raw)
    for order, types in _CURSORS:
        try:
            place = read_cursor(order, text, *types)
        except RequestError:
            continue
        assert read_cursor(order, write_cursor(order, place), *types) == place


_CURSORS: tuple[tuple[str, tuple[type[str] | type[int] | type[bytes], ...]], ...] = (
    ("units", (int,)),
    ("name", (bytes, int)),
    ("refusals", (str, int, str)),
    ("due", (str, int, str, str, str)),
)


def _fed_cursor(raw: bytes) -> object:
    text = text_of(raw)
    if re.fullmatch(fed_cursor.PATTERN, text) is None:
        return None
    found = fed_cursor.Cursor.read(text)
    return found.next, str(found)


def _words(raw: bytes) -> None:
    text = _of_a_head(raw)
    normalise(text), pairs(text), name_key(text), words(text)
    matching(words(text)).encode()


def _page(raw: bytes) -> object:
    return read_query(dict(parse_qsl(_of_a_head(raw), keep_blank_values=True)))


def _period(raw: bytes) -> None:
    check_period(text_of(raw))


def _listen(raw: bytes) -> None:
    text = text_of(raw)
    with suppress(SetupError):
        parse_listen(text)
    with suppress(ValueError):
        split_listen(text)


def _gzip(raw: bytes) -> None:
    decoder = _Gzip()
    for at in range(0, len(raw), 100):
        for piece in decoder.feed(raw[at : at + 100]):
            assert len(piece) <= LARGEST_REQUEST
    decoder.finish()


_KEYS: dict[type[str] | type[int] | type[bytes], str | int | bytes] = {
    **{str: "A", int: 7},
    bytes: b"\1\2",
}
_GZIPPED = gzip.compress(b"a body" * 3, mtime=0)
_QUERIES = (
    b"/records?unit=12140000000000019W&kind=instrument&id=A-1",
    b"/resources?q=%E7%A4%BA%E4%BE%8B&limit=20&facets=true&sort=name",
    b"/changes?cursor=2-17.4096&limit=100",
    b"/resources/{uscc}/{kind}/{id}?=12140000000000019W&=instrument&=A-1",
    b"/findings?rule=D1&format=csv",
    b"/proof?origin=u1.example%2Ffenhe%2Fcatalogue&index=0",
)

TARGETS = (
    Target(
        "head of a signed request",
        _two_lines,
        (),
        [_signed("GET", None), _signed("PUT", b"a body")],
        [
            b"fenhe=(",
            b'";',
            b";created=",
            b';nonce="',
            b';tag="fenhe"',
            b':="',
            key_id(_KEY.public).encode(),
        ],
    ),
    Target(
        "submitted head",
        _submission,
        (RequestError,),
        [compose_add_checkpoint(_LOG.request(0, 5)), compose_add_checkpoint(_LOG.request(5, 12))],
        [b"old ", b"\n\n", "— ".encode()],
        cheap=100,
    ),
    Target(
        "query of the API",
        _parameters,
        (RequestError,),
        _QUERIES,
        [b"&", b"=", b"%", b"limit=", b"cursor="],
    ),
    Target(
        "cursor of a list",
        _cursor,
        (),
        [write_cursor(o, [_KEYS[each] for each in types]).encode() for o, types in _CURSORS]
        + [b64u_encode(each).encode() for each in (b'["units",NaN]', b'{"units":1}', b'"un"')],
    ),
    Target("cursor of the changes", _fed_cursor, (), [b"17", b"17.4096", b"2-17"]),
    Target("words looked for", _words, (), ["示例 SEM ＦＥＧ".encode(), b"a", b"\xf0\x9f\x98\x80"]),
    Target(
        "query of a unit's list", _page, (), [b"q=a&page=2&sort=-name&kind=instrument&period=2026"]
    ),
    Target("period of usage", _period, (InputError,), [b"2026", b"2026-Q3"]),
    Target("address to listen at", _listen, (), [b"127.0.0.1:8640", b"[::1]:80"]),
    Target("gzip of a request", _gzip, (BrokenOff,), [_GZIPPED]),
)
