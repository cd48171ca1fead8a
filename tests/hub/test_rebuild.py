"""Whatever units do, and however the hub came to know it: rebuilt, `dump` is the same bytes."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.writing.feed_writer import new_record
from fenhe_hub.home import locked
from fenhe_hub.index.facets import Facets, facets
from fenhe_hub.index.filters import Filters
from fenhe_hub.index.tables import open_index
from fenhe_hub.restoring.rebuild import rebuild, rebuild_if_outdated
from fenhe_hub.visiting.archive import Archive
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import StoreError
from fenhe_protocol.strict_json import dumps
from tests.client.power_cut import QuickDisk
from tests.hub.fake_node import FakeNode, deletion, instrument, service
from tests.hub.provinces import Province, founded
from tests.laws import examples

PHONE = "13800138000"
ids = st.sampled_from(["A-1", "A-2", "A-3"])
Act = Callable[[FakeNode], object]


def publish(id_: str, model: str) -> Act:
    return lambda node: node.publish(instrument(id_, model=model))


def publish_one_tier(id_: str, tier: str) -> Act:
    return lambda node: node.publish({tier: instrument(id_)[tier]})


def delete(id_: str, tiers: tuple[str, ...]) -> Act:
    return lambda node: node.publish(deletion(id_, tiers))


def disagree(one: str, other: str, model: str) -> Act:
    return lambda node: node.publish(
        {"pub": instrument(one, model=model)["pub"], "hub": instrument(other)["hub"]}
    )


def publish_wrong(count: int) -> Act:
    wrong = [instrument(f"A-4{n}", status="no such status") for n in range(count)]
    return lambda node: node.publish(*wrong)


def erase(start: int, length: int, tiers: tuple[str, ...] | None) -> Act:
    def act(node: FakeNode) -> None:
        size = node.size("catalogue")
        if start < size:
            node.erase(start, min(start + length, size), tiers)

    return act


def withhold(tier: str) -> Act:
    path = f"body/{tier}/000"

    def act(node: FakeNode) -> None:
        if node.path("catalogue", path).exists():
            node.hidden[path] = node.withhold("catalogue", path)

    return act


def put_back(node: FakeNode) -> None:
    for path, raw in node.hidden.items():
        shown = node.path("catalogue", path)
        rest = shown.read_bytes() if shown.exists() else b""
        lines = {int(line.split(b" ")[0]): line for line in (raw + rest).splitlines(keepends=True)}
        node.put_back("catalogue", path, b"".join(lines[index] for index in sorted(lines)))
    node.hidden.clear()


def use(count: int) -> Act:
    return lambda node: node.publish(
        *(service(f"S-{node.size('usage')}-{n}") for n in range(count)), log="usage"
    )


def seal(id_: str, nat: bytes) -> Act:
    def act(node: FakeNode) -> None:
        public = dumps({"unit": node.uscc, **instrument(id_)["pub"]})
        node.append([new_record(f"{node.origin}/catalogue", {"pub": public, "nat": nat})])

    return act


SEALED = dumps({"key": "ab" * 32, "sealed": b64_encode(bytes(48))})
IN_CLEAR = dumps({"applicant": "示例用户"})
some_tiers = st.sampled_from([("pub",), ("hub",), ("pub", "hub"), ("nat",)])
open_tiers = st.sampled_from([("pub",), ("hub",), ("pub", "hub")])
acts: st.SearchStrategy[Act] = st.one_of(
    st.builds(publish, ids, st.sampled_from(["a", "b", PHONE, "x" * 3000])),
    st.builds(publish_one_tier, ids, st.sampled_from(["pub", "hub"])),
    st.builds(delete, ids, open_tiers),
    st.builds(seal, ids, st.sampled_from([SEALED, SEALED, IN_CLEAR])),
    st.builds(disagree, ids, ids, st.sampled_from(["a", PHONE])),
    st.builds(publish_wrong, st.integers(1, 9)),
    st.builds(erase, st.integers(0, 12), st.integers(1, 4), st.none() | some_tiers),
    st.builds(withhold, st.sampled_from(["pub", "hub", "nat"])),
    st.builds(use, st.integers(1, 300)),
    st.sampled_from(
        [
            put_back,
            lambda node: node.beat(),
            lambda node: node.append_unchecked([b'{"k":"q","v":1}']),
        ]
    ),
)


@examples(25)
@given(st.lists(st.lists(acts, max_size=5), min_size=1, max_size=4))
def test_a_rebuilt_index_is_the_same(turns: list[list[Act]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check_turns(Path(folder), turns))


async def test_a_refusal_outlives_the_file_that_held_it(tmp_path: Path) -> None:
    """A line left out for privacy stays refused when its file is no longer shown."""
    await check_turns(tmp_path, [[publish("A-1", PHONE)], [publish("A-1", PHONE), withhold("pub")]])


async def check_turns(folder: Path, turns: list[list[Act]]) -> None:
    async with founded(folder, units=1) as province:
        for acts in turns:
            for act in acts:
                act(province.nodes[0])
            await province.sync_and_say(disk=QuickDisk())
            before, counted = province.dump(), count(province)
            rebuild(province.hub)
            assert province.dump() == before
            assert count(province) == counted
        await check_one_visit_for_many(province, before)


def count(province: Province) -> list[Facets]:
    with closing(open_index(province.hub.home.index)) as db:
        return [facets(db, query, Filters()) for query in ("", "仪", "a", "示例 仪")]


async def check_one_visit_for_many(province: Province, before: list[bytes]) -> None:
    """Without an index, the next sync finds in the files what all visits brought."""
    province.hub.home.index.unlink()
    await province.sync_and_say(disk=QuickDisk())
    assert province.dump() == before


async def test_nobody_holds_the_index_while_it_is_rebuilt(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        with Archive(province.hub), pytest.raises(StoreError) as caught:
            rebuild(province.hub, patience=0)
        assert caught.value.code == "home.busy"
        with locked(province.hub.home.path / "index.lock", shared=True):
            pass


async def test_a_damaged_index_is_made_again(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        province.nodes[0].publish(instrument("A-1"))
        await province.sync()
        before = province.dump()
        province.hub.home.index.write_bytes(b"no database")
        rebuild(province.hub)
        assert province.dump() == before


@pytest.mark.parametrize("change", ["PRAGMA user_version=7", "UPDATE judged SET schemas='other'"])
async def test_an_index_of_another_version_is_made_again_before_serving(
    tmp_path: Path, change: str
) -> None:
    async with founded(tmp_path, units=1) as province:
        province.nodes[0].publish(instrument("A-1"))
        await province.sync()
        before, said = province.dump(), list[str]()
        with closing(sqlite3.connect(province.hub.home.index)) as db, db:
            db.execute(change)
        for _ in range(2):
            rebuild_if_outdated(
                province.hub, lambda: said.append("begun"), lambda origin, size: said.append(origin)
            )
        assert said.count("begun") == 1 and f"{province.nodes[0].origin}/catalogue" in said
        assert province.dump() == before


async def test_until_the_new_index_is_in_its_place_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with founded(tmp_path, units=1) as province:
        province.nodes[0].publish(instrument("A-1"))
        await province.sync()
        before, index = province.dump(), province.hub.home.index
        held = sqlite3.connect(index)  # so that its journal stays, as after a kill
        held.execute("UPDATE judged SET schemas='other'")
        held.commit()
        assert index.with_name(f"{index.name}-wal").stat().st_size > 0
        for name in ("rename", "replace"):
            monkeypatch.setattr(Path, name, _die)
        with pytest.raises(_Killed):
            rebuild(province.hub)
        monkeypatch.undo()
        with pytest.raises(StoreError, match=r"index\.schemas"):
            open_index(index)
        rebuild_if_outdated(province.hub, lambda: None, lambda origin, size: None)
        assert province.dump() == before
        held.close()
        assert province.dump() == before


class _Killed(BaseException):
    pass


def _die(*_: object) -> None:
    raise _Killed
