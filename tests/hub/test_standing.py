"""Units suspended, resumed, moved, retired: recorded, shown, and on every way alike.

Complaint 11, that a unit's move to another organisation fails, is answered here.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.desk.standing import look_at, register_as
from fenhe_hub.operations.check import run_check
from fenhe_hub.registry.enrolled import STATES, Enrolment, Registry
from fenhe_hub.registry.registration import registered_as
from fenhe_protocol.errors import FenheError, InputError, Refused
from fenhe_protocol.origin import origin_hash
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import Visitor, enrolled, served
from tests.hub.provinces import Province, founded

UNIT = Enrolment("u1.example/fenhe", "12140000000000019W", "0" * 64, "https://a", "https://a")
ON = "2026-11-23"


async def change(
    province: Province, node: FakeNode, state: str, *, to: list[str] | None = None
) -> None:
    register_as(province.hub, node.origin, state, "示例原因", to or [], province.now)
    await province.sync()


async def asked(visitor: Visitor, path: str) -> Any:
    answer = await visitor.get(path)
    return await answer.json() if answer.status == 200 else answer.status


async def shown(province: Province, node: FakeNode) -> dict[str, Any]:
    """Whether what a unit published can be met on each way."""
    api, origin = "api/v1", f"{node.origin}/catalogue"
    mirror = f"m/{origin_hash(origin)}"
    async with served(province.hub, province.now) as visitor:
        listed = await asked(visitor, f"{api}/resources")
        unit = await asked(visitor, f"{api}/units/{node.uscc}")
        record = await asked(visitor, f"{api}/resources/{node.uscc}/instrument/A-1")
        page = await visitor.get(f"r/{node.uscc}/instrument/A-1")
        home = await (await visitor.get("")).text()
        findings = await asked(visitor, f"{api}/findings?state=all&unit={node.uscc}")
        changes = await _changed(visitor, node)
        return {
            "search": sum(item["unit"] == node.uscc for item in listed["items"]),
            "record": not isinstance(record, int),
            "page": page.status == 200,
            "proof": (await visitor.get(f"{api}/proof?origin={origin}&index=0")).status == 200,
            "findings": findings["total"] > 0,
            "changes": changes,
            "mirror": (await visitor.get(f"{mirror}/body/pub/000")).status == 200,
            "head": (await visitor.get(f"{mirror}/checkpoint")).status == 200,
            "state": (unit["unit"]["enrolment"], unit["unit"]["source"]["state"]),
            "standing": unit["standing"],
            "home": home != "",
            "unit page": await (await visitor.get(f"u/{node.uscc}")).text(),
            "list": (await visitor.get("units")).status == 200,
        }


async def _changed(visitor: Visitor, node: FakeNode) -> int:
    """How many records of the unit a consumer meets that reads all changes from the start."""
    met: list[Any] = []
    cursor = "0"
    while True:
        answer = await asked(visitor, f"api/v1/changes?cursor={cursor}")
        met += [each for each in answer["items"] if each["type"] == "record"]
        if not answer["more"]:
            return len([each for each in met if each["unit"] == node.uscc])
        cursor = answer["cursor"]


async def test_a_suspended_unit_disappears_on_every_way_and_comes_back_whole(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path) as province:
        (one, two) = province.nodes
        for node in (one, two):
            node.publish(instrument("A-1"), instrument("A-2"))
        await province.sync()
        run_check(province.hub, province.now)
        before, others = await shown(province, one), await shown(province, two)
        assert (before["search"], before["changes"], before["record"]) == (2, 2, True)
        await change(province, one, "suspended")
        one.publish(instrument("A-3"))
        assert [report.unit for report in await province.sync()] == [two.origin] * 2
        gone = await shown(province, one)
        hidden = ("search", "record", "page", "proof", "findings", "changes", "mirror")
        assert not any(gone[name] for name in hidden), gone
        assert gone["state"] == ("suspended", "suspended")
        assert gone["standing"]["reason"] == "示例原因"
        assert "已暂停展示" in gone["unit page"] and "示例原因" in gone["unit page"]
        assert "A-1" not in gone["unit page"] and "示例仪器" not in gone["unit page"]
        # Receipts stay: the cosigned head is no content, and it is the unit's proof.
        assert gone["head"]
        still = await shown(province, two)
        told = ("search", "record", "page", "proof", "changes", "mirror", "head", "standing")
        assert [still[name] for name in told] == [others[name] for name in told]
        assert province.said("reg")[one.origin]["state"] == "suspended"
        assert province.said("reg")[one.origin]["ext"]["reason"] == "示例原因"
        await change(province, one, "enrolled")
        back = await shown(province, one)
        # Whoever dropped it meanwhile is told all of it again.
        assert (back["search"], back["record"], back["state"][0]) == (3, True, "enrolled")
        assert back["changes"] >= 3
        assert province.said("adv")[f"{one.origin}/catalogue"]["from"] == 0


@pytest.mark.parametrize("state", ["moved", "retired"])
async def test_who_moved_or_retired_is_found_no_longer_and_stays_evidence(
    tmp_path: Path, state: str
) -> None:
    async with founded(tmp_path) as province:
        (one, two) = province.nodes
        one.publish(instrument("A-1"))
        await province.sync()
        await change(province, one, state, to=[two.origin])
        gone = await shown(province, one)
        assert (gone["search"], gone["findings"]) == (0, False)
        assert all(gone[name] for name in ("record", "page", "proof", "mirror", "head")), gone
        assert gone["state"] == (state, state)
        assert two.origin in gone["unit page"]
        assert gone["standing"] == {
            "reason": "示例原因",
            "since": province.said("reg")[one.origin]["ext"]["since"],
            "successors": [two.origin],
        }
        with pytest.raises(Refused, match=r"^enrol\.state"):
            await enrol_unit(province.hub, one.url, one.fingerprint, allow_private=True)


async def test_the_index_is_the_same_when_it_is_made_again(tmp_path: Path) -> None:
    from fenhe_hub.restoring.rebuild import rebuild

    async with founded(tmp_path) as province:
        (one, two) = province.nodes
        one.publish(instrument("A-1"))
        await province.sync()
        await change(province, one, "suspended")
        await change(province, two, "retired")
        before = province.dump()
        rebuild(province.hub)
        assert province.dump() == before


async def test_one_unit_takes_anothers_instruments_over(tmp_path: Path) -> None:
    """A merger: B publishes what was A's under its own code, then A retires in favour of B."""
    async with founded(tmp_path) as province:
        (a, b) = province.nodes
        a.publish(instrument("A-1"), instrument("A-2"))
        b.publish(instrument("B-1"))
        await province.sync()
        b.publish(instrument("A-1", ext={"from": a.uscc}), instrument("A-2"))
        await change(province, a, "retired", to=[b.origin])
        async with served(province.hub, province.now) as visitor:
            listed = await asked(visitor, "api/v1/resources")
        found = sorted((item["unit"], item["id"]) for item in listed["items"])
        assert found == [(b.uscc, id) for id in ("A-1", "A-2", "B-1")]
        assert (await shown(province, a))["proof"]


