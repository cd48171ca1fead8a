"""Records as laboratory systems report them to the national platform, one of each type by number.

And a unit's intake on a real server, with zeep and PHP's SoapClient as those systems.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import zeep
from requests import Session
from requests.auth import HTTPBasicAuth
from zeep.transports import Transport

from fenhe_client.fetching.listening import listen, make_runner
from fenhe_node.soap.app import PATHS, Intake, make_app
from fenhe_node.store import Store, records
from fenhe_node.store.records import StoredRecord
from tests.node.homes import NOW, UNIT
from tests.wanting import wanting

INS_CODE = "0" * 32
USER, PASSWORD = "lims", "示例口令"
TYPES = (1, 2, 4, 5, 6, 7)
_PLACE = {"province": "山西省", "city": "太原市", "county": "示例区", "street": "示例路1号"}
_OFFICE = {"contact": "示例甲", "phone": "0351-0000000", "email": "a@example.org"}


def said(instru_type: int, number: int = 1) -> dict[str, Any]:
    """One record of a type in the platform's words; services and customs are of instrument 1."""
    return {"insCode": INS_CODE, "auditStatus": "-1"} | _SAID[instru_type](number)


def _centre(number: int) -> dict[str, Any]:
    return {
        "innerId": f"C-{number}",
        "cname": "示例分析测试中心",
        "worth": "8600.5",
        "area": 1800,
        "establish": "2016-01-01",
        "instruNum": 26,
        "accept": 1,
        "subject": "化学,物理学",
        "serviceContent": "分析测试",
        "url": "https://u1.example/c",
        "location": "太原市示例路1号",
        "postalcode": "030000",
        **_OFFICE,
        **_PLACE,
    }


def _installation(number: int) -> dict[str, Any]:
    return {
        "innerId": f"F-{number}",
        "cname": "示例装置",
        "ename": "Example facility",
        "enameShort": "EF",
        "worth": "120000.00",
        "beginDate": "2018-05-01",
        "technical": "示例科学中心",
        "function": "示例功能",
        "requirement": "无",
        "serviceContent": "示例大学",
        "competentDep": "示例部门",
        "supInsname": "示例研究所",
        "deviceCategory": "公共实验设施",
        "construction": "2",
        "sciName": "示例乙",
        **_OFFICE,
        **_PLACE,
    }


def _instrument(number: int) -> dict[str, Any]:
    return {
        "innerId": f"A-{number}",
        "cname": "核磁共振波谱仪",
        "instrBelongsType": 1,
        "instrBelongsName": "C-1",
        "instrCategory": "010601",
        "instrSource": "购置",
        "instrSupervise": "是",
        "worth": "486.51",
        "nation": "中国",
        "manufacturer": "示例仪器公司",
        "beginDate": "2015-07-14",
        "type": "通用",
        "instrVersion": "EX-400",
        "technical": "400 MHz",
        "function": "测定结构",
        "subject": "化学, 药学",
        "serviceContent": "氢谱",
        "achievement": "无",
        "requirement": "提前预约",
        "fee": "300元/小时",
        "serviceUrl": "https://booking.example/1",
        "address": "太原市示例路1号",
        "postalcode": "030000",
        "runMachine": "1400.5",
        "serviceMachine": 400,
        "funds": "中央财政资金,单位自有资金",
        "insideDepart": "化学学院",
        **_OFFICE,
        **_PLACE,
    }


def _customs(number: int) -> dict[str, Any]:
    return {
        "innerId": "A-1",
        "declarationNumber": f"0101201512{number:08}",
        "importDate": "2015-07-14",
        "itemNumber": "01",
        "formname": "核磁共振波谱仪",
    }


def _service(number: int) -> dict[str, Any]:
    return {
        "recordInnerId": f"R-{number}",
        "innerId": "A-1",
        "amounts": 500,
        "serviceTime": "2026-07-01 09",
        "endTime": "2026-07-01 12",
        "serviceContent": "示例测试",
        "serviceWay": "委托共享,技术共享",
        "serviceAmount": "2.5",
        "subjectName": "无",
        "subjectIncome": "国家自然科学基金",
        "subjectArea": "化学",
        "applicant": "示例丙",
        "applicatPhone": "0351-0000001",  # as the norm itself spells it
        "applicantEmail": "c@example.org",
        "applicantUnit": "示例公司",
        "comment": "非常满意",
        "serviceType": "130",
        "serviceDirection": "135",
        "adressType": 0,
        "signAgreement": 0,
    }


