"""Who asks a witness out of malice, byte by byte: each answer is the status that was earned."""

import asyncio
import gzip
import json
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession
from yarl import URL

from fenhe_client.witness.home import open_home
from fenhe_client.witness.service import Witness
from fenhe_protocol.checkpoint import cosignatures_by, parse_checkpoint
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.limits import LARGEST_SIZE
from fenhe_protocol.note import parse_note, sign_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.witness import MOST_BYTES, AddCheckpoint, compose_add_checkpoint
from tests.client.witness_house import ORIGIN, answering, submit, witness_home
from tests.histories import LOG_KEY, History

LOG = History(ORIGIN)
GOOD = compose_add_checkpoint(LOG.request(0, 5))
HASH = f"{b64_encode(bytes(32))}\n".encode()


async def answered(
    home: Path, *letters: bytes, then: bytes = b""
) -> list[tuple[int, bytes, bytes]]:
    """Status, head and body of the answers to some requests, each on a connection of its own.

    `then` comes when the request is being read.
    """
    found = []
    async with answering(witness_home(home), patience=0.5) as url:
        for letter in letters:
            reader, writer = await asyncio.open_connection("127.0.0.1", URL(url).port)
            writer.write(letter)
            if then:
                await writer.drain()
                await asyncio.sleep(0.05)
                writer.write(then)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"Content-Length: (\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            writer.close()
            await writer.wait_closed()
            found.append((int(head.split()[1]), head, body))
    return found


def letter(
    body: bytes, *headers: str, method: str = "POST", path: str = "/add-checkpoint"
) -> bytes:
    """A request that asks for the connection to be closed."""
    given = headers or (f"Content-Length: {len(body)}",)
    lines = [f"{method} {path} HTTP/1.1", "Host: w", "Connection: close", *given]
    return "\r\n".join([*lines, "", ""]).encode() + body


CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize(
    "raw",
    [
        letter(b"zz\r\nold 0", CHUNKED),
        letter(b"5\r\nold 0x\r\n", CHUNKED),
        letter(b"-5\r\nold 0\r\n0\r\n\r\n", CHUNKED),
        letter(b"fffffffffffffffff\r\nold 0\r\n", CHUNKED),
        letter(GOOD, CHUNKED, f"Content-Length: {len(GOOD)}"),
        letter(GOOD, "Content-Length: many"),
        letter(GOOD, "Content-Length: -1"),
    ],
)
async def test_broken_coding_is_400(tmp_path: Path, raw: bytes) -> None:
    [(status, _, _)] = await answered(tmp_path / "w", raw)
    assert status == 400


async def test_a_chunk_that_breaks_while_it_is_read_is_not_waited_for(tmp_path: Path) -> None:
    begun = letter(b"5\r\nold 0\r\n", CHUNKED)
    [(status, head, body)] = await answered(tmp_path / "w", begun, then=b"zz\r\n")
    # The server's parser says nothing of it; what follows never comes.
    assert status == 408 and b"application/problem+json" in head
    assert json.loads(body)["status"] == 408


async def test_a_coding_is_not_undone(tmp_path: Path) -> None:
    packed = gzip.compress(GOOD)
    length = f"Content-Length: {len(packed)}"
    [(status, _, _)] = await answered(
        tmp_path / "w", letter(packed, length, "Content-Encoding: gzip")
    )
    assert status == 415


def note(size: str, root: str = b64_encode(bytes(32))) -> bytes:
    """A checkpoint of this size as a stranger may spell it."""
    line = f"\u2014 {ORIGIN} {b64_encode(bytes(68))}"
    return f"{ORIGIN}\n{size}\n{root}\n\n{line}\n".encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"old 0\n",
        b"old 0\n\n",
        b"old\n\n" + LOG.note(5),
        b"old 00\n\n" + LOG.note(5),
        b"old -0\n\n" + LOG.note(5),
        b"old +5\n\n" + LOG.note(5),
        b"old 0 \n\n" + LOG.note(5),
        b"old 0\r\n\r\n" + LOG.note(5),
        "old \u0663\n\n".encode() + LOG.note(5),
        b"OLD 0\n\n" + LOG.note(5),
        b"old " + b"9" * 5000 + b"\n\n" + LOG.note(5),
        b"old %d\n\n" % 2**63 + LOG.note(5),
        b"old 6\n\n" + LOG.note(5),
        b"old 0\n" + HASH * 64 + b"\n" + LOG.note(5),
        b"old 0\n" + HASH[1:] + b"\n" + LOG.note(5),
        b"old 0\n" + HASH.replace(b"=", b"") + b"\n" + LOG.note(5),
        b"old 0\n" + HASH.replace(b"A=", b"B=") + b"\n" + LOG.note(5),
        b"old 0\n" + HASH.replace(b"\n", b" \n") + b"\n" + LOG.note(5),
        b"old 0\n\n" + LOG.note(5)[:-1],
        b"old 0\n\n" + LOG.note(5).replace(b"\n5\n", b"\n05\n"),
        b"old 0\n\n" + LOG.note(5) + b"\xff",
        b"old 0\n\n" + LOG.note(5).replace(ORIGIN.encode(), b"a\x00b"),
        b"old 0\n\n" + note("5", "AAAA"),
        b"old 0\n\n" + note("5").replace(b"\n\n", b"\n"),
        b"old 0\n\n" + note("5").replace(b"\xe2\x80\x94", b"-"),
        b"old 0\n\n" + note("5") * 2,
        b"old 0\n\n" + note("5") + (note("5").partition(b"\n\n")[2]) * 64,
    ],
)
async def test_what_is_no_submission_is_400(tmp_path: Path, body: bytes) -> None:
    found = await answered(tmp_path / "w", letter(body), letter(GOOD))
    assert [status for status, _, _ in found] == [400, 200]


