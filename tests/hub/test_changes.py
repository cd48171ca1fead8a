from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.reading.prove import Trust, parse_record, prove_record
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.erasing import obey
from fenhe_hub.fed.log import FedLog
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.fed import Advance, EraseOrder, Place, Refusal, Registration, Word
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.proof import verify_proof
from fenhe_protocol.strict_json import loads
from tests.hub.houses import served
from tests.hub.index_builder import MadeHub, build_hub
from tests.hub.index_rows import NOW
from tests.hub.mouth import API, Client, ask, fetch, refuse, serving
from tests.hub.provinces import founded
from tests.hub.sample_records import UNIVERSITY

LOG = "u1.example/fenhe/catalogue"


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHub:
    return build_hub(tmp_path_factory.mktemp("hub"))


@pytest.fixture
async def client(made: MadeHub) -> AsyncIterator[Client]:
    async with serving(made.reading) as client:
        yield client


async def follow(client: Client, cursor: str = "0", limit: int = 100) -> tuple[list[Any], str]:
    """Everything from a cursor on, and the cursor after it."""
    items: list[Any] = []
    while True:
        page = await ask(client, "/changes", cursor=cursor, limit=limit)
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["cursor"]
        if not page["more"]:
            return items, cursor


def say(made: MadeHub, *words: Word) -> None:
    fed = FedLog(made.hub, made.hub.fed_files(), HeadStore(made.hub.home.heads))
    fed.publish(words, beat=False, now=NOW)


def advance(made: MadeHub, start: int, size: int) -> Word:
    return Advance(LOG, start, size, b"x")


@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_following_from_the_beginning_tells_every_public_leaf_once(
    client: Client, made: MadeHub, limit: int
) -> None:
    items, _ = await follow(client, limit=limit)
    told = [(item["origin"], item["index"]) for item in items if item["type"] == "record"]
    published = [
        (unit.catalogue, index)
        for unit in made.units
        for index, record in enumerate(unit.written)
        if record and "pub" in record
    ]
    assert told == published


async def test_a_change_carries_the_body_of_its_own_leaf(client: Client) -> None:
    items, _ = await follow(client)
    by_place = {(item["origin"], item["index"]): item for item in items}
    first, second = by_place[LOG, 5], by_place[LOG, 42]
    assert (first["unit"], first["kind"], first["id"]) == (UNIVERSITY, "instrument", "A-1004")
    assert first["body"]["id"] == second["body"]["id"] == "A-1004"
    assert by_place[LOG, 43]["deleted"]
    assert by_place[LOG, 43]["body"]["deleted"]["reason"] == "scrapped"


async def test_what_the_hub_says_is_told_but_not_of_usage_logs(client: Client) -> None:
    items, _ = await follow(client)
    statements = [(i["kind"], i["id"]) for i in items if i["type"] == "statement"]
    assert ("reg", "u4.example/fenhe") in statements
    assert ("rej", "u3.example/fenhe/catalogue#3/pub") in statements
    assert not [each for each in items if "/usage" in each["origin"]]


async def test_the_end_of_one_reading_is_the_beginning_of_the_next(
    client: Client, made: MadeHub
) -> None:
    _, cursor = await follow(client)
    assert (await follow(client, cursor)) == ([], cursor)
    say(made, advance(made, 40, 46))
    items, _ = await follow(client, cursor)
    assert [item["index"] for item in items] == [40, 41, 42, 43, 44]


async def test_nothing_is_skipped_while_the_index_is_behind(client: Client, made: MadeHub) -> None:
    _, cursor = await follow(client)
    say(made, advance(made, 40, 46), Registration("u5.example/x", "enrolled", UNIVERSITY))
    db = made.db
    db.execute("UPDATE log SET indexed = 43 WHERE origin = ?", (LOG,))
    page = await ask(client, "/changes", cursor=cursor)
    assert (page["items"], page["cursor"], page["more"]) == ([], cursor, False)
    db.execute("UPDATE log SET indexed = 46 WHERE origin = ?", (LOG,))
    db.close()
    items, _ = await follow(client, cursor)
    assert [item["index"] for item in items] == [40, 41, 42, 43, 44, None]


@pytest.mark.parametrize(
    "gone",
    ["UPDATE unit SET state = 'retired'", "UPDATE log SET ended = 46"],
)
async def test_what_is_lost_for_good_holds_up_nothing_behind_it(
    client: Client, made: MadeHub, gone: str
) -> None:
    _, cursor = await follow(client)
    say(made, advance(made, 40, 50), Registration("u5.example/x", "enrolled", UNIVERSITY))
    assert await follow(client, cursor) == ([], cursor)  # its unit may still bring what was lost
    db = made.db
    db.execute(f"{gone} WHERE origin LIKE 'u1.%'")
    db.close()
    items, after = await follow(client, cursor)
    assert [item["index"] for item in items] == [40, 41, 42, 43, 44, None]
    assert (await follow(client, after)) == ([], after)


