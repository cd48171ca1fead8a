"""A head submitted to a witness: taken up where its key signed, and only there."""

from pathlib import Path

import pytest

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.witness.home import WitnessHome
from fenhe_client.witness.known_logs import KnownLogs
from fenhe_client.witness.submission import LARGEST_SKEW, Offer, WitnessAddress, submit
from fenhe_protocol.checkpoint import cosign
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.note import parse_note
from tests.client.servers import always, answer, serving
from tests.client.witness_house import NAME, NOW, ORIGIN, answering, witness_home
from tests.histories import History

LOG = History(ORIGIN)
OTHER = History(ORIGIN, tale="other")
KEY = SigningKey.from_seed(bytes(range(3, 35)))
VKEY = VerifierKey(NAME, COSIGNATURE, KEY.public)
LINE = cosign(LOG.note(7), name=NAME, key=KEY, now=NOW).removeprefix(LOG.note(7))


def offer(size: int, log: History = LOG) -> Offer:
    return Offer(log.note(size), size, lambda known: log.proof(known, size))


async def submitted(home: WitnessHome, *steps: tuple[Offer, int]) -> list[bytes]:
    """The notes that come of submitting (offer, known size) one after the other."""
    async with answering(home) as url, Web() as web:
        witness = WitnessAddress(home.verifier, url, PRIVATE_TOO)
        return [await submit(web, witness, each, known=known, now=NOW) for each, known in steps]


@pytest.mark.parametrize("known", [0, 3, 5])
async def test_whatever_it_knew_the_witness_is_asked_again(tmp_path: Path, known: int) -> None:
    home = witness_home(tmp_path / "w")
    first, second = await submitted(home, (offer(5), 0), (offer(12), known))
    for note in (first, second):
        assert [line.name for line in parse_note(note).signatures] == [ORIGIN, NAME]


async def test_a_head_that_has_its_line_gets_a_second(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    (first,) = await submitted(home, (offer(5), 0))
    again = Offer(first, 5, offer(5).prove)
    async with answering(home, now=NOW + 60) as url, Web() as web:
        witness = WitnessAddress(home.verifier, url, PRIVATE_TOO)
        note = await submit(web, witness, again, known=5, now=NOW + 60)
    assert note.startswith(first)
    assert len(parse_note(note).signatures) == 3


async def failure(home: WitnessHome, *steps: tuple[Offer, int]) -> FenheError:
    with pytest.raises(FenheError) as caught:
        await submitted(home, *steps)
    return caught.value


async def test_another_history_is_refused(tmp_path: Path) -> None:
    error = await failure(witness_home(tmp_path / "w"), (offer(5), 0), (offer(12, OTHER), 5))
    assert (type(error), error.code) == (Refused, "witness.disagrees")


async def test_a_witness_that_saw_more_is_waited_for(tmp_path: Path) -> None:
    error = await failure(witness_home(tmp_path / "w"), (offer(12), 0), (offer(5), 0))
    assert (type(error), error.code, error.found) == (Deferred, "witness.ahead", "12")


async def test_an_unknown_log_waits_for_the_witnesss_operator(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    KnownLogs(home.logs).remove(ORIGIN)
    error = await failure(home, (offer(5), 0))
    assert (type(error), error.code, error.found) == (Deferred, "witness.denied", "404")


CONFLICT = "409 Conflict"
SIZE = "Content-Type: text/x.tlog.size"
CLOSE = "Connection: close"  # as the server of these tests does


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        (answer(b""), Refused, "witness.answer"),
        (answer(b"thank you\n"), Refused, "witness.answer"),
        (answer(LINE[:-8] + b"AAAAAA=\n"), Refused, "witness.answer"),
        (answer(b"5", CONFLICT, SIZE), Refused, "witness.answer"),
        (answer(b"05\n", CONFLICT, SIZE), Refused, "witness.answer"),
        (answer(b"5\n", CONFLICT, "Content-Type: text/plain"), Refused, "witness.answer"),
        (answer(b"5\n", CONFLICT, SIZE, CLOSE), Deferred, "fetch.busy"),
        (answer(b"8\n", CONFLICT, SIZE), Deferred, "witness.ahead"),
        (answer(b"", "403 Forbidden"), Deferred, "witness.denied"),
        (answer(b"", "400 Bad Request"), Refused, "fetch.status"),
        (answer(b"", "429 Too Many Requests"), Deferred, "fetch.busy"),
        (answer(b"", "503 Service Unavailable"), Deferred, "fetch.busy"),
        (answer(b"", "307 Temporary", "Location: http://x.example/"), Refused, "fetch.redirect"),
        (answer(b"", "200 OK", "Content-Encoding: gzip"), Refused, "fetch.coding"),
        (answer(bytes(70_000)), Refused, "fetch.size"),
        (b"no HTTP at all\r\n\r\n", Refused, "fetch.malformed"),
    ],
)
async def test_what_a_bad_witness_answers_adds_nothing(
    raw: bytes, kind: type[FenheError], code: str
) -> None:
    async with serving(always(raw)) as url, Web() as web:
        witness = WitnessAddress(VKEY, url, PRIVATE_TOO)
        with pytest.raises(kind) as caught:
            await submit(web, witness, offer(7), known=0, now=NOW)
    assert caught.value.code == code


@pytest.mark.parametrize("skew", [-LARGEST_SKEW - 1, LARGEST_SKEW + 1])
async def test_a_line_of_another_time_is_refused(skew: int) -> None:
    async with serving(always(answer(LINE, "200 OK", CLOSE))) as url, Web() as web:
        witness = WitnessAddress(VKEY, url, PRIVATE_TOO)
        with pytest.raises(Refused, match=r"^witness\.clock"):
            await submit(web, witness, offer(7), known=0, now=NOW - skew)
        assert await submit(web, witness, offer(7), known=0, now=NOW) == LOG.note(7) + LINE


async def test_an_address_out_of_reach_is_never_asked() -> None:
    async with serving(always(answer(LINE))) as url, Web() as web:
        with pytest.raises(Refused, match=r"^fetch\."):
            await submit(web, WitnessAddress(VKEY, url), offer(7), known=0, now=NOW)
