"""Two root documents of one number: whoever meets the second keeps the first, and proves both."""

import asyncio
import json
from pathlib import Path

import pytest

from fenhe_client.cli import main
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import read_roots
from fenhe_client.keys.second_root import keep_second, kept_seconds, second_of
from fenhe_client.stored.files import root_path
from fenhe_client.witness.home import make_home
from fenhe_client.witness.known_logs import KnownLogs
from fenhe_client.witness.units import UnitSource, know_unit, look_again
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.conviction import convict
from fenhe_protocol.errors import Refused
from fenhe_protocol.evidence import Kind
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_changes import compose_next
from fenhe_protocol.root_document import (
    LogKeys,
    compose_root,
    fingerprint,
    open_chain,
    sign_root,
)
from tests.client.consumer import Consumer
from tests.client.hub_house import ROOT_KEY, HubHouse
from tests.client.test_cli import Server
from tests.client.unit_log import KEY, NOW, UNIT, USCC, DictFetcher
from tests.histories import LOG_KEY


def chain(count: int, parts_at: int, key: object = ROOT_KEY) -> dict[str, bytes]:
    """Documents 1 to `count`; from number `parts_at` on another address is named."""
    files: dict[str, bytes] = {}
    prev = None
    for n in range(1, count + 1):
        text = compose_root(
            origin=UNIT,
            unit=USCC,
            url=f"https://{UNIT}" + ("/elsewhere" if n >= parts_at else ""),
            time=NOW + n,
            root=[ROOT_KEY.public],
            logs=[LogKeys("catalogue", (KeyRange(KEY.public),))],
            n=n,
            prev=prev,
        )
        prev = fingerprint(text)
        files[root_path(n)] = sign_root(text, UNIT, [key])  # type: ignore[list-item]
    return files


FIRST = chain(4, 9)
MARK = fingerprint(parse_note(FIRST["root/1"]).text)


@pytest.mark.parametrize("parts_at", [2, 3, 4])
@pytest.mark.parametrize("count", [4, 6])
async def test_wherever_two_chains_part_is_found_and_proven(parts_at: int, count: int) -> None:
    other = chain(count, parts_at)
    found = await read_roots(DictFetcher(other), [*FIRST.values()], fingerprint=MARK)
    assert (found.document.n, found.added) == (4, ())
    assert found.refused is not None and found.refused.code == "root.second"
    assert found.second is not None
    told = convict(found.second.encode(), fingerprint=MARK)
    assert (told.kind, told.signer) == (Kind.ROOTS, f"{UNIT}/root")
    shown = {document.text for document in told.documents}
    assert shown == {parse_note(each[root_path(parts_at)]).text for each in (FIRST, other)}


@pytest.mark.parametrize("before", [b"nonsense", b""])
async def test_nonsense_before_it_hides_no_second_document(before: bytes) -> None:
    served = {"root/4": chain(4, 4)["root/4"], "root/3": before}
    found = await read_roots(DictFetcher(served), [*FIRST.values()], fingerprint=MARK)
    assert found.second is not None


def test_who_signs_ever_new_ones_fills_no_disk(tmp_path: Path) -> None:
    held = [FIRST["root/1"]]
    for number in range(20):
        second = second_of([*held, FIRST["root/2"]], other_root(held, f"https://{UNIT}/{number}"))
        assert second is not None
        assert keep_second(tmp_path, second) in kept_seconds(tmp_path)
    assert len(kept_seconds(tmp_path)) == 16


@pytest.mark.parametrize(
    "served",
    [
        {},  # a server that has forgotten them
        FIRST,
        FIRST | {"root/4": FIRST["root/3"]},
        FIRST | {"root/4": b"nonsense"},
        FIRST | chain(4, 3, LOG_KEY),  # signed by somebody else
        {"root/4": chain(4, 3)["root/4"]},  # hangs in the air: nobody can say what it follows
    ],
)
async def test_what_is_no_second_document_accuses_nobody(served: dict[str, bytes]) -> None:
    found = await read_roots(DictFetcher(served), [*FIRST.values()], fingerprint=MARK)
    assert found.second is None


def test_of_the_first_document_the_fingerprint_says_which_it_is() -> None:
    assert second_of([FIRST["root/1"]], chain(1, 1)["root/1"]) is None


def other_root(raw: list[bytes], at: str) -> bytes:
    """The next root document of whoever signed these, at another address."""
    mark = fingerprint(parse_note(raw[0]).text)
    held = open_chain(raw, fingerprint=mark)
    return sign_root(compose_next(held, time=NOW, url=at), held.origin, [ROOT_KEY])


async def test_a_follower_goes_on_with_the_first_and_keeps_the_file(tmp_path: Path) -> None:
    hub = HubHouse(tmp_path / "house")
    hub.enrol()
    consumer = Consumer(hub, tmp_path / "consumer")
    hub.files["root/2"] = other_root([hub.root], "https://hub.example/one")
    await consumer.follow()
    hub.files["root/2"] = other_root([hub.root], "https://hub.example/two")
    for _ in range(2):  # it stays told, and is one file
        hub.enrol()
        await consumer.follow()
        (problem,) = consumer.problems
        assert problem.code == "root.second"
    words = ["verify-evidence", problem.where, "--fingerprint", hub.fingerprint]
    assert await asyncio.to_thread(main, words) == 0
    assert consumer.cursor.size == 3


async def test_a_witness_keeps_the_keys_that_it_knew_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, home = HubHouse(tmp_path / "house"), make_home(tmp_path / "w", "w.example/w")
    roots = {f"root/{n}": raw for n, raw in ((1, house.unit_root),)}
    first, second = (other_root([house.unit_root], f"https://{UNIT}/{n}") for n in (1, 2))
    server = Server(roots | {"root/2": first})
    source = UnitSource(server.url, house.unit_fingerprint, allow_private=True)
    try:
        async with Web() as web:
            await know_unit(home, web, source)
            known = list(KnownLogs(home.logs))
            server.files = roots | {"root/2": second}
            (problem,) = await look_again(home, web)
    finally:
        server.close()
    assert isinstance(problem, Refused) and problem.code == "root.second"
    assert home.roots(UNIT).read("root/2") == first and list(KnownLogs(home.logs)) == known
    (file,) = kept_seconds(home.roots_folder(UNIT))
    words = ["verify-evidence", str(file), "--json", "--fingerprint", house.unit_fingerprint]
    assert await asyncio.to_thread(main, words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["accused"] == f"{UNIT}/root" and [each["n"] for each in told["documents"]] == [2, 2]