async def test_a_refusal_lifted_tells_the_record_again(client: Client, made: MadeHub) -> None:
    _, cursor = await follow(client)
    say(made, Refusal(Place(LOG, 4, "pub"), "ok"))
    items, _ = await follow(client, cursor)
    assert [(i["type"], i["index"], i["id"]) for i in items] == [("record", 4, "A-1003")]


async def test_bodies_that_are_taken_back_are_an_erasure(client: Client, made: MadeHub) -> None:
    _, cursor = await follow(client)
    say(made, EraseOrder(Place(LOG, 4), ("pub",), "law"))
    items, _ = await follow(client, cursor)
    assert [(i["type"], i["origin"], i["body"]["ranges"]) for i in items] == [
        ("erasure", LOG, [[4, 5]])
    ]


async def test_an_erased_body_is_no_longer_told(client: Client, made: MadeHub) -> None:
    file = made.units[0].folder / "public/body/pub/000"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(line for line in lines if not line.startswith(b"4 ")))
    items, _ = await follow(client)
    (change,) = [i for i in items if (i["origin"], i["index"]) == (LOG, 4)]
    assert change["body"] is None


async def test_a_cursor_beyond_the_log_is_unknown(client: Client) -> None:
    status, problem = await refuse(client, "/changes", cursor="9999")
    assert (status, problem["code"]) == (404, "api.cursor")


async def proven(client: Client, link: str) -> tuple[str, bytes]:
    """The origin that a change's proof names, and the proof."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    answer, raw = await fetch(client, f"{API}/proof", **asked)
    assert answer.status == 200, link
    return asked["origin"], raw


async def test_every_change_is_proven_by_who_said_it(client: Client, made: MadeHub) -> None:
    say(made, EraseOrder(Place(LOG, 7), ("pub",), "order"))
    items, _ = await follow(client)
    keys = {unit.catalogue: unit.key.public for unit in made.units}
    keys[made.hub.fed_origin] = made.hub.keys.for_head(made.hub.fed_origin, 1).public
    said = set()
    for item in items:
        origin, raw = await proven(client, item["proof"])
        found = verify_proof(raw, origin=origin, keys=(KeyRange(keys[origin]),))
        spoken = origin == made.hub.fed_origin
        said.add((item["type"], spoken))
        assert found.index == (item["fed_index"] if spoken else item["index"])
        body = loads(found.bodies["pub"])
        if item["type"] == "erasure":
            assert body["kind"] == "era"
        else:
            assert body == item["body"]
    assert said == {("record", False), ("statement", True), ("erasure", True)}


def fed_lines(made: MadeHub) -> Path:
    return made.hub.fed_files().locate("body/pub/000")


@pytest.mark.parametrize("gone", [False, True])
async def test_a_word_that_is_damaged_in_the_files_is_not_told_and_not_skipped(
    client: Client, made: MadeHub, gone: bool
) -> None:
    items, _ = await follow(client)
    file, word = fed_lines(made), b'"code":"schema"'
    whole = file.read_bytes()
    lines = [line for line in whole.splitlines(keepends=True) if not gone or word not in line]
    file.write_bytes(b"".join(lines).replace(word, b'"code":"okokok"'))
    some, cursor = await follow(client)
    assert some == items[: len(some)] and len(some) < len(items)
    assert (await follow(client, cursor)) == ([], cursor)
    status, _ = await fetch(client, f"{API}/proof", origin=made.hub.fed_origin, index=10**9)
    assert status.status == 404
    file.write_bytes(whole)
    assert some + (await follow(client, cursor))[0] == items


async def test_where_the_leaves_are_damaged_nothing_of_the_block_is_told(
    client: Client, made: MadeHub
) -> None:
    for bundle in (made.hub.home.public / "fed/tile/entries").rglob("*"):
        if bundle.is_file():
            bundle.write_bytes(b"torn")
    assert await follow(client) == ([], "0")


async def test_what_the_hub_took_back_holds_up_nothing(client: Client, made: MadeHub) -> None:
    items, before = await follow(client)
    fed = FedLog(made.hub, made.hub.fed_files(), HeadStore(made.hub.home.heads))
    refused = next(item for item in items if item["kind"] == "rej")
    at = refused["fed_index"]
    fed.erase([EraseLeaf(((at, at + 1),), None, "error")], NOW)
    obey({"fed": made.hub.fed_files()})
    again, _ = await follow(client)
    assert again == [item for item in items if item["fed_index"] != at]
    assert (await follow(client, before))[0] == []


async def test_a_word_of_the_hub_is_proven_by_its_place(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        await province.sync()
        hub = province.hub
        async with served(hub, province.now), Web() as web:
            asked = web.open(hub.config.public_url, reach=PRIVATE_TOO)
            found = await prove_record(
                asked,
                parse_record(f"{hub.fed_origin}#1"),
                Trust(hub_fingerprint=hub.fingerprint, allow_loopback_http=True),
            )
    assert found.to_compare == {}
    assert loads(found.record.bodies["pub"])["id"] == province.nodes[0].origin