async def test_a_unit_that_lost_everything_is_enrolled_under_a_new_name(tmp_path: Path) -> None:
    """Its old origin retires with its receipts; the same code goes on under another one."""
    async with founded(tmp_path, units=1) as province:
        (old,) = province.nodes
        old.publish(instrument("A-1"))
        await province.sync()
        new = FakeNode(tmp_path / "new", number=2)
        new.uscc = old.uscc
        new.rename("u1-neu.example/fenhe")
        async with new.serving():
            new.clock = lambda: province.now
            with pytest.raises(Refused, match=r"^enrol\.unit"):
                await enrolled(province.hub, new)
            await change(province, old, "retired")
            await enrolled(province.hub, new)
            new.publish(instrument("A-1"))
            await province.sync()
            kept = await shown(province, new)
            assert (kept["search"], kept["state"]) == (1, ("enrolled", "ok"))
            with pytest.raises(Refused, match=r"^enrol\.unit"):
                await change(province, old, "enrolled")
            # It could not be named before it was there; since when the old one is gone stays.
            before = province.said("reg")[old.origin]["ext"]
            await change(province, old, "retired", to=[new.origin])
            after = province.said("reg")[old.origin]["ext"]
            assert after == {**before, "successors": [new.origin]}
            for state, to in (("retired", [new.origin]), ("retired", []), ("moved", [new.origin])):
                with pytest.raises(Refused, match=r"^enrol\.state"):
                    await change(province, old, state, to=to)


async def test_a_new_address_does_not_lift_a_suspension(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        await change(province, node, "suspended")
        await enrol_unit(province.hub, node.url, node.fingerprint, allow_private=True)
        known = Registry(province.hub.home.registry_file).get(node.origin)
        assert known is not None
        assert (known.state, known.reason) == ("suspended", "示例原因")


async def test_the_next_root_document_is_read_when_asked(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        unit = Registry(province.hub.home.registry_file).get(node.origin)
        assert unit is not None
        assert (await look_at(province.hub, unit)).added == ()
        node.change_key()
        read = await look_at(province.hub, unit)
        assert ([each.n for each in read.added], read.refused) == ([2], None)
        node.publish(instrument("A-1"))
        (catalogue, _) = await province.sync()
        assert (catalogue.size, catalogue.code) == (1, "")


@given(steps=st.lists(st.sampled_from(STATES), max_size=8))
def test_every_state_is_left_by_resuming_and_none_is_entered_twice(steps: list[str]) -> None:
    unit = UNIT
    for state in steps:
        try:
            after = registered_as(unit, state, reason="示例", on=ON)
        except Refused:
            assert state == unit.state or (unit.state, state) in {
                ("moved", "suspended"),
                ("retired", "suspended"),
                ("retired", "moved"),
            }
        else:
            assert state != unit.state
            unit = after
    if unit.state != "enrolled":
        assert registered_as(unit, "enrolled", reason="示例", on=ON).is_enrolled


@pytest.mark.parametrize(
    ("reason", "to", "code"),
    [
        ("", [], "enrol.reason"),
        ("长" * 201, [], "enrol.reason"),
        ("两\n行", [], "enrol.reason"),
        ("请联系张三 13800000000", [], "enrol.reason"),
        ("示例", [UNIT.origin], "enrol.successor"),
    ],
)
def test_a_reason_is_fit_to_be_published(reason: str, to: list[str], code: str) -> None:
    with pytest.raises(InputError) as caught:
        registered_as(UNIT, "retired", reason=reason, on=ON, successors=to)
    assert caught.value.code == code


async def test_who_is_not_enrolled_is_named(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        for origin, to in (("none.example/x", []), (province.nodes[0].origin, ["none.example/x"])):
            with pytest.raises(FenheError) as caught:
                register_as(province.hub, origin, "moved", "示例", to, province.now)
            assert caught.value.code == "enrol.unknown"
        text = province.hub.home.registry_file.read_text("utf-8")
        assert json.dumps("moved") not in text
        assert "state: enrolled" in text
