"""Fetching from publishers that misbehave, each a real server on loopback."""

import asyncio
import gzip
from contextlib import suppress
from dataclasses import replace

import pytest

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web, required
from fenhe_client.fetching.interim import MOST_INTERIM
from fenhe_protocol.errors import Deferred, FenheError, Refused
from tests.client.servers import QUICK, always, answer, fetch, serving

BODY = b"u1.example/fenhe/catalogue\n" * 40


async def code_of(kind: type[FenheError], response: bytes, limit: int = 10_000) -> str:
    with pytest.raises(kind) as caught:
        await fetch(always(response), limit=limit)
    return caught.value.code


async def test_a_plain_answer_comes_whole_with_its_etag() -> None:
    got = await fetch(always(answer(BODY, "200 OK", 'ETag: "abc"')))
    assert (got.status, got.body, got.etag) == (200, BODY, '"abc"')


async def test_an_etag_that_is_none_is_not_kept() -> None:
    got = await fetch(always(answer(BODY, "200 OK", "ETag: \xff\xfe")))
    assert got.etag == ""


async def test_a_gzip_answer_is_decoded() -> None:
    got = await fetch(always(answer(gzip.compress(BODY), "200 OK", "Content-Encoding: gzip")))
    assert got.body == BODY


async def test_a_gzip_answer_in_small_pieces_is_decoded() -> None:
    raw = answer(gzip.compress(BODY), "200 OK", "Content-Encoding: GZIP")
    pieces = [raw[at : at + 7] for at in range(0, len(raw), 7)]
    assert (await fetch(always(*pieces))).body == BODY


async def test_absence_is_an_answer() -> None:
    assert (await fetch(always(answer(b"no", "404 Not Found")))).status == 404


async def test_the_absence_of_a_required_file_defers() -> None:
    async with serving(always(answer(b"", "404 Not Found"))) as base, Web(QUICK) as web:
        with pytest.raises(Deferred) as caught:
            await required(web.open(base, reach=PRIVATE_TOO), "checkpoint", limit=10)
    assert caught.value.code == "fetch.absent"


async def test_not_modified_answers_a_conditional_request() -> None:
    got = await fetch(always(b"HTTP/1.1 304 Not Modified\r\n\r\n"), etag='"abc"')
    assert (got.status, got.body) == (304, b"")


async def test_not_modified_without_a_condition_is_refused() -> None:
    assert await code_of(Refused, b"HTTP/1.1 304 Not Modified\r\n\r\n") == "fetch.status"


async def test_the_request_says_what_it_should_and_no_more() -> None:
    seen: list[bytes] = []

    async def respond(head: bytes, writer: object) -> None:
        seen.append(head)
        await always(answer(b"x", "200 OK", "Set-Cookie: a=b; Path=/"))(head, writer)  # type: ignore[arg-type]

    async with serving(respond) as base, Web(QUICK) as web:
        fetcher = web.open(base, reach=PRIVATE_TOO, signer=lambda method, uri: {"X-Signed": uri})
        await fetcher.get("a/b", limit=10, etag='"e"', fresh=True)
        await fetcher.get("a/b", limit=10)
    first, second = (head.decode().lower() for head in seen)
    assert first.startswith("get /a/b http/1.1\r\n")
    assert f"x-signed: {base}/a/b" in first
    assert 'if-none-match: "e"' in first
    assert "cache-control: no-cache" in first
    assert "accept-encoding: gzip\r\n" in first
    assert "cookie" not in second
    assert "if-none-match" not in second


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_redirects_are_refused(status: str) -> None:
    response = answer(b"", status, "Location: http://127.0.0.1:9/elsewhere")
    assert await code_of(Refused, response) == "fetch.redirect"


