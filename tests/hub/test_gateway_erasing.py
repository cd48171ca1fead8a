"""What a unit or the hub erases leaves the gateway; what has arrived is told its operator."""

import html
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_hub.cli import main
from fenhe_hub.gateway import report
from fenhe_hub.gateway.store import Store
from fenhe_hub.operations.erase import erase_at_hub
from fenhe_hub.upstream.outbox import ItemState
from fenhe_hub.upstream.seam import Delivery, Reply
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.fed import EraseOrder, Place
from fenhe_protocol.leaf import EraseLeaf
from tests.hub.gateway_house import House, gateway_house, with_next_seal

CODE_DONE = 100


@pytest.fixture
async def sent(tmp_path: Path) -> AsyncIterator[House]:
    """One service has arrived at the platform."""
    async with gateway_house(tmp_path) as house:
        house.describe_unit()
        house.own("A-1")
        house.serve_users(house.sealed("S-1"))
        await house.province.sync()
        await house.report_instruments()
        assert [item.state for item in await house.round()] == [ItemState.DONE]
        yield house


def traces(house: House) -> list[bytes]:
    """What could be left of the one service: its ciphertext, and the sealed answer to it."""
    with house.desk() as desk:
        lines = [desk.store.state("service_record", tier, house.node.uscc, "S-1")
                 for tier in ("hub", "nat")]  # fmt: skip
        found = [line.body for line in lines if line is not None]
        return [*found, *(raw.encode() for *_, raw in desk.outbox.replies() if raw)]


def left_of(house: House, found: list[bytes]) -> list[str]:
    """In which files of the gateway's home any of it still stands."""
    files = filter(Path.is_file, house.gateway.path.rglob("*"))
    return [path.name for path in files if any(each in path.read_bytes() for each in found)]


def erase(house: House, *tiers: str, stop: int = 1) -> None:
    leaf = EraseLeaf(((0, stop),), tiers or None, "law")
    house.node.append([plain_entry(leaf)], log="usage")


@pytest.mark.parametrize("tiers", [(), ("nat",), ("hub", "nat")])
async def test_no_byte_of_what_a_unit_erased_is_left_even_where_nothing_is_sent(
    sent: House, tiers: tuple[str, ...]
) -> None:
    found = traces(sent)
    assert len(found) == 3 and left_of(sent, found)
    erase(sent, *tiers)
    await sent.province.sync()
    await sent.take()  # as `gateway sync` does
    assert left_of(sent, found if "hub" in tiers or not tiers else found[1:]) == []


async def test_what_has_arrived_is_told_until_it_is_taken_down(
    sent: House, capsys: pytest.CaptureFixture[str]
) -> None:
    erase(sent)
    assert await sent.round() == []
    standing = sent.standing()
    assert standing.item.state is ItemState.GONE and not standing.mendable
    uscc = sent.node.uscc
    gone = {"unit": uscc, "kind": "service_record", "id": "S-1"}
    assert report.value([standing])["to_withdraw"] == [gone]
    assert "S-1" in report.text([standing])
    command = ("--home", str(sent.gateway.path), "gateway", "forward", "--report", "--withdrawn")
    assert main([*command, f"{uscc}:S-1"]) == 0
    assert sent.standings() == []
    assert main([*command, f"{uscc}:S-1"]) == 1
    assert "forward.gone" in capsys.readouterr().err


async def test_a_deleted_service_is_told_too_and_may_come_back(sent: House) -> None:
    deleted = {"deleted": {"on": "2026-11-23", "reason": "error"}}
    sent.node.publish({"hub": {"kind": "service_record", "id": "S-1", **deleted}}, log="usage")
    assert await sent.round() == []
    assert sent.standing().item.state is ItemState.GONE
    sent.serve_users(sent.sealed("S-1"))
    assert [item.state for item in await sent.round()] == [ItemState.DONE]


async def test_after_the_cleaned_successor_the_erased_body_and_its_answer_go(sent: House) -> None:
    found = traces(sent)
    sent.serve_users(sent.sealed("S-1", amount_fen=1))
    assert len(await sent.round()) == 1
    erase(sent)
    assert await sent.round() == []
    assert sent.standing().item.state is ItemState.DONE
    assert left_of(sent, found) == []
    assert len(traces(sent)) == 3


async def test_an_order_of_the_hub_is_obeyed_as_well(sent: House) -> None:
    found = traces(sent)
    place = Place(f"{sent.node.origin}/usage", 0, None)
    order = EraseOrder(place, ("hub", "nat"), "law")
    await erase_at_hub(sent.province.hub, [order], lambda: sent.province.now)
    await sent.take()
    assert left_of(sent, found) == []
    assert sent.standing().item.state is ItemState.GONE


async def test_killed_before_it_swept_it_sweeps_the_next_time(
    sent: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = traces(sent)
    erase(sent)
    await sent.province.sync()

    def die(store: Store) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Store, "sweep", die)
        with pytest.raises(KeyboardInterrupt):
            await sent.take()
    await sent.take()
    assert left_of(sent, found) == []
    with sent.desk() as desk:
        assert not desk.store.scour_due()


class Silent:
    """A platform that takes a record, quotes it, and is not understood."""

    async def deliver(self, delivery: Delivery) -> Reply:
        return Reply(None, f"ReadTimeout {html.escape(delivery.payload)}")

    async def close(self) -> None: ...


async def test_what_may_have_arrived_is_told_as_well(sent: House) -> None:
    sent.serve_users(sent.sealed("S-2"))
    await sent.round(upstream=Silent())
    erase(sent, stop=2)
    await sent.round()
    assert [each.item.state for each in sent.standings()] == [ItemState.GONE] * 2


async def test_a_destroyed_key_takes_nothing_back_and_an_erasure_after_it_is_still_told(
    sent: House,
) -> None:
    old = sent.gateway.current_seal
    sent.gateway = with_next_seal(sent.gateway, now=sent.province.now)
    found = traces(sent)
    assert main(["--home", str(sent.gateway.path), "gateway", "destroy-seal", old, "--anyway"]) == 0
    assert left_of(sent, found[1:2]) == []
    assert sent.standing().item.state is ItemState.DONE
    erase(sent, "nat")
    assert await sent.round() == []
    assert sent.standing().item.state is ItemState.GONE
