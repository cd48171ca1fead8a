"""From a sealed line at a unit through the hub and the gateway to a real receiving server."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.writing.feed_writer import new_record
from fenhe_hub.cli import main
from fenhe_hub.gateway.home import open_gateway
from fenhe_hub.mirror.sealed_ledger import taken
from fenhe_hub.upstream.obeying import note_audits, send_returned
from fenhe_hub.upstream.outbox import ItemState
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import InputError
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.seal import OpeningKey, seal_body
from tests.hub.fake_node import service
from tests.hub.gateway_house import OPEN, SECRETS, USER, House, gateway_house, with_next_seal
from tests.hub.poor_platforms import Talkative, Torn

CODE_DONE = 100
CODE_DONE_SAID = "100"
NUMBER = "recordInnerId"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(tmp_path) as house:
        yield house


@pytest.fixture
async def ready(house: House) -> House:
    """The unit is described, its instrument accepted, one service given."""
    house.describe_unit()
    house.own("A-1")
    house.serve_users(house.sealed("S-1"))
    await house.province.sync()
    assert [item.code for item in await house.report_instruments()] == [CODE_DONE]
    return house


def found_below(folder: Path) -> dict[str, list[str]]:
    """In which files below a folder, databases and journals included, a user can be read."""
    spellings = {
        text: [text.encode(), text.encode("utf-16-le"), text.encode("unicode_escape")]
        for text in SECRETS
    }
    found: dict[str, list[str]] = {}
    for path in filter(Path.is_file, folder.rglob("*")):
        raw = path.read_bytes()
        for text, each in spellings.items():
            if any(spelling in raw for spelling in each):
                found.setdefault(str(path), []).append(text)
    return found


async def test_a_user_arrives_at_the_platform_and_is_nowhere_else(
    ready: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    sent = await ready.round()
    assert [(item.state, item.code) for item in sent] == [(ItemState.DONE, CODE_DONE)]
    [record] = ready.arrived()
    assert record["recordInnerId"] == "S-1" and record["innerId"] == "A-1"
    assert {record[name] for name in ("applicant", "applicantPhone", "applicantEmail")} == {
        USER["applicant"], USER["phone"], USER["mail"],
    }  # fmt: skip
    assert found_below(ready.province.hub.home.path) == {}
    assert found_below(ready.gateway.path) == {}
    assert found_below(ready.node.folder) == {}
    assert not [text for text in SECRETS if text in caplog.text]
    assert ready.warned == []


async def test_the_hub_learns_what_is_held_and_once(ready: House) -> None:
    await ready.round()
    folder = ready.province.hub.home.mirror(f"{ready.node.origin}/usage")
    assert [each[:2] for each in taken(folder)] == [(0, 1)]
    with ready.desk() as desk:
        assert desk.store.untold() == {}


async def test_nothing_new_is_nothing_sent(ready: House) -> None:
    await ready.round()
    calls = len(ready.ledger.calls)
    assert await ready.round() == []
    assert len(ready.ledger.calls) == calls


async def test_a_service_waits_for_its_instrument_and_says_so(house: House) -> None:
    house.describe_unit()
    house.own("A-1")
    house.ledger.forced["A-1"] = 202
    house.serve_users(house.sealed("S-1"), house.sealed("S-2", instrument="B-9"))
    await house.province.sync()
    await house.report_instruments()
    assert await house.round() == []
    assert house.standing("S-1").obstacle.startswith("仪器尚未被接受")
    assert house.standing("S-2").obstacle.startswith("仪器不在上报范围")
    house.ledger.forced.clear()
    house.own("A-1", department="示例学院")
    await house.province.sync()
    await house.report_instruments()
    assert [item.candidate.record_id for item in await house.round()] == ["S-1"]
    types = [call.instru_type for call in house.ledger.calls if call.code == CODE_DONE]
    assert types == [4, 6]


async def test_what_cannot_be_true_stays_until_the_unit_mends_it(ready: House) -> None:
    ready.serve_users(ready.sealed("S-1", effective_minutes=999))
    assert await ready.round() == []
    found = ready.standing()
    assert found.item.candidate.lacking == ("serviceAmount 超出服务的起止时间",)
    assert found.mendable and found.obstacle.startswith("待单位补正")
    ready.serve_users(ready.sealed("S-1"))
    assert [item.state for item in await ready.round()] == [ItemState.DONE]


async def test_a_later_open_part_goes_with_the_sealed_part_before(ready: House) -> None:
    await ready.round()
    node = ready.node
    node.publish({"hub": {**service("S-1")["hub"], **OPEN, "amount_fen": 50_000}}, log="usage")
    assert len(await ready.round()) == 1
    [record] = ready.arrived()
    assert (record["amounts"], record["applicant"]) == ("500", USER["applicant"])
    another = {**USER, "applicant": "示例用户乙"}
    node.append([_nat_only(ready, another)], log="usage")
    assert len(await ready.round()) == 1
    assert [each["applicant"] for each in ready.arrived()] == ["示例用户乙"]


def _nat_only(house: House, user: dict[str, object]) -> Entry:
    return new_record(f"{house.node.origin}/usage", {"nat": house.seal("S-1", user)})


async def test_cut_off_before_the_answer_it_is_sent_again(ready: House) -> None:
    with pytest.raises(KeyboardInterrupt):
        await ready.round(upstream=Torn())
    assert ready.standing().item.state is ItemState.SENDING
    assert [item.state for item in await ready.send()] == [ItemState.DONE]
    assert len(ready.arrived()) == 1


async def test_a_reply_that_quotes_a_user_is_kept_sealed_and_shown_without(ready: House) -> None:
    ready.serve_users(ready.sealed("S-2"))
    sent = await ready.round(upstream=Talkative())
    assert [item.state for item in sent] == [ItemState.RETURNED] * 2
    assert found_below(ready.gateway.path) == {}
    one, two = (ready.standing(id) for id in ("S-1", "S-2"))
    assert one.reply.startswith("不收")
    assert not [text for text in SECRETS if text in one.reply]
    assert one.reply == two.reply  # one group, whoever it was
    with ready.desk() as desk:
        send_returned(desk.outbox, "all")
    assert [item.code for item in await ready.send()] == [CODE_DONE] * 2


async def test_held_back_by_unit_or_by_type(ready: House) -> None:
    for subject in (ready.node.uscc, "6"):
        with ready.desk() as desk, desk.outbox.transaction():
            desk.outbox.hold(subject, "示例原因", ready.province.now)
        assert await ready.round() == []
        assert ready.standing().obstacle.startswith("暂停")
        with ready.desk() as desk, desk.outbox.transaction():
            assert desk.outbox.release(subject)
    assert len(await ready.round()) == 1


async def test_what_the_platform_reviews_is_not_pushed_over(ready: House, tmp_path: Path) -> None:
    await ready.round()
    states = tmp_path / "states.csv"
    states.write_text(f"insCode,recordInnerId,auditStatus\n{ready.ins_code()},S-1,0\n")
    with ready.desk() as desk:
        note_audits(desk.outbox, states, number=NUMBER, approval=False)
    ready.serve_users(ready.sealed("S-1", amount_fen=1))
    assert await ready.round() == []
    assert ready.standing().item.state is ItemState.HELD
    states.write_text(f"insCode,recordInnerId,auditStatus\n{ready.ins_code()},S-1,2\n")
    with ready.desk() as desk:
        note_audits(desk.outbox, states, number=NUMBER, approval=False)
    assert len(await ready.round()) == 1
    states.write_text("insCode,innerId\n1,2\n")
    with ready.desk() as desk, pytest.raises(InputError, match=r"forward\.audit"):
        note_audits(desk.outbox, states, number=NUMBER, approval=False)


async def test_a_unit_without_a_code_there_is_blocked(house: House) -> None:
    house.own("A-1")
    house.serve_users(house.sealed("S-1"))
    assert await house.round() == []
    assert house.standing().item.state is ItemState.BLOCKED


async def test_an_erased_user_is_let_go_and_not_sent(ready: House) -> None:
    await ready.province.sync()
    await ready.take()
    with ready.desk() as desk:
        key = next(iter(desk.store.keys()))
    ciphertext = next(ready.gateway.path.glob("store.sqlite")).read_bytes()
    assert key.encode() in ciphertext
    _erase(ready)
    assert await ready.round() == []
    assert ready.standings() == []
    for path in ready.gateway.path.glob("store.sqlite*"):
        assert key.encode() not in path.read_bytes()


def _erase(house: House) -> None:
    leaf = EraseLeaf(((0, 1),), ("hub", "nat"), "law")
    house.node.append([plain_entry(leaf)], log="usage")


async def test_suspended_units_are_not_forwarded(ready: House) -> None:
    await ready.province.sync()
    await ready.take()
    assert ready.warned == []
    registry = ready.province.hub.home.registry_file
    registry.write_text(registry.read_text("utf-8").replace("enrolled", "suspended"), "utf-8")
    await ready.take()
    assert await ready.send() == []
    assert ready.standing().obstacle.startswith("仪器不在上报范围")


async def test_after_a_new_key_old_and_new_bodies_open(ready: House) -> None:
    ready.gateway = with_next_seal(ready.gateway, now=ready.province.now)
    ready.serve_users(ready.sealed("S-2"))
    assert len(await ready.round()) == 2
    with ready.desk() as desk:
        assert sorted(desk.store.keys().values()) == [1, 1]


async def test_what_is_sealed_to_another_or_no_record_is_counted_and_not_sent(
    ready: House,
) -> None:
    origin = f"{ready.node.origin}/usage"
    part = {"unit": ready.node.uscc, "kind": "service_record", "id": "S-8", **USER}
    foreign = seal_body(part, origin=origin, public=OpeningKey.from_seed(b"o" * 32).public)
    wrong = seal_body({"rubbish": "示例用户甲"}, origin=origin, public=ready.gateway.public_key)
    ready.node.append([new_record(origin, {"nat": body}) for body in (foreign, wrong)], log="usage")
    assert len(await ready.round()) == 1
    with ready.desk() as desk:
        assert desk.store.faults() == {"seal.key": 1, "seal.record": 1}
    folder = ready.province.hub.home.mirror(origin)
    assert [each[:2] for each in taken(folder)] == [(0, 1), (2, 3)]  # not another's


def test_the_hubs_own_program_does_not_load_what_opens() -> None:
    script = (
        "import sys, fenhe_hub.cli as c; c._parser(); import fenhe_hub.web.app, fenhe_hub.jobs;"
        "print(sorted(m for m in sys.modules if m.startswith('fenhe_hub.gateway.')))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert run.stdout.strip() == "['fenhe_hub.gateway.commands']"


async def test_a_key_goes_only_once_nobody_needs_it(
    ready: House, capsys: pytest.CaptureFixture[str]
) -> None:
    old = ready.gateway.current_seal
    await ready.province.sync()
    await ready.take()
    ready.gateway = with_next_seal(ready.gateway, now=ready.province.now)
    home = ("--home", str(ready.gateway.path), "gateway", "destroy-seal")
    assert main([*home, ready.gateway.current_seal]) == 1
    assert main([*home, old]) == 1
    assert len(await ready.send()) == 1
    capsys.readouterr()
    assert main([*home, old]) == 1  # all is forwarded, but the unit has not shown the new key yet
    told = capsys.readouterr().err
    assert "gateway.key-used" in told and ready.node.uscc in told
    ready.serve_users(ready.sealed("S-2"))
    ready.province.now += 60
    await ready.province.sync()
    await ready.take()
    assert main([*home, old]) == 0
    assert list(open_gateway(ready.gateway.path).seals) == [ready.gateway.current_seal]
    found = ready.standing("S-1")
    assert (found.item.state, found.reply) == (ItemState.DONE, CODE_DONE_SAID)


async def test_what_is_given_up_is_gone(ready: House) -> None:
    old = ready.gateway.current_seal
    await ready.province.sync()
    await ready.take()
    ready.gateway = with_next_seal(ready.gateway, now=ready.province.now)
    home = ("--home", str(ready.gateway.path), "gateway", "destroy-seal")
    assert main([*home, old, "--anyway"]) == 0
    assert (await ready.send(), ready.standings()) == ([], [])
