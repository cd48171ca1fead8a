"""What findings stand on: explained day by day, compared, withdrawn, by rule sets that are kept."""

import json
from contextlib import closing
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from fenhe_hub.cli import main
from fenhe_hub.fed.round import FedRound
from fenhe_hub.fed.rules_in_force import rules_in_force
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.judging.explaining import explain_finding, explanation_json, explanation_lines
from fenhe_hub.judging.kept_rules import kept_bytes, kept_names, kept_rules
from fenhe_hub.judging.overlays import lay_today
from fenhe_hub.judging.what_if import ChangeKind, what_if
from fenhe_hub.office.acting import Office
from fenhe_hub.office.exempting import Grant, ask, grant
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.office.withdrawing import withdraw
from fenhe_hub.operations.check import run_check
from fenhe_hub.operations.what_if import as_json, lines, spreadsheet
from fenhe_hub.rule_file import load_rules, rule_bytes
from fenhe_hub.rules.explain import DayIs
from fenhe_hub.rules.finding import State
from fenhe_protocol.errors import InputError, StoreError
from tests.hub.fake_node import FakeNode
from tests.hub.houses import served
from tests.hub.provinces import Province, founded
from tests.hub.settings import reconfigured

FOUR_POINTS = {"model": "EX-400", "function": "测定结构", "user_notice": "提前预约"}
DAY = 86_400


def bought(id_: str, accepted_on: str, **fields: Any) -> dict[str, dict[str, Any]]:
    envelope = {"kind": "instrument", "id": id_}
    public = {"name_zh": f"示例仪器{id_}", "status": "normal", "accepted_on": accepted_on}
    held = {"value_yuan": 350_000, "funds": ["local"]}
    return {"pub": {**envelope, **public, **FOUR_POINTS, **fields}, "hub": envelope | held}


def shown(hub: Hub, rule: str = "D1") -> dict[str, tuple[str, str, bool]]:
    """Of each record what is shown, what was judged and whether it leads to measures."""
    with closing(open_index(hub.home.index)) as db:
        rows = db.execute(
            "SELECT id, state, judged, measures FROM finding WHERE rule = ?", [rule]
        ).fetchall()
    return {id_: (state, judged, bool(measures)) for id_, state, judged, measures in rows}


def stricter(hub: Hub, path: Path) -> Path:
    """The rule set that ships, with other numbers and without D12."""
    text = rule_bytes(hub.config.rules).decode()
    text = text.replace("name: shanxi-2015-draft", "name: trial").replace("days: 30 ", "days: 70 ")
    path.write_text(text[: text.index("  - rule: D12")], encoding="utf-8")
    return path


async def checked(province: Province, node: FakeNode) -> Hub:
    """A unit with one instrument that came late, and one that is not due yet."""
    node.publish(bought("A-1", "2026-09-01"), bought("A-2", "2026-11-02", function=None))
    await province.sync()
    run_check(province.hub, province.now)
    return province.hub


