"""The whole way of a user: list, node, hub, gateway, platform, each a real process of its own.

Invented users stand in a unit's list. They arrive at the receiving server; the files, logs and
answers of the hub, and whatever the gateway has at rest, are then searched for them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.demo.ports import free_port
from deploy.demo.programs import read, wait_until_up
from tests.federation.planting import mail, mobile, name
from tests.federation.province import HUB_USCC, SOMETHING_REFUSED, Province, province_in
from tests.federation.scanning import marks_below, marks_in
from tests.node.lists import write_xlsx
from tests.patience import until

USCC = "121400000000000013"
INS_CODE = "0" * 31 + "7"
SERVICES = 5
UNIT = {
    "id": USCC,
    "name_zh": "示例大学",
    "nrii_ins_code": INS_CODE,
    "service_office.name": "示例服务窗口",
    "service_office.landline": "0351-0000000",
    "service_office.role_mailbox": "service@slu.example",
    "service_office.address": "山西省太原市示例区示例路1号",
    "service_office.postcode": "030000",
}
INSTRUMENT = {
    "id": "A-1",
    "name_zh": "示例波谱仪",
    "status": "normal",
    "model": "EX-400",
    "manufacturer": "示例仪器公司",
    "origin_country": "中国",
    "function": "测定结构",
    "technical_specification": "400 MHz",
    "class_code": "010601",
    "subjects": "150",
    "general_or_special": "general",
    "service_content": "氢谱",
    "user_notice": "提前预约",
    "fee_text": "300元/小时",
    "booking_url": "https://booking.example/1",
    "imported_duty_free": "否",
    "in_service_on": "2020-01-02",
    "location.province": "山西省",
    "location.city": "太原市",
    "location.county": "示例区",
    "location.street": "示例路1号",
    "value_yuan": "4865050",
    "funds": "central",
    "acquisition": "purchased",
    "department": "示例学院",
}
SERVICE = {
    "instrument": "A-1",
    "started_at": "2026-11-02 09:00",
    "ended_at": "2026-11-02 11:00",
    "effective_minutes": "110",
    "amount_fen": "30000",
    "way": "1",
    "content": "氢谱测定",
}


@dataclass(frozen=True)
class Story:
    """What took part, and what was said on the way."""

    province: Province
    receiver: str
    early: dict[str, Any]  # the gateway's report before the instrument was accepted
    status: dict[str, Any]

    def gateway(self, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        return _gateway(self.province, *command, allowed=allowed)

    def received(self) -> list[dict[str, Any]]:
        return [record for record in _received(self.receiver) if "recordInnerId" in record]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with province_in(tmp_path_factory.mktemp("gateway")) as province:
        receiver = _serve_receiver(province)
        wsdl = f"{receiver}/WS_Server/cxf/instru?wsdl"
        province.found_hub(interval_seconds=1, national_wsdl=wsdl, national_approval="false")
        made = _gateway(
            province,
            *("init", "--origin", "gateway.example/nrii", "--uscc", HUB_USCC),
            *("--hub", province.url("hub"), "--hub-fingerprint", province.fingerprint),
            *("--wsdl", wsdl),
        )
        reader = {"name": "gateway", "key": made["request_key"], "tiers": ["hub", "nat"]}
        province.configure_hub(readers=json.dumps([reader]))
        _publish(province, made)
        province.serve("hub")
        province.serve("node")
        province.enrol("node")
        province.until_cosigned("node.example/fenhe", "usage", SERVICES)
        early = until(lambda: _gateway(province, "forward"), lambda report: bool(report["groups"]))
        assert province.hub("forward")["forwarded"] == 1
        _serve_gateway(province)
        until(lambda: _received(receiver), lambda records: len(records) == 1 + SERVICES)
        status = _gateway(province, "status")
        yield Story(province, receiver, early, status)


def _received(receiver: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(read(receiver + "/received"))["records"]
    return records


def _serve_receiver(province: Province) -> str:
    address = f"127.0.0.1:{free_port()}"
    province.programs.serve(
        "receiver", "deploy.nrii_receiver", "--listen", address, "--unit", INS_CODE
    )
    wait_until_up(f"http://{address}/received")
    return f"http://{address}"


def _gateway(province: Province, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
    home = str(province.home("gateway"))
    return province.programs.answer(
        "fenhe-hub", "--home", home, "gateway", *command, allowed=allowed
    )


def _serve_gateway(province: Province) -> None:
    config = province.home("gateway") / "config.yaml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("interval_seconds: 300", "interval_seconds: 1"), "utf-8")
    home, monitor = str(province.home("gateway")), province.url("gateway").removeprefix("http://")
    province.programs.serve(
        "gateway", "fenhe-hub", "--home", home, "gateway", "serve", "--listen", monitor
    )


def _publish(province: Province, made: dict[str, Any]) -> None:
    province.found_node("node", "示例大学", USCC)
    mark = made["fingerprint"]
    province.node("node", "trust", made["documents"], "--fingerprint", mark, "--gateway")
    services = [{"id": f"S-{n}", **SERVICE, **_user(n)} for n in range(SERVICES)]
    for kind, rows in (
        ("unit", [UNIT]),
        ("instrument", [INSTRUMENT]),
        ("service_record", services),
    ):
        sheet, mapping = _write_list(province.folder, kind, rows)
        source = ("import", str(sheet), "--mapping", str(mapping))
        province.node("node", *source, allowed=SOMETHING_REFUSED)
    answer = province.node("node", "publish", allowed=SOMETHING_REFUSED)
    assert (answer["refused"], answer["unsealed"]) == ([], 0)


def _user(row: int) -> dict[str, str]:
    return {
        "applicant": name(row),
        "phone": mobile(row),
        "mail": mail(row),
        "applicant_unit": f"示例公司{name(row)}工作室",
        "project_name": f"{name(row)}的示例课题",
    }


def _write_list(folder: Path, kind: str, rows: list[dict[str, str]]) -> tuple[Path, Path]:
    columns = list(rows[0])
    headers = [f"列 {each}" for each in columns]
    mapping = folder / f"{kind}.yaml"
    spec = {"kind": kind, "columns": dict(zip(headers, columns, strict=True))}
    mapping.write_text(yaml.safe_dump(spec, allow_unicode=True), "utf-8")
    table = [headers, *([row[each] for each in columns] for row in rows)]
    return write_xlsx(folder / f"{kind}.xlsx", table), mapping


def test_before_its_instrument_no_service_goes(story: Story) -> None:
    [group] = story.early["groups"]
    assert (group["state"], group["count"]) == ("ready", SERVICES)
    assert group["reason"].startswith("仪器不在上报范围")


def test_every_user_arrives(story: Story) -> None:
    arrived = {record["recordInnerId"]: record for record in story.received()}
    for row in range(SERVICES):
        record = arrived[f"S-{row}"]
        assert (record["applicant"], record["applicantPhone"]) == (name(row), mobile(row))
        assert (record["insCode"], record["innerId"]) == (INS_CODE, "A-1")
    assert marks_in(json.dumps(story.received()).encode())


def test_the_gateway_says_so(story: Story) -> None:
    [group] = story.status["groups"]
    assert (group["state"], group["code"], group["count"]) == ("done", 100, SERVICES)
    assert (story.status["forwarded"], story.status["untold"]) == (SERVICES, 0)
    assert list(story.status["sealed"].values()) == [SERVICES]


def test_a_monitor_sees_that_it_works_and_nobody(story: Story) -> None:
    address = story.province.url("gateway")
    assert json.loads(read(f"{address}/healthz")) == {"status": "ok"}
    numbers = read(f"{address}/metrics")
    assert b'fenhe_gateway_items{state="done"} 5.0' in numbers
    assert marks_in(numbers) == set() and USCC.encode() not in numbers


@pytest.mark.parametrize("home", ["hub", "gateway"])
def test_no_user_is_at_rest(story: Story, home: str) -> None:
    files = {path.name for path in story.province.home(home).rglob("*") if path.is_file()}
    assert "outbox.sqlite" in files
    assert marks_below(story.province.home(home)) == {}


@pytest.mark.parametrize("log", ["hub.log", "gateway.log", "node.log", "commands.log"])
def test_no_user_is_in_a_log(story: Story, log: str) -> None:
    assert marks_in((story.province.folder / log).read_bytes()) == set()


def test_held_back_and_let_go(story: Story) -> None:
    story.gateway("hold", "6", "--why", "示例原因")
    assert story.gateway("status")["on_hold"] == {"6": "示例原因"}
    story.gateway("release", "6")
    assert story.gateway("release", "6", allowed=(1,))["code"] == "gateway.hold"


def test_an_old_key_is_destroyed_once_all_is_forwarded(story: Story) -> None:
    before = story.gateway("fingerprint")
    after = story.gateway("rotate-seal")
    assert after["fingerprint"] == before["fingerprint"] and after["seal"] != before["seal"]
    assert story.gateway("destroy-seal", after["seal"], allowed=(1,))["code"] == "gateway.key"
    gone = story.gateway("destroy-seal", before["seal"])
    assert gone == {"destroyed": before["seal"], "lines": SERVICES}
    assert story.gateway("status")["sealed"] == {}
    assert not list(story.province.home("gateway").glob(f"keys/seal/{before['seal']}*"))