@pytest.mark.parametrize(
    "status", ["201 Created", "204 No Content", "206 Partial", "400 Bad", "410 Gone", "418 Teapot"]
)
async def test_any_other_status_is_refused(status: str) -> None:
    assert await code_of(Refused, answer(b"", status)) == "fetch.status"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("401 Unauthorized", "fetch.denied"),
        ("403 Forbidden", "fetch.denied"),
        ("408 Request Timeout", "fetch.busy"),
        ("425 Too Early", "fetch.busy"),
        ("429 Too Many Requests", "fetch.busy"),
        ("500 Internal Server Error", "fetch.busy"),
        ("503 Service Unavailable", "fetch.busy"),
    ],
)
async def test_a_passing_status_defers_even_with_a_good_body(status: str, code: str) -> None:
    assert await code_of(Deferred, answer(BODY, status)) == code


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("999999999", 3600),
        ("9" * 5000, 3600),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
    ],
)
async def test_retry_after_is_held_between_nothing_and_an_hour(
    header: str, seconds: int | None
) -> None:
    with pytest.raises(Deferred) as caught:
        await fetch(always(answer(b"", "503 Busy", f"Retry-After: {header}")))
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "gzip, br", "x"])
async def test_codings_that_were_not_asked_for_are_refused(coding: str) -> None:
    response = answer(gzip.compress(BODY), "200 OK", f"Content-Encoding: {coding}")
    assert await code_of(Refused, response) == "fetch.coding"


async def test_two_content_encoding_headers_count_as_two_codings() -> None:
    response = answer(
        gzip.compress(gzip.compress(BODY)),
        "200 OK",
        "Content-Encoding: gzip",
        "Content-Encoding: gzip",
    )
    assert await code_of(Refused, response) == "fetch.coding"


@pytest.mark.parametrize(
    "tail", [b"x", gzip.compress(b""), gzip.compress(BODY)], ids=["byte", "empty", "member"]
)
async def test_anything_after_the_gzip_member_is_refused(tail: bytes) -> None:
    raw = gzip.compress(BODY) + tail
    response = answer(raw, "200 OK", "Content-Encoding: gzip")
    assert await code_of(Refused, response) == "fetch.gzip"


async def test_a_member_after_the_gzip_member_is_refused_when_it_comes_later() -> None:
    head = answer(b"", "200 OK", "Content-Encoding: gzip", length=2000)
    with pytest.raises(Refused) as caught:
        await fetch(always(head, gzip.compress(BODY), gzip.compress(BODY), pause=0.05))
    assert caught.value.code == "fetch.gzip"


async def test_bytes_that_are_no_gzip_are_refused() -> None:
    response = answer(BODY, "200 OK", "Content-Encoding: gzip")
    assert await code_of(Refused, response) == "fetch.gzip"


async def test_a_gzip_member_cut_short_defers() -> None:
    raw = gzip.compress(BODY)[:-5]
    assert (
        await code_of(Deferred, answer(raw, "200 OK", "Content-Encoding: gzip")) == "fetch.broken"
    )


async def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    response = answer(bomb, "200 OK", "Content-Encoding: gzip")
    assert await code_of(Refused, response, limit=8192) == "fetch.size"


@pytest.mark.parametrize("limit", [len(BODY) - 1, len(BODY)])
async def test_the_limit_counts_decoded_bytes_exactly(limit: int) -> None:
    response = answer(gzip.compress(BODY), "200 OK", "Content-Encoding: gzip")
    if limit == len(BODY):
        assert (await fetch(always(response), limit=limit)).body == BODY
    else:
        assert await code_of(Refused, response, limit=limit) == "fetch.size"


async def test_a_declared_length_beyond_the_limit_is_refused_at_once() -> None:
    response = answer(b"", "200 OK", length=10**12)
    assert await code_of(Refused, response) == "fetch.size"


async def test_an_endless_chunked_answer_stops_at_the_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    with pytest.raises(Refused) as caught:
        await fetch(always(head, *[chunk] * 50))
    assert caught.value.code == "fetch.size"


async def test_an_answer_shorter_than_it_says_defers() -> None:
    assert await code_of(Deferred, answer(BODY, length=len(BODY) + 1)) == "fetch.broken"


