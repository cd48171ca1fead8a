"""What a server answers to a reader, a follower or a unit: headers, codings, problems, advice."""

import gzip
from collections.abc import Coroutine
from typing import Any

from fenhe_client.evidence_check import refute
from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY, parse_web_address, standing_of
from fenhe_client.fetching.answers import retry_after
from fenhe_client.fetching.decoding import Decoder
from fenhe_client.fetching.fetch import Answer
from fenhe_client.fetching.posting import PROBLEM, Reply
from fenhe_client.pushing.mirror_client import _lacking, _size
from fenhe_client.reading.prove import find_place, parse_record
from fenhe_client.reading.shown_body import shown_body
from fenhe_client.reading.verify import is_log_name
from fenhe_hub.outside.robots import Robots
from fenhe_hub.sign_on.id_token import Expected, read_id_token
from fenhe_node.hubs.told import read_told
from fenhe_protocol.conviction import convict
from fenhe_protocol.errors import Deferred, InputError, Refused, RequestError
from fenhe_protocol.record import Identity
from fenhe_protocol.strict_json import dumps
from fenhe_protocol.terminal import inert, inert_json, quiet_json, table
from tests.fuzz.target import Target, latin_of, text_of
from tests.hub.an_issuer import CLIENT, jwks, signed
from tests.protocol.accused import withheld

_NOW = 1_795_392_065.0
_CLAIMS = {"iss": "https://id.example", "aud": CLIENT, "nonce": "n", "iat": 1, "exp": 60}
_KEYS = jwks()
_GZIPPED = gzip.compress(b"a body" * 3, mtime=0)


def _retry(raw: bytes) -> None:
    found = retry_after(latin_of(raw), _NOW)
    assert found is None or 0 <= found <= 3600


def _decode(raw: bytes) -> None:
    coding, _, body = raw.partition(b"\n")
    decoder = Decoder(latin_of(coding), 4096, "here")
    for at in range(0, len(body), 50):
        decoder.feed(body[at : at + 50])
    assert len(decoder.finish()) <= 4096


def _problem(raw: bytes) -> None:
    reply = Reply(400, PROBLEM, raw)
    assert all(isinstance(each, str) for each in reply.problem.values())
    inert(reply.told)


def _id_token(raw: bytes) -> None:
    claims = read_id_token(latin_of(raw), _KEYS, Expected("https://id.example", CLIENT, "n", 1))
    assert claims == _CLAIMS


def _missing(raw: bytes) -> list[tuple[int, str]]:
    return [_lacking(line) for line in raw.decode("ascii").splitlines()]


def _known_size(raw: bytes) -> int:
    return _size(Reply(409, "text/x.tlog.size", raw), "here")


def _told(raw: bytes) -> None:
    told = read_told(raw, "here")
    if told.visit is not None:
        told.visit.trouble(480)


class _Answering:
    """A server that answers everything with one body."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        return Answer(200, self._body, "")


def _done(work: Coroutine[Any, Any, object]) -> object:
    """The result of work that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


def _place(raw: bytes) -> object:
    record = Identity("12140000000000019W", "instrument", "A-1")
    return _done(find_place(_Answering(raw), record))


def _web_address(raw: bytes) -> None:
    text = text_of(raw)
    for reach in (PUBLIC_ONLY, PRIVATE_TOO):
        try:
            found = parse_web_address(text, reach)
        except Refused:
            continue
        assert parse_web_address(found.text, reach) == found


def _standing(raw: bytes) -> object:
    return standing_of(text_of(raw))


def _record(raw: bytes) -> object:
    is_log_name(text_of(raw))
    return parse_record(text_of(raw))


def _shown(raw: bytes) -> None:
    """What a stranger said, on its way to a terminal."""
    text = text_of(raw)
    shown_body(raw)
    for made in (inert(text), inert_json(text), quiet_json(text.encode(), terminal=True).decode()):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(made)
    table([[text, 1], ["a"]])