@pytest.mark.parametrize("size", [LARGEST_SIZE + 1, 2**63 - 1, 2**63, 2**64, 10**30])
async def test_a_size_beyond_all_logs_is_refused(tmp_path: Path, size: int) -> None:
    signed = LOG.note(size, root=bytes(32))
    request = compose_add_checkpoint(AddCheckpoint(0, (), signed))
    found = await answered(tmp_path / "w", letter(request), letter(GOOD))
    assert [status for status, _, _ in found] == [400, 200]


async def test_the_largest_size_is_taken_like_any_other(tmp_path: Path) -> None:
    signed = LOG.note(LARGEST_SIZE, root=bytes(32))
    request = compose_add_checkpoint(AddCheckpoint(0, (), signed))
    again = compose_add_checkpoint(AddCheckpoint(LARGEST_SIZE, (), signed))
    found = await answered(tmp_path / "w", letter(request), letter(again))
    assert [status for status, _, _ in found] == [200, 200]


async def test_the_longest_proof_and_the_most_lines_are_judged(tmp_path: Path) -> None:
    proof = tuple(bytes([number]) * 32 for number in range(63))
    crowded = LOG.note(12) + (note("12").partition(b"\n\n")[2]) * 63
    request = compose_add_checkpoint(AddCheckpoint(5, proof, crowded))
    assert len(request) < MOST_BYTES
    found = await answered(tmp_path / "w", letter(GOOD), letter(request))
    assert found[1][0] in (403, 422)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/add-checkpoint", 405),
        ("PUT", "/add-checkpoint", 405),
        ("POST", f"/{origin_hash(ORIGIN)}/checkpoint", 405),
        ("GET", f"/{origin_hash(ORIGIN).upper()}/checkpoint", 404),
        ("GET", f"/{origin_hash(ORIGIN)}/checkpoint/", 404),
        ("GET", "/../name", 404),
        ("GET", "/%2e%2e/witness.seed", 404),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
    ],
)
async def test_other_methods_and_paths(tmp_path: Path, method: str, path: str, status: int) -> None:
    [(found, _, _)] = await answered(tmp_path / "w", letter(b"", method=method, path=path))
    assert found == status


async def test_extension_lines_are_cosigned_with_the_head(tmp_path: Path) -> None:
    text = LOG.note(5).partition(b"\n\n")[0] + b"\nan extension\n"
    signed = sign_note(text, [(ORIGIN, LOG_KEY)])
    home = tmp_path / "w"
    request = letter(compose_add_checkpoint(AddCheckpoint(0, (), signed)))
    [(status, _, line)] = await answered(home, request)
    assert status == 200
    assert len(cosignatures_by(parse_note(signed + line), open_home(home).verifier)) == 1


async def test_a_log_with_a_name_of_any_form_is_404_where_it_is_unknown(tmp_path: Path) -> None:
    """Not every log is named by an address: one of the best known has spaces in its name."""
    signed = LOG.note(5).replace(ORIGIN.encode() + b"\n", b"go.sum database tree\n", 1)
    request = letter(compose_add_checkpoint(AddCheckpoint(0, (), signed)))
    [(status, _, _)] = await answered(tmp_path / "w", request)
    assert status == 404


async def test_heads_of_one_size_that_come_at_once_are_cosigned_for_one_root(
    tmp_path: Path,
) -> None:
    """What is compared and what is stored is one step: the race that tlog-witness describes."""
    home = witness_home(tmp_path / "w")
    other = History(ORIGIN, tale="other")
    async with answering(home) as url, ClientSession() as session:
        assert (await submit(session, url, LOG.request(0, 5)))[0] == 200
        steps = [LOG.request(5, size) for size in (6, 9, 12, 6, 9, 12)] + [other.request(5, 9)] * 3
        found = await asyncio.gather(*(submit(session, url, step) for step in steps))
        taken = [step for step, (status, _, _) in zip(steps, found, strict=True) if status == 200]
        assert {status for status, _, _ in found} <= {200, 409, 422}
        assert len({step.note for step in taken}) == 1
        known = Witness(home).promised(ORIGIN)
    size = parse_checkpoint(parse_note(taken[0].note).text).size
    assert known is not None and known.size == size
