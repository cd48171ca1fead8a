"""A laboratory system that reports to the national platform is pointed at its unit's node."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, encode_basic_auth

from fenhe_node.check import check
from fenhe_node.config import NodeConfig
from fenhe_node.importing.annotation import annotate
from fenhe_node.importing.calls import Desk, Instru, take_call
from fenhe_node.settings.soap_intake import SoapIntakeSettings
from fenhe_node.soap.listening import taking_calls
from fenhe_node.sources.instru_list import MOST_RECORDS
from fenhe_node.store import Store, calls, imports, records
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import NOW, UNIT, new_node
from tests.node.instru_calls import (
    INS_CODE,
    PASSWORD,
    TYPES,
    USER,
    Zeep,
    an_intake,
    php_says,
    said,
    whole,
    with_code,
)
from tests.node.lists import take, write_csv

SCHEMAS = SchemaSet.load()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return with_code(tmp_path / "store.sqlite")


def call(file: Path, instru_type: int, what: Any, ins_code: str = INS_CODE) -> calls.Call:
    """One call, without a network."""
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
    with Store.open(file) as store:
        return take_call(Desk(store, SCHEMAS, UNIT, NOW), Instru(ins_code, instru_type, text))


async def test_zeep_reports_a_record_of_each_type(file: Path) -> None:
    async with an_intake(file) as address:

        def report() -> list[int]:
            with Zeep(address) as system:
                return [system.say(number, said(number)) for number in TYPES]

        assert await asyncio.to_thread(report) == [100] * 6
    assert whole(file, "centre", "C-1")["value_yuan"] == 86_005_000
    facility = whole(file, "installation", "F-1")
    assert (facility["science_centre"], facility["category"]) == ("示例科学中心", "experiment")
    assert facility["chief_scientist"] == {"name": "示例乙"}
    instrument = whole(file, "instrument", "A-1")
    assert instrument["carrier"] == {"kind": "centre", "type": "centre", "id": "C-1"}
    assert (instrument["declared_run_minutes"], instrument["value_band"]) == (84_030, "from_200")
    assert instrument["customs"]["declaration_no"] == "010120151200000001"
    assert whole(file, "unit_year", "2025")["income_fen"] == 856_230_000


async def test_php_reports_lists_and_signs_in(file: Path) -> None:
    async with an_intake(file, user=USER) as address:
        listed = [(4, [said(4), said(4, 2)]), (6, [said(6, n) for n in (1, 2, 3)])]
        assert await php_says(address, listed, user=USER) == [100, 100]
    assert whole(file, "service_record", "R-3")["rating"] == 5


def test_who_used_an_instrument_stays_in_its_tier(file: Path) -> None:
    call(file, 4, said(4))
    assert call(file, 6, said(6)).code == 100
    record = whole(file, "service_record", "R-1")
    assert (record["agreement"], record["off_site"], record["way"]) == (True, False, 3)
    bodies = SCHEMAS.split("service_record", record)
    assert {bodies["nat"][n] for n in ("applicant", "phone", "mail")} == {
        "示例丙",
        "0351-0000001",
        "c@example.org",
    }
    assert "示例丙" not in str(bodies["hub"])
    # Nor does the contact of an instrument leave the unit.
    sent = SCHEMAS.split("instrument", whole(file, "instrument", "A-1"))
    assert "示例甲" not in str(sent)


@pytest.mark.parametrize(
    ("instru_type", "what", "code"),
    [
        (4, "{", 201),
        (4, "[1]", 201),
        (4, {**said(4), "cname": {"zh": "?"}}, 201),
        (4, {**said(4), "worth": "35万"}, 202),
        (4, {**said(4), "innerId": ""}, 202),
        (4, {**said(4), "requirement": "找 13800000000"}, 202),
        (5, {**said(5), "innerId": "A-9"}, 202),
        (9, said(4), 203),
        (4, [said(4)] * (MOST_RECORDS + 1), 203),
        (6, "{", 202),
        (6, "[1]", 201),
        (6, {**said(6), "amounts": "五百"}, 203),
        (6, {**said(6), "innerId": "A-9"}, 101),
        (6, {**said(6), "endTime": "2026-07-01 08"}, 101),
        (6, [said(6)] * (MOST_RECORDS + 1), 204),
    ],
)
def test_every_result_code_is_answered(file: Path, instru_type: int, what: Any, code: int) -> None:
    assert call(file, 4, said(4)).code == 100
    assert call(file, instru_type, what).code == code


async def test_a_unit_code_and_a_database_have_codes_too(file: Path) -> None:
    assert call(file, 4, said(4), "1" * 32).code == 200
    with closing(sqlite3.connect(file)) as newer:
        newer.execute("PRAGMA user_version = 999")
    async with an_intake(file, founded=True) as address:

        def report() -> list[int]:
            with Zeep(address) as system:
                return [system.say(number, said(number)) for number in (4, 6)]

        assert await asyncio.to_thread(report) == [301, 301]


def test_what_was_refused_stands_until_it_comes_again_mended(file: Path, tmp_path: Path) -> None:
    call(file, 4, [said(4), {**said(4, 2), "worth": "35万"}])
    call(file, 4, said(4, 3))
    with Store.open(file) as store:
        [problem] = check(store, schemas=SCHEMAS, unit=UNIT).problems
        assert "instruInfo" in problem.line()
        assert "第 1 次调用第 2 条 call 1 record 2" in problem.line()
        assert 'worth  "35万"' in problem.line()
        [run] = imports.latest(store)
        assert (run.rows, run.staged, run.refused) == (3, 2, 1)
        assert annotate(store, tmp_path)
    assert call(file, 4, said(4, 2)).code == 100
    with Store.open(file) as store:
        assert check(store, schemas=SCHEMAS, unit=UNIT).problems == ()
        assert calls.totals(store) == ((4, 100, 2), (4, 202, 1))
        # What does not come in a call has not vanished.
        assert not any(record.vanished for record in records.every(store))


def test_a_second_report_overwrites_and_keeps_what_customs_said(file: Path) -> None:
    for number in (4, 5):
        call(file, number, said(number))
    call(file, 4, {**said(4), "cname": "新名称", "AUDITSTATUS": "0", "extra": "x"})
    record = whole(file, "instrument", "A-1")
    assert (record["name_zh"], record["customs"]["item_no"]) == ("新名称", "01")
    with Store.open(file) as store:
        assert calls.latest(store, 1)[0].why == "没有读 not read: extra"


def test_customs_do_not_move_an_instrument_out_of_its_list(file: Path, tmp_path: Path) -> None:
    with Store.open(file) as store:
        take(store, write_csv(tmp_path / "台账.csv", [["设备编号", "设备名称"], ["A-1", "波谱仪"]]))
    assert call(file, 5, said(5)).code == 100
    with Store.open(file) as store:
        found = records.find(store, "instrument", "A-1")
    assert found is not None
    assert (found.source, found.record["name_zh"]) == ("台账.csv", "波谱仪")


def test_the_norm_of_2016_is_understood_as_it_was_meant(file: Path) -> None:
    year = {"Thesis": "223篇", "Patent": "SCI 3 篇等", "Remark": "其他", "user": "500人次",
            "submittedRates": "95%", "serviceIncome": "856.23"}  # fmt: skip
    assert call(file, 7, year).code == 100
    record = whole(file, "unit_year", "2025")
    assert (record["papers"], record["other_results"], record["user_visits"]) == (223, "其他", 500)
    assert record["ext"] == {"hub": {"submittedRates": "95%", "patent": "SCI 3 篇等"}}
    bare = json.dumps([said(4), said(4, 2)], ensure_ascii=False)[1:-1]
    assert call(file, 4, bare).records == 2  # a vendor strips the brackets


async def test_the_yearly_call_of_2016_and_other_paths_are_answered(file: Path) -> None:
    inner = f"<insCode>{INS_CODE}</insCode><effectList>{{}}</effectList>"
    body = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
        f'<x:effectInfo xmlns:x="urn:other">{inner}</x:effectInfo></s:Body></s:Envelope>'
    )
    async with an_intake(file) as address, ClientSession() as session:
        effect = address.replace("/WS_Server/cxf/instru", "/effect")
        async with session.post(effect, data=body) as answer:
            assert answer.content_type == "application/soap+xml"
            text = await answer.text()
    assert 'effectInfoResponse xmlns:ns2="urn:other"><return>100</return>' in text
    assert "http://www.w3.org/2003/05/soap-envelope" in text


_ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body>'
    "</s:Envelope>"
)
_CALL = "<instruInfo><instruType>{}</instruType></instruInfo>"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "no xml",
        "<a/>",
        _ENVELOPE.format(""),
        _ENVELOPE.format("<other/>"),
        _ENVELOPE.format(_CALL.format("four")),
        '<!DOCTYPE a [<!ENTITY x "y">]>' + _ENVELOPE.format(_CALL.format("&x;")),
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">' + _ENVELOPE.format(_CALL.format(4)),
        "<?php echo 1 ?>" + _ENVELOPE.format(_CALL.format(4)),
        _ENVELOPE.format("<a>" * 100 + "</a>" * 100),
    ],
)
async def test_what_is_no_call_gets_a_fault(file: Path, raw: str) -> None:
    async with (
        an_intake(file) as address,
        ClientSession() as session,
        session.post(address, data=raw.encode()) as answer,
    ):
        assert answer.status == 500
        assert "Fault" in await answer.text()


async def test_nobody_reports_without_the_password_or_without_end(file: Path) -> None:
    async with an_intake(file, user=USER) as address, ClientSession() as session:
        async with session.post(address, data=b"") as answer:
            assert answer.status == 401
        wrong = {"Authorization": encode_basic_auth(USER, "?")}
        async with session.post(address, data=b"", headers=wrong) as answer:
            assert answer.status == 401
        async with session.get(f"{address}?wsdl") as answer:
            assert "instruInfo" in await answer.text()
    async with (
        an_intake(file) as address,
        ClientSession() as session,
        session.post(address, data=BytesIO(bytes(9 << 20))) as answer,
    ):
        assert answer.status == 413


@pytest.mark.parametrize(
    "wrong",
    [
        {"listen": "8642"},
        {"listen": "0.0.0.0:8642"},
        {"listen": "8.8.8.8:8642"},
        {"listen": "localhost:8642"},
        {"listen": "192.168.1.2:8642"},
        {"listen": "127.0.0.1:8642", "user": "lims"},
    ],
)
def test_it_listens_only_near_by_and_knows_who_comes_from_elsewhere(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"listen|user|password_file"):
        SoapIntakeSettings(**wrong)
    assert not NodeConfig("示例大学", UNIT, "u1.example/fenhe").soap_intake.listen


async def test_a_node_opens_its_intake_as_its_settings_say(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    secret = node.home.path / "secret"
    secret.write_text(f"{PASSWORD}\n", "utf-8")
    settings = SoapIntakeSettings(listen="127.0.0.1:0", user=USER, password_file="secret")
    opened = replace(node, config=replace(node.config, soap_intake=settings))
    with_code(node.home.store)
    async with taking_calls(opened, lambda: NOW) as address:
        assert await php_says(address.removesuffix("?wsdl"), [(4, said(4))], user=USER) == [100]
        taken = replace(settings, listen=address.split("/")[2])
        other = replace(node, config=replace(node.config, soap_intake=taken))
        async with taking_calls(other, lambda: NOW) as nowhere:
            assert nowhere == ""
    async with taking_calls(node, lambda: NOW) as nowhere:
        assert nowhere == ""
    secret.write_text("", "utf-8")
    with pytest.raises(SetupError, match="password_file"):
        async with taking_calls(opened, lambda: NOW):
            pass


def test_a_unit_that_has_no_code_there_is_told_what_to_fill_in(tmp_path: Path) -> None:
    refused = call(tmp_path / "store.sqlite", 4, said(4))
    assert refused.code == 200
    assert "nrii_ins_code" in refused.why