def _year(number: int) -> dict[str, Any]:
    return {
        "serviceUrl": "https://u1.example/",
        "serviceUrlyear": 2016,
        "billNum": 340,
        "billWorth": "856.23",
        "billWorthInstr": "520",
        "instrNum": 50 + number % 9,
        "instrWorth": "9800.00",
        "remark": "示例成效",
        "remarks": "示例成效",
        "remarkOne": "无",
        "remarkTwo": "示例说明",
    }


_SAID = {1: _centre, 2: _installation, 4: _instrument, 5: _customs, 6: _service, 7: _year}


def with_code(store: Path) -> Path:
    """Let the unit know its code at the national platform."""
    unit = {"unit": UNIT, "kind": "unit", "id": UNIT, "name_zh": "示例大学"}
    with Store.open(store) as opened, opened.transaction():
        whole = unit | {"nrii_ins_code": INS_CODE}
        records.put(opened, [StoredRecord("unit", UNIT, whole, "", NOW)])
    return store


@asynccontextmanager
async def an_intake(
    store: Path, *, user: str = "", founded: bool = False, penalty: float = 0
) -> AsyncIterator[str]:
    """A unit's intake; gives its address. `founded`: its store is left as it is."""
    file = store if founded else with_code(store)
    password = PASSWORD if user else ""
    intake = Intake(file, UNIT, lambda: NOW, user, password, penalty=penalty)
    runner = make_runner(make_app(intake))
    await runner.setup()
    try:
        await listen(runner, "127.0.0.1", 0)
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{PATHS[0]}"
    finally:
        await runner.cleanup()


class Zeep:
    """Python's SOAP client, as a laboratory system would use it."""

    def __init__(self, address: str, *, user: str = "") -> None:
        self._session = Session()
        if user:
            self._session.auth = HTTPBasicAuth(user.encode(), PASSWORD.encode())
        transport = Transport(session=self._session)  # type: ignore[no-untyped-call]
        client = zeep.Client(f"{address}?wsdl", transport=transport)  # type: ignore[no-untyped-call]
        self._service: Any = client.service

    def __enter__(self) -> "Zeep":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def say(self, instru_type: int, what: Any, ins_code: str = INS_CODE) -> int:
        """Send a record, a list of them, or a text; give the code answered."""
        text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
        code = self._service.instruInfo(insCode=ins_code, instruType=instru_type, instruList=text)
        return int(code)


PHP = """
$calls = json_decode(stream_get_contents(STDIN), true);
$client = new SoapClient($argv[1], ["cache_wsdl" => WSDL_CACHE_NONE, "login" => $argv[2],
    "password" => $argv[3]]);
$codes = [];
foreach ($calls as [$type, $text]) {
    $answer = $client->instruInfo(
        ["insCode" => $argv[4], "instruType" => $type, "instruList" => $text]);
    $codes[] = $answer->return;
}
echo json_encode($codes);
"""


async def php_says(address: str, calls: list[tuple[int, Any]], *, user: str = "") -> list[int]:
    """Let PHP's SoapClient make these calls; give the codes answered."""
    if shutil.which("php") is None:
        wanting("php", "no PHP here: apt install php-cli php-soap")
    texts = [(t, json.dumps(what, ensure_ascii=False)) for t, what in calls]
    process = await asyncio.create_subprocess_exec(
        *("php", "-r", PHP, "--", f"{address}?wsdl", user, PASSWORD if user else "", INS_CODE),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate(json.dumps(texts).encode())
    codes: list[int] = json.loads(printed)
    return codes


def whole(store: Path, kind: str, record_id: str) -> Mapping[str, Any]:
    """A stored record, which must be there."""
    with Store.open(store) as opened:
        found = records.find(opened, kind, record_id)
    assert found is not None, (kind, record_id)
    return found.record
