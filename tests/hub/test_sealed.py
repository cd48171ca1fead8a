"""Sealed bodies at the hub: mirrored unopened, given to the gateway alone, let go in time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_client.writing.feed_writer import new_record
from fenhe_hub.config import ReaderSettings
from fenhe_hub.ingest.letting_go import let_go_due
from fenhe_hub.mirror.sealed_ledger import KEPT_DAYS, dropped, mark_let_go, taken
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.entry import Entry
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.request import sign_request
from fenhe_protocol.seal import OpeningKey, open_body, seal_body
from fenhe_protocol.strict_json import dumps
from fenhe_protocol.taken import compose_taken
from tests.hub.fake_node import FakeNode, service
from tests.hub.houses import Visitor, served
from tests.hub.provinces import Province, founded

SEAL = OpeningKey.from_seed(b"s" * 32)
GATEWAY, AUDITOR, ELSEWHERE = (SigningKey.from_seed(bytes([n]) * 32) for n in (71, 72, 73))
USER = {"applicant": "示例用户甲", "phone": "0351-0000000"}
DAYS = 86_400


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        _, other = province.nodes
        readers = (
            reader("gateway", GATEWAY, ("hub", "nat")),
            reader("auditor", AUDITOR, ("hub",)),
            reader("elsewhere", ELSEWHERE, ("hub", "nat"), units=(other.origin,)),
        )
        config = replace(province.hub.config, readers=readers)
        province.hub = replace(province.hub, config=config)
        yield province


def reader(name: str, key: SigningKey, tiers: Any, units: Any = None) -> ReaderSettings:
    return ReaderSettings(name=name, key=b64_encode(key.public), tiers=tiers, units=units)


def sealed(node: FakeNode, id_: str, body: bytes | None = None, log: str = "usage") -> Entry:
    """A service whose user is sealed, or whose `nat` body is `body`."""
    origin = f"{node.origin}/{log}"
    record = {"unit": node.uscc, "kind": "service_record", "id": id_}
    if body is None:
        body = seal_body(record | USER, origin=origin, public=SEAL.public)
    open_part = dumps({"unit": node.uscc, **service(id_)["hub"]})
    return new_record(origin, {"hub": open_part, "nat": body})


def use(node: FakeNode, *ids: str) -> int:
    return node.append([sealed(node, id_) for id_ in ids], log="usage")


def folder(province: Province) -> Path:
    return province.hub.home.mirror(f"{province.nodes[0].origin}/usage")


def kept(province: Province) -> list[int]:
    """The indices of the sealed lines that lie in the mirror."""
    files = sorted((folder(province) / "held/body/nat").glob("*"))
    return [int(line.split(b" ")[0]) for file in files for line in file.read_bytes().splitlines()]


def cosigned(province: Province) -> int:
    origin = f"{province.nodes[0].origin}/usage"
    [size] = [row["cosigned_size"] for row in province.rows("log") if row["origin"] == origin]
    return int(size)


def every_byte(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


async def test_what_is_sealed_is_mirrored_as_it_came_and_never_opened(province: Province) -> None:
    node = province.nodes[0]
    use(node, *(f"S-{n}" for n in range(300)))
    await province.sync()
    for path in ("body/nat/000", "body/nat/001"):
        assert (folder(province) / "held" / path).read_bytes() == node.read("usage", path)
    assert cosigned(province) == 300
    assert [row["idx"] for row in province.rows("sealed")] == list(range(300))
    assert {row["tier"] for row in province.rows("body")} == {1}
    assert not [
        text for text in USER.values() if text.encode() in every_byte(province.hub.home.path)
    ]


async def test_a_rebuilt_index_is_the_same(province: Province) -> None:
    node = province.nodes[0]
    use(node, *(f"S-{n}" for n in range(260)))
    node.append([sealed(node, "S-x", dumps({"applicant": "示例用户甲"}))], log="usage")
    use(node, "S-y")
    await province.sync()
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


async def test_nothing_is_cosigned_while_a_sealed_line_is_missing(province: Province) -> None:
    node = province.nodes[0]
    use(node, "S-1", "S-2")
    away = node.withhold("usage", "body/nat/000")
    await province.sync()
    assert cosigned(province) == 0
    gaps = [(row["idx"], row["stop"], row["tier"]) for row in province.rows("gap")]
    assert gaps == [(0, 2, 2)]
    node.put_back("usage", "body/nat/000", away)
    await province.sync()
    assert (cosigned(province), province.rows("gap")) == (2, [])


async def test_what_is_sent_in_clear_is_refused_not_stored_and_not_quoted(
    province: Province,
) -> None:
    node = province.nodes[0]
    clear = [dumps({"kind": "service_record"} | USER), dumps({"示例用户甲": 1}), b"no \xff json"]
    entries = [sealed(node, f"S-{n}", body) for n, body in enumerate(clear)]
    node.append([*entries, sealed(node, "S-9")], log="usage")
    await province.sync()
    found = {row["idx"]: row["code"] for row in province.rows("skip") if row["tier"] == "nat"}
    assert found == {0: "schema", 1: "schema", 2: "json"}
    assert kept(province) == [3]
    assert "示例用户甲".encode() not in every_byte(province.hub.home.path)
    assert "示例用户甲".encode() not in b"".join(province.dump())
    assert cosigned(province) == 0  # until the unit erases them


async def test_only_a_reader_whose_grant_lists_nat_gets_it(province: Province) -> None:
    node, other = province.nodes
    use(node, "S-1")
    await province.sync()
    address = f"m/{origin_hash(f'{node.origin}/usage')}/body/nat/000"
    async with served(province.hub, province.now) as visitor:
        statuses = {
            key and key.public: (await visitor.get(address, key)).status
            for key in (None, GATEWAY, AUDITOR, ELSEWHERE, node.request_key, other.request_key)
        }
        raw = await (await visitor.get(address, GATEWAY)).read()
    assert list(statuses.values()) == [401, 200, 403, 403, 200, 403]
    body = raw.rstrip(b"\n").split(b" ", 2)[2]
    opened = open_body(body, origin=f"{node.origin}/usage", keys={SEAL.id: SEAL})
    assert opened.value["applicant"] == USER["applicant"]


async def say_taken(
    visitor: Visitor, node: FakeNode, content: bytes, key: SigningKey | None = GATEWAY
) -> int:
    uri = f"{visitor.hub.config.public_url}/in/{origin_hash(node.origin)}/usage/taken"
    headers = {}
    if key is not None:
        visitor._asked += 1
        headers = sign_request(
            method="POST", uri=uri, body=content, key=key, now=visitor.now,
            nonce=visitor._asked.to_bytes(16),
        )  # fmt: skip
    async with visitor.session.post(uri, data=content, headers=headers) as answer:
        return answer.status


async def take(province: Province, indices: Sequence[int]) -> None:
    async with served(province.hub, province.now) as visitor:
        for content in compose_taken(indices):
            assert await say_taken(visitor, province.nodes[0], content) == 204


async def test_who_may_say_that_something_was_taken(province: Province) -> None:
    node = province.nodes[0]
    use(node, "S-1", "S-2")
    await province.sync()
    [both], [three] = compose_taken([0, 1]), compose_taken([2])
    async with served(province.hub, province.now) as visitor:
        # A unit has its own lines; that it has them says nothing of the gateway.
        keys = (None, AUDITOR, ELSEWHERE, node.request_key)
        assert [await say_taken(visitor, node, both, key) for key in keys] == [401, 403, 403, 403]
        assert await say_taken(visitor, node, three) == 422
        assert await say_taken(visitor, node, b"{}") == 400
        assert taken(folder(province)) == []
        assert await say_taken(visitor, node, both) == 204
    assert [each[:2] for each in taken(folder(province))] == [(0, 2)]


async def test_lines_go_ninety_days_after_they_were_taken(province: Province) -> None:
    node = province.nodes[0]
    use(node, "S-0", "S-1", "S-2")
    await province.sync()
    await take(province, [0, 2])
    province.now += KEPT_DAYS * DAYS - 1
    assert let_go_due(province.hub, province.now) == 0
    assert kept(province) == [0, 1, 2]
    province.now += 1
    assert let_go_due(province.hub, province.now) == 2
    assert kept(province) == [1]
    assert (taken(folder(province)), dropped(folder(province))) == ([], [(0, 1), (2, 3)])
    assert [row["idx"] for row in province.rows("sealed")] == [1]


async def test_what_was_let_go_counts_as_received(province: Province) -> None:
    node = province.nodes[0]
    use(node, *(f"S-{n}" for n in range(3)))
    await province.sync()
    await take(province, [0, 1, 2])
    province.now += KEPT_DAYS * DAYS
    let_go_due(province.hub, province.now)
    assert kept(province) == []
    use(node, "S-3")
    await province.sync()
    # The node still serves the old lines in the same file; they are not taken in again.
    assert kept(province) == [3]
    assert (cosigned(province), province.rows("gap")) == (4, [])
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before
    assert kept(province) == [3]
    node.asked.clear()
    await province.sync()
    assert not [path for path in node.asked if "body/nat" in path]


async def test_what_never_came_is_not_let_go(province: Province) -> None:
    node = province.nodes[0]
    use(node, "S-0")
    await province.sync()
    use(node, "S-1")
    raw = node.path("usage", "body/nat/000").read_bytes()
    node.path("usage", "body/nat/000").write_bytes(raw.splitlines(keepends=True)[0])
    await province.sync()
    await take(province, [0, 1])
    province.now += KEPT_DAYS * DAYS
    let_go_due(province.hub, province.now)
    assert [row["idx"] for row in province.rows("gap")] == [1]
    node.put_back("usage", "body/nat/000", raw)
    await province.sync()
    assert kept(province) == [1]


async def test_killed_after_the_promise_it_is_done_the_next_day(province: Province) -> None:
    node = province.nodes[0]
    use(node, "S-0", "S-1")
    await province.sync()
    await take(province, [0])
    province.now += KEPT_DAYS * DAYS
    mark_let_go(folder(province), [(0, 1)], Disk())
    assert kept(province) == [0, 1]
    let_go_due(province.hub, province.now + DAYS)
    assert kept(province) == [1]
    assert taken(folder(province)) == []
    assert let_go_due(province.hub, province.now + 2 * DAYS) == 0
