"""The whole way of a user: list, node, hub, gateway, platform, each a real process of its own.

Invented users stand in a unit's list and arrive at the receiving server. On the way the memory of
the hub and of the gateway is searched for them: while the platform does not answer, afterwards, and
when the hub was started again. Start at `told_in`.
"""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deploy.demo.ports import free_port
from deploy.demo.programs import configure, read, wait_until_up
from tests.federation.memory import PERSONS, Searched, may_read, needles, search
from tests.federation.planting import mail, mobile, name
from tests.federation.province import HUB_ORIGIN, HUB_USCC, SOMETHING_REFUSED, Province, province_in
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
    """What took part, and what was said and searched on the way."""

    province: Province
    receiver: str
    early: dict[str, Any]  # the gateway's report before the instrument was accepted
    status: dict[str, Any] = field(default_factory=dict)  # what it reports in the end
    memory: dict[str, Searched] = field(default_factory=dict)  # empty: not readable here

    def gateway(self, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
        return _gateway(self.province, *command, allowed=allowed)

    def received(self) -> list[dict[str, Any]]:
        return [record for record in _received(self.receiver) if "recordInnerId" in record]

    def search(self, when: str, name: str) -> None:
        """Search a server's memory for the users, and for what it has to hold."""
        pid = self.province.process(name).pid
        if may_read(pid):
            self.memory[f"{name} {when}"] = search(pid, needles(*PERSONS, HUB_ORIGIN))


@contextmanager
def told_in(folder: Path) -> Iterator[Story]:
    """Tell it; what serves goes on until the block ends."""
    with province_in(folder) as province:
        receiver = _serve_receiver(province)
        made = _found(province, f"{receiver}/WS_Server/cxf/instru?wsdl")
        _publish(province, made)
        province.serve("hub")
        province.serve("node")
        province.enrol("node")
        province.sync()
        province.until_cosigned("node.example/fenhe", "usage", SERVICES)
        early = until(lambda: _gateway(province, "forward"), lambda report: bool(report["groups"]))
        assert province.hub("forward")["forwarded"] == 1
        story = Story(province, receiver, early)
        _forward(story)
        _start_hub_again(story)
        yield story


def _forward(story: Story) -> None:
    province = story.province
    with _silent(province):
        _serve_gateway(province)
        until(lambda: "sending" in _states(province))
        for name in ("hub", "gateway"):
            story.search("during", name)
    until(story.received, lambda records: len(records) == SERVICES)
    story.search("after", "hub")


def _start_hub_again(story: Story) -> None:
    """It is given one of the users anew, and reads all of them for the gateway."""
    province = story.province
    province.stop("hub")
    province.serve("hub")
    services = _services()
    services[0] |= {"phone": mobile(SERVICES)}
    _import(province, "service_record", services)
    province.node("node", "publish")
    until(story.received, lambda records: mobile(SERVICES) in _phones(records))
    story.search("started again", "hub")
    healthy = b"fenhe_gateway_healthy 1.0"
    until(lambda: read(province.url("gateway") + "/metrics"), lambda said: healthy in said)
    story.status.update(story.gateway("status"))


@contextmanager
def _silent(province: Province) -> Iterator[None]:
    """The platform takes calls and does not answer."""
    receiver = province.process("receiver").pid
    os.kill(receiver, signal.SIGSTOP)  # the system goes on taking connections for it
    try:
        yield
    finally:
        os.kill(receiver, signal.SIGCONT)


def _phones(records: list[dict[str, Any]]) -> set[str]:
    return {record["applicantPhone"] for record in records}


def _states(province: Province) -> set[str]:
    """Of the items in the gateway's outbox."""
    outbox = province.home("gateway") / "outbox.sqlite"
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as db:
        return {state for (state,) in db.execute("SELECT state FROM item")}


def _received(receiver: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(read(receiver + "/received"))["records"]
    return records


def _serve_receiver(province: Province) -> str:
    address = f"127.0.0.1:{free_port()}"
    command = ("deploy.nrii_receiver", "--listen", address, "--unit", INS_CODE)
    province.start("receiver", *command)
    wait_until_up(f"http://{address}/received")
    return f"http://{address}"


def _gateway(province: Province, *command: str, allowed: tuple[int, ...] = (0,)) -> Any:
    home = str(province.home("gateway"))
    return province.programs.answer(
        "fenhe-hub", "--home", home, "gateway", *command, allowed=allowed
    )


def _found(province: Province, wsdl: str) -> dict[str, Any]:
    """Make the hub and the gateway; what the gateway said of itself."""
    province.found_hub(interval_seconds=1, national_wsdl=wsdl, national_approval="false")
    made: dict[str, Any] = _gateway(
        province,
        *("init", "--origin", "gateway.example/nrii", "--uscc", HUB_USCC),
        *("--hub", province.url("hub"), "--hub-fingerprint", province.fingerprint),
        *("--wsdl", wsdl),
    )
    configure(province.home("gateway"), {"interval_seconds": "1", "national_seconds": "300"})
    reader = {"name": "gateway", "key": made["request_key"], "tiers": ["hub", "nat"]}
    province.configure_hub(readers=json.dumps([reader]))
    return made


def _serve_gateway(province: Province) -> None:
    home, monitor = str(province.home("gateway")), province.url("gateway").removeprefix("http://")
    command = ("fenhe-hub", "--home", home, "gateway", "serve", "--listen", monitor)
    province.start("gateway", *command)


def _publish(province: Province, made: dict[str, Any]) -> None:
    province.found_node("node", "示例大学", USCC)
    mark = made["fingerprint"]
    province.node("node", "trust", made["documents"], "--fingerprint", mark, "--gateway")
    _import(province, "unit", [UNIT])
    _import(province, "instrument", [INSTRUMENT])
    _import(province, "service_record", _services())
    answer = province.node("node", "publish", allowed=SOMETHING_REFUSED)
    assert (answer["refused"], answer["unsealed"]) == ([], 0)


def _services() -> list[dict[str, str]]:
    return [{"id": f"S-{row}", **SERVICE, **_user(row)} for row in range(SERVICES)]


def _user(row: int) -> dict[str, str]:
    return {
        "applicant": name(row),
        "phone": mobile(row),
        "mail": mail(row),
        "applicant_unit": f"示例公司{name(row)}工作室",
        "project_name": f"{name(row)}的示例课题",
    }


def _import(province: Province, kind: str, rows: list[dict[str, str]]) -> None:
    columns = list(rows[0])
    headers = [f"列 {each}" for each in columns]
    mapping = province.folder / f"{kind}.yaml"
    spec = {"kind": kind, "columns": dict(zip(headers, columns, strict=True))}
    mapping.write_text(yaml.safe_dump(spec, allow_unicode=True), "utf-8")
    table = [headers, *([row[each] for each in columns] for row in rows)]
    sheet = write_xlsx(province.folder / f"{kind}.xlsx", table)
    source = ("import", str(sheet), "--mapping", str(mapping))
    province.node("node", *source, allowed=SOMETHING_REFUSED)