async def test_a_finding_is_explained_day_by_day_by_the_rules_that_made_it(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        hub, node = await checked(province, province.nodes[0]), province.nodes[0]
        name = f"{node.uscc}/D1/instrument/A-1"
        reconfigured(hub, rules=str(stricter(hub, tmp_path / "other.yaml")))
        told = explain_finding(hub, name, province.now + 400 * DAY)
    counted = [each for each in told.days if each.number]
    assert told.finding.state is State.OVERDUE
    assert (len(counted), counted[-1].on) == (30, date(2026, 10, 19))
    kinds = {each.on: each.is_ for each in told.days}
    assert kinds[date(2026, 9, 20)] is DayIs.MAKE_UP  # a Sunday that was worked
    assert kinds[date(2026, 10, 1)] is DayIs.HOLIDAY
    assert kinds[date(2026, 9, 5)] is DayIs.REST
    holiday = next(each for each in told.days if each.on == date(2026, 10, 1))
    assert "2026年" in holiday.source
    value = explanation_json(told)
    assert value["rule"]["parameters"]["days"] == 30
    assert value["evidence"][0]["index"] == 0
    text = "\n".join(explanation_lines(told))
    assert "验收" in text and "国务院" in text and "二(四)" in text
    with pytest.raises(InputError, match=r"rules\.finding"):
        explain_finding(hub, f"{node.uscc}/D1/instrument/A-9", province.now)


async def test_another_rule_set_is_compared_finding_by_finding_and_writes_nothing(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        hub, node = await checked(province, province.nodes[0]), province.nodes[0]
        before = shown(hub)
        other = load_rules(str(stricter(hub, tmp_path / "other.yaml")))
        found = what_if(hub, load_rules(), other, province.now)
        assert shown(hub) == before
    changes = {each.finding: each for each in found.changes}
    late = changes[f"{node.uscc}/D1/instrument/A-1"]
    assert (late.change, late.state_now, late.state_then) == (ChangeKind.STATE, "overdue", "met")
    assert (late.leads_now, late.leads_then) == (True, False)
    assert changes[f"{node.uscc}/D12/unit/{node.uscc}"].change is ChangeKind.VANISHES
    assert found.totals()["D1"]["state"] >= 1
    assert as_json(found)["by_unit"] == {node.uscc: len(found.changes)}
    assert any("消失" in line for line in lines(found))
    sheet = load_workbook(BytesIO(spreadsheet(found))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 1 + len(found.changes)
    assert rows[1][0] == node.uscc
    assert what_if(hub, other, other, province.now).changes == ()


async def test_an_exemption_is_laid_over_its_finding_until_its_last_day(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        hub, node = await checked(province, province.nodes[0]), province.nodes[0]
        assert shown(hub)["A-1"] == ("overdue", "overdue", True)
        office = Office(hub, lambda: province.now)
        asked = ask(office, THE_HUB, f"{node.uscc}/*/instrument/A-1", "示例理由", "示例函")
        told = Grant("示例科技厅", "示例理由", "示例备〔2026〕1号", "2026-11-01", "2026-11-30")
        grant(office, THE_HUB, asked.subject, told)
        assert lay_today(hub, province.now) > 1  # the record, by every rule that judges it
        assert shown(hub)["A-1"] == ("exempt", "overdue", False)
        run_check(hub, province.now)
        assert shown(hub)["A-1"] == ("exempt", "overdue", False)
        explained = explain_finding(hub, f"{node.uscc}/D1/instrument/A-1", province.now)
        assert any("示例备〔2026〕1号" in line for line in explanation_lines(explained))
        lay_today(hub, province.now + 8 * DAY)
        assert shown(hub)["A-1"] == ("overdue", "overdue", True)


async def test_findings_are_withdrawn_by_their_rule_set_and_come_back_with_another(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        hub, node = await checked(province, province.nodes[0]), province.nodes[0]
        rules = load_rules()
        office = Office(hub, lambda: province.now)
        act = withdraw(office, THE_HUB, rules.sha256, "示例：期限算错", rule="D1")
        assert act.subject == "K-2026-0001"
        lay_today(hub, province.now)
        assert shown(hub)["A-1"] == ("not_applicable", "overdue", False)
        explained = explain_finding(hub, f"{node.uscc}/D1/instrument/A-1", province.now)
        assert "期限算错" in explained.finding.todo.zh
        for wrong in ({"rule": "D1"}, {"rule": "D99"}):
            with pytest.raises(InputError):
                withdraw(office, THE_HUB, rules.sha256, "示例", **wrong)
        with pytest.raises(InputError, match=r"rules\.lost"):
            withdraw(office, THE_HUB, "00" * 32, "示例")
        with FedRound(hub) as fed:
            assert fed.publish(province.now).words["act"] == 1
        text = rule_bytes().replace(b"line_yuan: 200000", b"line_yuan: 200001")
        (tmp_path / "next.yaml").write_bytes(text)
        run_check(reconfigured(hub, rules=str(tmp_path / "next.yaml")), province.now)
        assert shown(hub)["A-1"] == ("overdue", "overdue", True)


async def test_what_was_withdrawn_is_public_with_the_rules_it_was_judged_by(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        hub, rules = await checked(province, province.nodes[0]), load_rules()
        withdraw(Office(hub, lambda: province.now), THE_HUB, rules.sha256, "示例：期限算错")
        lay_today(hub, province.now)
        async with served(hub) as visitor:
            page = await (await visitor.get("rules")).text()
            kept = await (await visitor.get(f"rules/{rules.sha256}.yaml")).read()
            listed = await (await visitor.get("findings?state=all&rule=D1")).text()
            told = await (await visitor.get("api/v1/findings?state=all&rule=D1")).json()
            absent = await visitor.get(f"rules/{'00' * 32}.yaml")
        assert "K-2026-0001" in page and "期限算错" in page and "示例 example" in page
        assert (kept, absent.status) == (rule_bytes(), 404)
        assert "撤回此项认定" in listed
        (first, *_) = told["items"]
        assert first["withdrawn"]["number"] == "K-2026-0001"
        assert (first["rule_set"], first["leads_to_measures"]) == (rules.sha256, False)


async def test_the_terminal_explains_compares_and_withdraws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with founded(tmp_path, units=1) as province:
        hub, node = await checked(province, province.nodes[0]), province.nodes[0]
    home, digest = str(hub.home.path), load_rules().sha256
    other, file = stricter(hub, tmp_path / "other.yaml"), tmp_path / "what-if.xlsx"

    def said(*command: str) -> Any:
        assert main(["--home", home, *command, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert len(said("explain", f"{node.uscc}/D1/instrument/A-1")["days"]) == 48
    assert said("check", "--rules", str(other), "--xlsx", str(file))["rules"] == "trial"
    assert file.read_bytes().startswith(b"PK")
    assert main(["--home", home, "check", "--xlsx", str(file)]) == 2
    assert "--rules" in capsys.readouterr().err
    assert [each["sha256"] for each in said("rule-sets")] == [digest]
    assert said("workdays")["provisional_from"] == 2027
    given = ("--rules", digest, "--rule", "D1", "--reason", "示例：期限算错")
    assert said("withdraw-findings", *given)["findings"] == 2
    assert main(["--home", home, "withdraw-findings", *given]) == 1
    assert "register.known" in capsys.readouterr().err
    assert main(["--home", home, "explain", "nothing"]) == 1


async def test_every_rule_set_that_was_used_is_kept_and_fed_says_when(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        hub = await checked(province, province.nodes[0])
        first = load_rules()
        other = reconfigured(hub, rules=str(stricter(hub, tmp_path / "other.yaml")))
        second = load_rules(other.config.rules)
        for each in (other, hub):  # the first set comes back
            province.now += 60
            with FedRound(each) as fed:
                fed.publish(province.now)
        told = rules_in_force(hub)
    assert [each.sha256 for each in told] == [first.sha256, second.sha256, first.sha256]
    assert all(each.kept for each in told)
    assert kept_names(hub.home) == sorted({first.sha256, second.sha256})
    assert kept_rules(hub.home, second.sha256) == second
    (hub.home.rules / f"{second.sha256}.yaml").write_bytes(b"name: other")
    assert kept_bytes(hub.home, second.sha256) is None
    with pytest.raises(StoreError, match=r"rules\.lost"):
        kept_rules(hub.home, second.sha256)
