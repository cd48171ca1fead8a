"""The witness over real sockets: every status with its body, and never two histories."""

import asyncio
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from fenhe_client.witness.home import WitnessHome, open_home
from fenhe_client.witness.known_logs import KnownLog, KnownLogs
from fenhe_client.witness.service import Witness
from fenhe_protocol.checkpoint import Cosignature, KeyRange, cosign, open_checkpoint
from fenhe_protocol.errors import RequestError, StoreError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.witness import (
    MOST_BYTES,
    AddCheckpoint,
    SizeConflict,
    compose_add_checkpoint,
    gather_cosignatures,
)
from tests.client.witness_house import (
    KEYS,
    NAME,
    NOW,
    ORIGIN,
    answering,
    opened,
    submit,
    witness_home,
)
from tests.histories import LOG_KEY, History
from tests.laws import examples

LOG = History(ORIGIN)
OTHER = History(ORIGIN, tale="other")
STRANGER = SigningKey.from_seed(bytes(range(7, 39)))


async def answers(home: WitnessHome, *requests: AddCheckpoint) -> list[tuple[int, str, bytes]]:
    """What is answered to these requests, one after the other."""
    async with answering(home) as url, ClientSession() as session:
        return [await submit(session, url, request) for request in requests]


async def test_a_log_grows_and_every_head_is_cosigned(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    requests = [LOG.request(0, 5), LOG.request(5, 12), LOG.request(12, 12)]
    for request, (status, kind, body) in zip(requests, await answers(home, *requests), strict=True):
        assert (status, kind) == (200, "text/plain; charset=utf-8")
        assert body.startswith(f"— {NAME} ".encode())
        assert body.count(b"\n") == 1
        assert opened(home, request.note, body).cosignatures == (Cosignature(NAME, NOW),)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (replace(LOG.request(5, 12), note=b"no note"), 400),
        (AddCheckpoint(13, (), LOG.note(12)), 400),
        (History("u2.example/fenhe/catalogue").request(5, 12), 404),
        (replace(LOG.request(5, 12), note=LOG.note(12, key=STRANGER)), 403),
        (replace(LOG.request(5, 12), proof=LOG.proof(6, 12)), 422),
        (replace(LOG.request(5, 12), proof=()), 422),
        (OTHER.request(5, 5), 422),
        (OTHER.request(5, 12), 422),
    ],
)
async def test_every_refusal_has_its_status_and_says_why(
    tmp_path: Path, request_: AddCheckpoint, status: int
) -> None:
    home = witness_home(tmp_path / "w")
    found = await answers(home, LOG.request(0, 5), request_, LOG.request(5, 6))
    assert found[1][:2] == (status, "application/problem+json; charset=utf-8")
    assert b'"code"' in found[1][2]
    # What was refused has changed nothing.
    assert found[2][0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (replace(LOG.request(0, 5), proof=(bytes(32),)), 422),
        (AddCheckpoint(0, (), LOG.note(0, root=bytes(32))), 422),
        (AddCheckpoint(0, (), LOG.note(0)), 200),
    ],
)
async def test_the_empty_tree_has_its_own_rules(
    tmp_path: Path, request_: AddCheckpoint, status: int
) -> None:
    found = await answers(witness_home(tmp_path / "w"), request_)
    assert found[0][0] == status