_WITHHELD = convict(withheld().encode())


def _refutation(raw: bytes) -> object:
    return refute(_WITHHELD, raw)


_TOLD = dumps(
    {
        "rejected": [{"index": 1, "tier": "pub", "code": "schema", "expected": "a", "found": "b"}],
        "visit": {
            **{"at": "2026-11-23T08:01:05+08:00", "seen_at": None, "outcome": "refuse"},
            **{"code": "log.fork", "place": "p", "expected": "e", "found": "f", "remark": "r"},
        },
        "witnesses": ["w.example+00000000+AAAA"],
        "schemas": {"instrument": {"version": 1, "lagging": 0}},
    }
)

TARGETS = (
    Target("Retry-After", _retry, (), [b"120", b"Mon, 23 Nov 2026 00:01:05 GMT", b"9" * 30]),
    Target(
        "coding of an answer",
        _decode,
        (Refused, Deferred),
        [b"gzip\n" + _GZIPPED, b"\nplain"],
        [_GZIPPED[:10], b"br", b"identity"],
    ),
    Target(
        "problem document",
        _problem,
        (),
        [b'{"type":"urn:fenhe:error:push.size","title":"t","code":"push.size","where":"w"}'],
        [b'"code":', b'"title":', b"\x1b["],
    ),
    Target("bodies that a mirror lacks", _missing, (ValueError,), [b"0 pub\n17 hub\n300 nat\n"]),
    Target("size that a mirror knows", _known_size, (Refused,), [b"17\n"]),
    Target(
        "what a hub tells a unit", _told, (Refused,), [_TOLD], [b'"rejected"', b'"visit"', b"null"]
    ),
    Target(
        "place of a record",
        _place,
        (Refused,),
        [
            b'{"items":[{"origin":"u1.example/fenhe/catalogue","index":7}]}',
            b'{"origin":"a","index":1}',
        ],
    ),
    Target(
        "web address",
        _web_address,
        (),
        [
            b"https://u1.example/fenhe",
            b"http://[::1]:8640/a/b",
            b"https://127.0.0.1",
            b"https://0x7f.1",
        ],
        [b"://", b"@", b"[", b"]", b":", b"%2e", b"..", b"::ffff:127.0.0.1", b"0x"],
    ),
    Target(
        "network address",
        _standing,
        (ValueError,),
        [b"127.0.0.1", b"::ffff:10.0.0.1", b"fe80::1%eth0", b"64:ff9b::a00:1", b"2002:a00:1::"],
        [b"2001:0:", b"::", b"%", b"ffff"],
    ),
    Target(
        "name of a record",
        _record,
        (InputError,),
        [b"12140000000000019W/instrument/A-1", b"u1.example/fenhe/catalogue#7"],
    ),
    Target(
        "text on a terminal",
        _shown,
        (),
        ["\x1b[31m示例\u202e".encode(), b'{"a":"\x1b"}', b"\x9b1m"],
    ),
    Target(
        "body file in defence",
        _refutation,
        (Refused,),
        [b'0 AAECAwQFBgcICQoLDA0ODw {"id":"A-1"}\n'],
    ),
    Target(
        "id token of a provider",
        _id_token,
        (RequestError,),
        [signed(_CLAIMS, "ES256").encode(), signed(_CLAIMS).encode()],
        [b".", b"=", b"e30", b"eyJhbGciOiJub25lIn0", b"-", b"_"],
        cheap=60,
    ),
    Target(
        "robots.txt",
        lambda raw: Robots.read(raw, "fenhe").allow("/a/b?c=1"),
        (),
        [b"User-agent: fenhe\nDisallow: /a*c$\nAllow: /a/b # all\n\nUser-agent: *\nDisallow: /\n"],
        [b"*", b"$", b"\nDisallow: ", b"\nAllow: /", b"\nUser-agent: ", b"\r", b"\x85", b":"],
        cheap=60,
    ),
)