async def test_an_answer_longer_than_it_says_never_passes_for_more() -> None:
    try:
        got = await fetch(always(answer(BODY, length=10)))
    except FenheError:
        return
    assert got.body == BODY[:10]


async def test_a_chunked_answer_that_breaks_off_defers() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc"
    assert await code_of(Deferred, head) == "fetch.broken"


async def test_a_connection_closed_without_a_word_defers() -> None:
    assert await code_of(Deferred, b"") == "fetch.broken"


async def test_what_is_no_http_is_refused() -> None:
    assert await code_of(Refused, b"SSH-2.0-OpenSSH_9.2\r\n\r\n") == "fetch.malformed"


async def test_silence_defers() -> None:
    with pytest.raises(Deferred) as caught:
        await fetch(always(hang=1.0))
    assert caught.value.code == "fetch.timeout"


async def test_silence_in_the_middle_defers() -> None:
    with pytest.raises(Deferred) as caught:
        await fetch(always(answer(b"abc", length=100), hang=1.0))
    assert caught.value.code == "fetch.timeout"


async def test_a_drip_is_too_slow_though_never_idle() -> None:
    limits = replace(QUICK, visit_seconds=20.0)
    with pytest.raises(Deferred) as caught:
        await fetch(always(answer(b"", length=100), *[b"x"] * 100, pause=0.1), limits=limits)
    assert caught.value.code == "fetch.slow"


async def test_headers_that_drip_time_out() -> None:
    limits = replace(QUICK, connect_seconds=0.2, visit_seconds=20.0)
    drip = [b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 100]
    with pytest.raises(Deferred) as caught:
        await fetch(always(*drip, pause=0.1), limits=limits)
    assert caught.value.code == "fetch.timeout"


async def test_endless_headers_are_refused() -> None:
    drip = [b"HTTP/1.1 200 OK\r\n", *[b"X-A: " + b"b" * 8000 + b"\r\n"] * 400]
    with pytest.raises(Refused) as caught:
        await fetch(always(*drip))
    assert caught.value.code == "fetch.malformed"


async def test_a_few_answers_in_advance_are_passed_over() -> None:
    got = await fetch(always(*[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * MOST_INTERIM, answer(BODY)))
    assert got.body == BODY


async def test_answers_in_advance_without_end_are_refused() -> None:
    said: list[bytes] = []

    async def respond(_: bytes, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while True:
                said.append(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
                writer.write(said[-1])
                await writer.drain()

    with pytest.raises(Refused) as caught:
        await fetch(respond)
    assert caught.value.code == "fetch.malformed"
    assert len(said) < 1000  # it hung up, rather than wait for the end of its visit


async def test_a_visit_ends_at_its_deadline() -> None:
    limits = replace(QUICK, idle_seconds=5.0, visit_seconds=0.3)
    with pytest.raises(Deferred) as caught:
        await fetch(always(answer(b"", length=100), *[b"x" * 10] * 9, pause=0.1), limits=limits)
    assert caught.value.code == "visit.time"


async def test_a_visit_ends_when_its_bytes_are_spent() -> None:
    limits = replace(QUICK, visit_bytes=2000, note_bytes=0)
    async with serving(always(answer(BODY[:900]))) as base, Web(limits) as web:
        fetcher = web.open(base, reach=PRIVATE_TOO)
        for _ in range(2):
            await fetcher.get("tile/entries/000", limit=1000)
        with pytest.raises(Deferred) as caught:
            await fetcher.get("tile/entries/000", limit=1000)
    assert caught.value.code == "visit.bytes"


async def test_a_port_where_nobody_listens_defers() -> None:
    async with serving(always(b"")) as base:
        pass
    async with Web(QUICK) as web:
        with pytest.raises(Deferred) as caught:
            await web.open(base, reach=PRIVATE_TOO).get("checkpoint", limit=10)
    assert caught.value.code == "fetch.connect"
