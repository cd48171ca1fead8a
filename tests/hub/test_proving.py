"""The proof of a finding: made at the hub, judged offline by anybody who has the file."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from fenhe_client.cli import main as reader_command
from fenhe_client.findings.reckoned import reckon
from fenhe_client.findings.told import told
from fenhe_hub.cli import main as hub_command
from fenhe_hub.index.findings import replace_findings
from fenhe_hub.index.tables import open_index
from fenhe_hub.office import exempting
from fenhe_hub.office.acting import Office
from fenhe_hub.office.exempting import Grant
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.check import run_check
from fenhe_hub.proving.finding import prove_finding
from fenhe_hub.rule_file import shipped_rules
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_protocol.errors import InputError
from fenhe_protocol.finding_proof import examine
from fenhe_protocol.finding_seen import Examined
from tests.hub.fake_node import instrument
from tests.hub.houses import served
from tests.hub.provinces import Province, founded

LATE = Finding(
    "D1",
    State.OVERDUE,
    "instrument",
    "A-9",
    due=date(2026, 11, 20),
    since=date(2026, 11, 20),
    todo=Todo("补报", "submit it"),
)


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        yield province


def found(province: Province, *findings: Finding) -> None:
    with closing(open_index(province.hub.home.index)) as db:
        replace_findings(db, [(1, each) for each in findings])


def name(province: Province, finding: Finding = LATE) -> str:
    return f"{province.nodes[0].uscc}/{finding.rule}/{finding.kind}/{finding.id}"


def proof(province: Province, finding: Finding = LATE) -> bytes:
    with closing(open_index(province.hub.home.index)) as db:
        return prove_finding(province.hub, db, name(province, finding), province.now)


def judged(province: Province, finding: Finding = LATE) -> Examined:
    return examine(proof(province, finding), fingerprint=province.hub.fingerprint)


async def test_what_was_never_there_is_proven_absent_and_what_came_late_is_seen(
    province: Province,
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    found(province, LATE)
    seen = judged(province)
    assert seen.is_complete and not seen.sightings and not reckon(seen).doubts
    assert seen.logs[0].opened == 2 and seen.registration.origin == node.origin
    node.publish(instrument("A-9"))
    await province.sync()
    found(province, LATE)
    (sighting,) = judged(province).sightings
    assert sighting.place.index == seen.logs[0].size
    assert sighting.at_latest is not None and sighting.at_latest <= province.now


async def test_erased_bodies_are_proven_erased_and_when_they_first_came_stays_known(
    province: Province,
) -> None:
    node = province.nodes[0]
    first = node.publish(instrument("A-9")) - 1
    await province.sync()
    node.publish(instrument("A-9", function="已改正"))
    node.erase(first, first + 1)
    for _ in range(3):  # the date is said before the erasure is obeyed
        await province.sync()
    found(province, LATE)
    seen = judged(province)
    assert (seen.logs[0].erased, seen.is_complete) == ((first,), True)
    ((_, kept),) = seen.first_receipts
    assert (kept.place.index, kept.first) == (first + 1, "2026-11-23")
    assert "首次送达为 2026-11-23" in told(seen, reckon(seen), is_compared=True)


async def test_the_file_goes_out_by_command_and_is_explained_offline(
    province: Province, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province.nodes[0].publish(instrument("A-1"))
    await province.sync()
    found(province, LATE)
    file = str(tmp_path / "finding.json")
    home = ["--home", str(province.hub.home.path)]
    assert hub_command([*home, "evidence", name(province), "--to", file]) == 0
    capsys.readouterr()
    words = ["verify-evidence", file, "--fingerprint", province.hub.fingerprint]
    assert await asyncio.to_thread(reader_command, words) == 0
    text = capsys.readouterr().out
    assert "从未有过 instrument/A-9 的公开正文" in text and "What does not follow" in text
    assert await asyncio.to_thread(reader_command, [*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["complete"] and said["claim"]["state"] == "overdue"
    assert await asyncio.to_thread(reader_command, [*words[:3], "ab" * 32]) == 3


async def test_a_claim_that_the_log_contradicts_is_told_apart_by_its_exit_code(
    province: Province, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = province.nodes[0]
    index = node.publish(instrument("A-9")) - 1
    await province.sync()
    ground = Evidence(f"{node.origin}/catalogue", index, date(2026, 12, 1))
    found(province, Finding("D1", State.OVERDUE, "instrument", "A-9", evidence=(ground,)))
    file = tmp_path / "finding.json"
    file.write_bytes(proof(province))
    assert await asyncio.to_thread(reader_command, ["verify-evidence", str(file)]) == 4
    assert "省平台却记为 2026-12-01" in capsys.readouterr().out


async def test_nothing_is_proven_before_it_is_found_and_said(province: Province) -> None:
    for wanted in ("nonsense", name(province)):
        with closing(open_index(province.hub.home.index)) as db, pytest.raises(InputError):
            prove_finding(province.hub, db, wanted, province.now)


async def test_everyone_may_have_the_proof_of_a_public_finding_and_of_no_other(
    province: Province,
) -> None:
    province.nodes[0].publish(instrument("A-9"))
    await province.sync()
    hidden = Finding("D5", State.OVERDUE, "leaf", "u1.example/fenhe/catalogue#0/pub")
    found(province, LATE, hidden)
    async with served(province.hub, province.now) as visitor:
        path = f"api/v1/findings/{province.nodes[0].uscc}"
        answer = await visitor.get(f"{path}/D1/proof?kind=instrument&id=A-9")
        assert answer.status == 200, await answer.text()
        raw = await answer.read()
        other = await visitor.get(f"{path}/D5/proof?kind=leaf&id={quote(hidden.id)}")
        absent = await visitor.get(f"{path}/D1/proof?kind=instrument&id=A-8")
    assert examine(raw, fingerprint=province.hub.fingerprint).sightings
    assert (other.status, absent.status) == (404, 404)


def bought(id_: str, on: str) -> dict[str, dict[str, object]]:
    """An instrument that was bought with public money."""
    made = instrument(id_, accepted_on=on, model="X", function="测试", user_notice="示例")
    made["hub"] |= {"funds": ["local"]}
    return made


async def test_a_due_date_of_the_real_rules_is_counted_again_and_comes_out_the_same(
    province: Province,
) -> None:
    node = province.nodes[0]
    node.publish(bought("A-9", "2026-09-01"))
    await province.sync()
    run_check(province.hub, province.now)
    seen = judged(province)
    reckoned = reckon(seen)
    assert (seen.claim["state"], seen.claim["due"]) == ("overdue", "2026-10-19")
    assert reckoned.recount is not None and not reckoned.doubts
    assert reckoned.recount.due.isoformat() == seen.claim["due"]
    told_of = told(seen, reckoned, is_compared=True)
    assert "自 2026-09-01 次日起 30个工作日，期限是 2026-10-19" in told_of


async def test_a_finding_is_proven_by_the_rules_that_made_it_also_when_others_are_in_force(
    province: Province, tmp_path: Path
) -> None:
    province.nodes[0].publish(bought("A-9", "2026-09-01"))
    await province.sync()
    run_check(province.hub, province.now)
    first = judged(province)
    other = tmp_path / "rules.yaml"
    other.write_bytes(shipped_rules() + b"# another\n")
    province.hub = replace(province.hub, config=replace(province.hub.config, rules=str(other)))
    await province.sync()
    assert province.said("rule")[first.rule.name]["sha256"] != first.rule.sha256
    again = judged(province)
    assert (again.rule, again.rule_at) == (first.rule, first.rule_at)


async def test_what_the_office_laid_over_it_goes_with_it_and_is_not_told_to_everyone(
    province: Province,
) -> None:
    province.nodes[0].publish(instrument("A-9"))
    await province.sync()
    office = Office(province.hub, lambda: province.now)
    asked = exempting.ask(office, THE_HUB, name(province), "搬迁", "示例文件1号")
    granted = Grant("示例部门", "搬迁", "备案1号", "2026-11-01", "2027-11-01", "示例批文1号")
    exempting.grant(office, THE_HUB, asked.subject, granted)
    exempting.ask(office, THE_HUB, f"{name(province)[:18]}/D2", "无关", "示例文件2号")
    found(province, LATE)
    with pytest.raises(InputError, match=r"finding\.unsaid"):
        proof(province)
    await province.sync()
    seen = judged(province)
    assert [act.name for _, act in seen.acts] == ["exemption.asked", "exemption.granted"]
    assert seen.acts[1][1].details["filing_no"] == "备案1号"
    ground = Evidence(f"{province.nodes[0].origin}/usage", 3, None)
    found(province, replace(LATE, evidence=(ground,)))
    with closing(open_index(province.hub.home.index)) as db:
        raw = prove_finding(province.hub, db, name(province), province.now, for_everyone=True)
    public = examine(raw)
    assert not public.acts and not public.grounds and judged(province).grounds
