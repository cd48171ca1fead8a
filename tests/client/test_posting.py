"""What a hostile hub may answer to a push, byte by byte: each ends soon in an error of ours."""

import gzip

import pytest

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.posting import Letter, Reply, send
from fenhe_client.pushing.mirror_client import MirrorClient
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.witness import AddCheckpoint
from tests.client.scripted_mirror import REQUEST
from tests.client.servers import Respond, always, answer, serving
from tests.client.unit_log import NOW, UNIT

KIND = "Content-Type: application/problem+json"
MIB = 1024 * 1024
DEEP = b'{"code":' + b"[" * 7000 + b"]" * 7000 + b"}"


async def refusal(respond: Respond, *, patience: float = 5.0, limit: int = 1000) -> FenheError:
    """What a letter to who answers so comes to."""
    async with serving(respond) as base, Web() as web:
        letter = Letter("POST", f"{base}/add-checkpoint", b"old 0", patience=patience)
        with pytest.raises((Deferred, Refused)) as caught:
            await send(web, letter, reach=PRIVATE_TOO, limit=limit)
    return caught.value


def endless(piece: bytes) -> Respond:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return always(head, *[b"%x\r\n%b\r\n" % (len(piece), piece)] * 64, hang=2)


@pytest.mark.parametrize(
    ("respond", "code"),
    [
        (always(answer(b"", "307 Temporary Redirect", "Location: /add-checkpoint")), "redirect"),
        (always(answer(b"", "304 Not Modified")), "redirect"),
        (always(answer(gzip.compress(bytes(9 * MIB)), "200 OK", "Content-Encoding: gzip")), "cod"),
        (always(answer(b"x", "200 OK", "Content-Encoding: br")), "coding"),
        (always(answer(bytes(MIB))), "size"),
        (endless(bytes(64 * 1024)), "size"),
        (always(answer(b"1\n", length=9)), "broken"),
        (always(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "malformed"),
        (always(b"HTTP/1.1 200 OK\r\nX: " + b"x" * MIB), "malformed"),
        (always(b"HTTP/1.1 999999999999 OK\r\n\r\n"), "malformed"),
        (always(b"ICY 200 OK\r\n\r\n"), "malformed"),
        (always(b""), "broken"),
        (always(answer(b"", "503 Busy", "Retry-After: " + "9" * 7000)), "busy"),
        (always(answer(DEEP, "503 Busy", KIND)), "busy"),
    ],
)
async def test_whatever_is_answered_is_an_error_of_ours(respond: Respond, code: str) -> None:
    assert (await refusal(respond)).code.startswith(f"fetch.{code}")


@pytest.mark.parametrize(
    "respond",
    [
        always(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", *[b"1"] * 8, pause=0.1),
        always(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 8, pause=0.1),
        always(b"HTTP", hang=2),
    ],
)
async def test_who_never_comes_to_an_end_is_not_waited_for(respond: Respond) -> None:
    assert (await refusal(respond, patience=0.4)).code == "fetch.timeout"


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        b'{"code": ' + b"9" * 5000 + b"}",
        b'{"code": 1e999}',
        b'{"code": "request.clock", "code": "log.quarantined"}',
        b'{"code": "\xff"}',
        b'{"code": {"code": "request.clock"}}',
        b'["request.clock"]',
        b'{"code": "request.clock", "x": "' + b"x" * 20_000 + b'"}',
        b"",
    ],
)
def test_a_problem_that_is_not_strict_json_says_nothing(body: bytes) -> None:
    reply = Reply(403, "application/problem+json", body)
    assert reply.problem.get("code") is None and reply.told == "403"


def test_what_a_problem_says_is_cut_short() -> None:
    body = b'{"code": "request.absent", "title": "%b", "status": 404}' % (b"x" * 9000)
    reply = Reply(404, "application/problem+json", body)
    assert len(reply.problem["title"]) == 500 and "status" not in reply.problem


@pytest.mark.parametrize(
    "raw",
    [
        answer(DEEP, "403 Forbidden", KIND),
        answer(b"", "200 Success", "Content-Type: text/html; charset=nonsense"),
        answer(b"9" * 5000 + b"\n", "409 Conflict", "Content-Type: text/x.tlog.size"),
        answer("٣\n".encode(), "409 Conflict", "Content-Type: text/x.tlog.size"),
        answer(b"\xff\xfe\n", "409 Conflict", "Content-Type: text/x.tlog.size"),
        answer(b"5\n", "409 Conflict", "Content-Type: \xff\xfe/;;;"),
        answer(b"5\n", "409 Conflict"),
        answer(b"", "204 No Content"),
    ],
)
async def test_a_submission_ends_with_whatever_status_and_type(raw: bytes) -> None:
    async with serving(always(raw)) as base, Web() as web:
        client = MirrorClient(web, base, UNIT, REQUEST, lambda: NOW)
        if b" 200 " in raw.splitlines()[0]:  # a mirror may answer with lines of a witness
            assert await client.add_checkpoint(AddCheckpoint(0, (), b"note")) is None
            return
        with pytest.raises(Refused) as caught:
            await client.add_checkpoint(AddCheckpoint(0, (), b"note"))
    assert caught.value.code in ("hub.answer", "push.refused")
