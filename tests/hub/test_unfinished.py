"""Who is killed in the midst of a deed leaves no deed without its act, and no act without it."""

from contextlib import closing
from pathlib import Path
from typing import Any

from fenhe_client.stored.files import ROOT, root_path
from fenhe_hub.casework import journal
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.desk.announcing import announce_year, is_announced
from fenhe_hub.desk.trusting import forget_above, is_forgotten, is_trusted
from fenhe_hub.desk.unfinished import say_unfinished
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.registry.above import Above, put_above
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.fed import Act
from tests.hub.dying import end_quarantine, enrol_document, hold, killed_before, suspend
from tests.hub.fake_node import START, FakeNode
from tests.hub.houses import new_hub
from tests.hub.provinces import founded


def stands(hub: Hub, node: FakeNode) -> str:
    unit = Registry(hub.home.registry_file).get(node.origin)
    return unit.state if unit else ""


def held(hub: Hub) -> dict[str, str]:
    with closing(OutboxStore(hub.home.outbox)) as outbox:
        return outbox.held()


def told(hub: Hub) -> tuple[list[str], list[str]]:
    """What is said of what was begun, and what all acts are in the end."""
    office = Office(hub, lambda: START + 600)
    said = [each.name for each in say_unfinished(office)]
    with Waiting.open(hub.home) as waiting:
        assert waiting.begun() == []
    assert say_unfinished(office) == []
    with office.casework() as casework:
        return said, [act.name for act in journal.acts(casework.db)][::-1]


async def test_a_unit_is_enrolled_and_suspended_with_its_acts_or_not_at_all(tmp_path: Path) -> None:
    async with founded(tmp_path, 1) as province:
        hub, other = province.hub, FakeNode(tmp_path / "other", number=7)
        home, raw = hub.home.path, other.files(ROOT).read(root_path(1))
        enrolling: tuple[Any, ...] = (enrol_document, home, START, raw, other.fingerprint)
        await killed_before("registry", *enrolling)
        assert (stands(hub, other), told(hub)) == ("", ([], []))
        await killed_before("act", *enrolling)
        assert stands(hub, other) == "enrolled"
        assert told(hub) == (["node.enrolled"], ["node.enrolled"])
        await killed_before("registry", suspend, home, START, other.origin)
        assert (stands(hub, other), told(hub)[0]) == ("enrolled", [])
        await killed_before("act", suspend, home, START, other.origin)
        assert stands(hub, other) == "suspended"
        assert told(hub) == (["node.suspended"], ["node.enrolled", "node.suspended"])


async def test_what_is_written_to_the_outbox_is_said_or_not_written(tmp_path: Path) -> None:
    async with founded(tmp_path, 1) as province:
        hub = province.hub
        await province.sync()
        await killed_before("outbox", hold, hub.home.path, START)
        assert (held(hub), told(hub)) == ({}, ([], []))
        await killed_before("act", hold, hub.home.path, START)
        assert (held(hub), told(hub)[0]) == ({"1": "示例"}, ["forward.held"])


async def test_the_end_of_a_quarantine_is_finished_or_was_never_begun(tmp_path: Path) -> None:
    async with founded(tmp_path, 1) as province:
        hub, node = province.hub, province.nodes[0]
        node.publish({"pub": {"kind": "unit", "id": node.uscc, "name_zh": "示例大学"}})
        await province.sync()
        node.fork()
        await province.sync(600)
        origin = f"{node.origin}/catalogue"
        assert is_quarantined(hub.home, origin)
        ending: tuple[Any, ...] = (end_quarantine, hub.home.path, START, origin)
        await killed_before("evidence", *ending)
        assert (is_quarantined(hub.home, origin), told(hub)) == (True, ([], []))
        await killed_before("unlinking", *ending)  # its notes lie in both places
        assert is_quarantined(hub.home, origin)
        assert told(hub) == (["quarantine.ended"], ["quarantine.ended"])
        assert not is_quarantined(hub.home, origin)
        assert len(list(hub.home.released_evidence.glob("*/*/*.note"))) == 2


def test_whether_a_year_was_entered_or_a_hub_trusted_is_seen_from_what_stands_there(
    tmp_path: Path,
) -> None:
    hub = new_hub(tmp_path / "hub")
    office = Office(hub, lambda: START)
    told: dict[str, Any] = {"notice": "示例通知", "dated": "2026-11-05", "holidays": ["01-01"]}
    year = Act("1", START, "a", "workdays.announced", "2027", {**told, "makeup": []})
    trust: dict[str, Any] = {"url": "http://127.0.0.1:1", "fingerprint": "f" * 64, "tiers": ["hub"]}
    trusted = Act("2", START, "a", "above.trusted", "other.example/fenhe", trust)
    assert not is_announced(hub, year) and not is_trusted(hub, trusted)
    announced = announce_year(
        office,
        THE_HUB,
        "2027",
        notice="示例通知",
        dated="2026-11-05",
        holidays=["01-01"],
        makeup=(),
    )
    put_above(hub.home, [Above(trusted.subject, "f" * 64, trust["url"], ("hub",))])
    assert is_announced(hub, announced) and is_announced(hub, year) and is_trusted(hub, trusted)
    assert not is_forgotten(hub, trusted)
    assert forget_above(office, THE_HUB, "f" * 64) == [trusted.subject]
    assert is_forgotten(hub, trusted) and not is_trusted(hub, trusted)