async def test_a_conflict_answers_the_known_size_to_the_letter(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    found = await answers(home, LOG.request(3, 5), LOG.request(0, 5), LOG.request(0, 12))
    assert found[0] == (409, "text/x.tlog.size", b"0\n")
    assert found[2] == (409, "text/x.tlog.size", b"5\n")


async def test_too_large_a_request_is_413(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    async with answering(home) as url, ClientSession() as session:
        async with session.post(f"{url}/add-checkpoint", data=bytes(MOST_BYTES + 1)) as answer:
            assert answer.status == 413
        async with session.get(f"{url}/add-checkpoint") as answer:
            assert answer.status == 405
        async with session.get(f"{url}/elsewhere") as answer:
            assert answer.status == 404


async def test_who_does_not_finish_a_request_is_not_waited_for(tmp_path: Path) -> None:
    async with answering(witness_home(tmp_path / "w"), patience=0.1) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(url).port)
        writer.write(b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 9\r\n\r\nold ")
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        writer.close()
        await writer.wait_closed()


async def test_the_newest_note_is_shown_with_the_logs_line_and_ours(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    crowded = cosign(LOG.note(5), name="x.example/x", key=STRANGER, now=1)
    async with answering(home, prefix="/w") as url, ClientSession() as session:
        shown = f"{url}/{origin_hash(ORIGIN)}/checkpoint"
        async with session.get(shown) as answer:
            assert answer.status == 404
            assert answer.headers["Cache-Control"] == "no-store"
        _, _, line = await submit(session, url, AddCheckpoint(0, (), crowded))
        async with session.get(shown) as answer:
            assert answer.status == 200
            assert await answer.read() == LOG.note(5) + line


async def test_of_many_at_once_one_history_remains(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    requests = [told.request(0, size) for told in (LOG, OTHER) for size in range(1, 9)]
    async with answering(home) as url, ClientSession() as session:
        found = await asyncio.gather(*(submit(session, url, each) for each in requests))
    assert sorted(status for status, _, _ in found) == [200] + [409] * 15


STEP = st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9))


@examples(25)
@given(st.lists(st.lists(STEP, min_size=1, max_size=5), min_size=1, max_size=4))
async def test_no_two_cosigned_heads_disagree(rounds: list[list[tuple[bool, int, int]]]) -> None:
    """Each round is submitted at once, the witness starts again between two rounds."""
    signed: list[tuple[bool, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        witness_home(Path(folder) / "w")
        for steps in rounds:
            requests = [(OTHER if other else LOG).request(a, b) for other, a, b in steps]
            home = open_home(Path(folder) / "w")
            async with answering(home) as url, ClientSession() as session:
                found = await asyncio.gather(*(submit(session, url, each) for each in requests))
            for step, request, (status, _, body) in zip(steps, requests, found, strict=True):
                if status == 200:
                    opened(home, request.note, body)
                    signed.append((step[0], step[2]))
        promised = Witness(home).promised(ORIGIN)
    sizes = {size for _, size in signed}
    assert len({other for other, size in signed if size}) <= 1
    assert (promised.size if promised else 0) == max(sizes, default=0)


def test_killed_before_it_answers_it_still_keeps_its_promise(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    Witness(home).add_checkpoint(compose_add_checkpoint(LOG.request(0, 5)), NOW)
    command = [sys.executable, "-m", "tests.client.killed_witness", str(home.path), str(NOW)]
    raw = compose_add_checkpoint(LOG.request(5, 12))
    done = subprocess.run(command, input=raw, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (-9, b"")

    again = Witness(open_home(home.path))
    shown = again.checkpoint(origin_hash(ORIGIN)) or b""
    assert open_checkpoint(shown, origin=ORIGIN, keys=KEYS).checkpoint.size == 5
    for told in (LOG, OTHER):
        with pytest.raises(SizeConflict) as caught:
            again.add_checkpoint(compose_add_checkpoint(told.request(5, 12)), NOW)
        assert caught.value.size == 12
    with pytest.raises(RequestError, match=r"^witness\.root"):
        again.add_checkpoint(compose_add_checkpoint(OTHER.request(12, 12)), NOW)
    line = again.add_checkpoint(compose_add_checkpoint(LOG.request(12, 12)), NOW + 1)
    assert again.checkpoint(origin_hash(ORIGIN)) == LOG.note(12) + line


def test_two_processes_never_promise_twice(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    first, second = Witness(home), Witness(home)
    first.add_checkpoint(compose_add_checkpoint(LOG.request(0, 5)), NOW)
    with pytest.raises(SizeConflict):
        second.add_checkpoint(compose_add_checkpoint(OTHER.request(0, 6)), NOW)


def test_a_clock_that_was_turned_back_signs_nothing(tmp_path: Path) -> None:
    witness = Witness(witness_home(tmp_path / "w"))
    witness.add_checkpoint(compose_add_checkpoint(LOG.request(0, 5)), NOW)
    with pytest.raises(StoreError, match=r"^cosign\.clock"):
        witness.add_checkpoint(compose_add_checkpoint(LOG.request(5, 6)), NOW - 301)
    witness.add_checkpoint(compose_add_checkpoint(LOG.request(5, 6)), NOW - 300)


def test_a_key_is_trusted_within_its_range(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    KnownLogs(home.logs).put(
        KnownLog(ORIGIN, (KeyRange(LOG_KEY.public, 0, 8), KeyRange(STRANGER.public, 8)))
    )
    witness = Witness(home)
    witness.add_checkpoint(compose_add_checkpoint(LOG.request(0, 7)), NOW)
    with pytest.raises(RequestError) as caught:
        witness.add_checkpoint(compose_add_checkpoint(LOG.request(7, 8)), NOW)
    assert caught.value.status == 403
    note = LOG.note(8, key=STRANGER)
    line = witness.add_checkpoint(
        compose_add_checkpoint(AddCheckpoint(7, LOG.proof(7, 8), note)), NOW
    )
    assert gather_cosignatures(note, line, [home.verifier]) == note + line


def test_a_damaged_list_of_logs_is_told(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    (home.logs / origin_hash(ORIGIN)).write_bytes(b"{}")
    with pytest.raises(StoreError, match=r"^store\.damaged"):
        Witness(home).add_checkpoint(compose_add_checkpoint(LOG.request(0, 5)), NOW)


async def test_it_signs_no_subtrees(tmp_path: Path) -> None:
    async with (
        answering(witness_home(tmp_path / "w")) as url,
        ClientSession() as session,
        session.post(f"{url}/sign-subtree", data=b"subtree 0 1\n") as answer,
    ):
        assert answer.status == 404
        assert answer.content_type == "application/problem+json"
