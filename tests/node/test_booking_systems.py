"""What booking systems export becomes service records and a summary, by the mappings that ship.

Every sample is made up here; the headers are those of the systems.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.sheets.opening import OpenedFile
from fenhe_node.check import check
from fenhe_node.collecting.sql import run_query
from fenhe_node.importing.file import ImportReport, Taking, import_opened
from fenhe_node.mapping.file import parse_mapping
from fenhe_node.sources.records import records_sheet
from fenhe_node.store import Store, records
from fenhe_node.usage import summarise
from tests.node.lists import NOW, SCHEMAS, UNIT, codes, record, take, write_csv

MAPPINGS = Path(__file__).resolve().parents[2] / "deploy" / "mappings"
PERIOD = "2026-Q3"


def taken(store: Store, path: Path, mapping: str, rows: Sequence[Sequence[str]]) -> ImportReport:
    return take(store, write_csv(path / "导出.csv", rows), mapping_path=MAPPINGS / mapping)


def services(store: Store) -> dict[str, dict[str, Any]]:
    every = records.every(store, kind="service_record")
    return {each.id: dict(each.record) for each in every if not each.deleted}


def summary(store: Store, instrument: str) -> dict[str, Any]:
    summarise(store, PERIOD, schemas=SCHEMAS, unit=UNIT, now=NOW, k=1)
    return record(store, f"{instrument}/{PERIOD}", kind="usage_summary")


def whys(report: ImportReport) -> list[str]:
    return [each.why_en for each in report.skipped]


ILAB_UPLOAD = [
    ["Researcher full name", "Equipment name", "Start", "End", "PI last name", "Payment no."],
    ["示例甲", "Example SEM", "07/01/2026 11:30 AM", "07/01/2026 1:15 PM", "示例乙", "0001"],
    ["示例丙", "Example NMR", "07/02/2026 12:10 AM", "07/02/2026 12:40 AM", "示例乙", "0001"],
    ["示例丙", "Example NMR", "09/30/2026 9:00 AM", "", "示例乙", "0001"],
    ["示例丙", "Example NMR", "07/03/2026 2:00 PM", "07/03/2026 1:00 PM", "示例乙", "0001"],
]


def test_an_ilab_usage_upload(store: Store, tmp_path: Path) -> None:
    report = taken(store, tmp_path, "ilab-usage-upload.yaml", ILAB_UPLOAD)
    assert (report.staged, whys(report)) == (2, ["held back until End is filled"])
    assert codes(report) == [("D5", "value.span")]
    first, second = sorted(services(store).values(), key=lambda each: each["started_at"])
    assert first["id"].startswith("ilab-")
    assert (first["started_at"], first["effective_minutes"]) == ("2026-07-01T11:00:00+08:00", 105)
    assert (second["started_at"], second["effective_minutes"]) == ("2026-07-02T00:00:00+08:00", 30)
    found = summarise(store, PERIOD, schemas=SCHEMAS, unit=UNIT, now=NOW, k=1, anyway=True)
    assert sorted(found.new) == [f"A-1001/{PERIOD}", f"A-1002/{PERIOD}"]


def test_an_upload_again_finds_its_records_though_they_have_no_number(
    store: Store, tmp_path: Path
) -> None:
    taken(store, tmp_path, "ilab-usage-upload.yaml", ILAB_UPLOAD[:3])
    longer = [*ILAB_UPLOAD[1][:3], "07/01/2026 2:15 PM", *ILAB_UPLOAD[1][4:]]
    report = taken(store, tmp_path, "ilab-usage-upload.yaml", [ILAB_UPLOAD[0], longer])
    assert (report.new, len(report.changed), len(report.vanished)) == ((), 1, 1)
    assert services(store)[report.changed[0]]["effective_minutes"] == 165


ILAB_CHARGES = [
    ["Service ID", "Charge Name", "Completion Date", "Quantity", "Unit of Measure", "Price",
     "Customer Institute", "Customer Name", "Customer Lab", "Status", "Usage Type"],
    ["SR-1", "Example SEM - per hour", "07/01/2026", "1.5", "Hours", "300.50",
     "Example University", "示例甲", "示例课题组", "completed", "Regular"],
    ["SR-1", "Example NMR - per sample", "07/01/2026", "12", "Sample", "1200",
     "Example Company", "示例乙", "示例公司", "completed", "Regular"],
    ["SR-2", "Example SEM - per hour", "07/03/2026", "90", "minutes", "0",
     "Example University", "示例甲", "示例课题组", "Completed", "Regular"],
    ["SR-3", "Example SEM - per hour", "07/04/2026", "2", "Hours", "0",
     "Example University", "示例甲", "示例课题组", "canceled", "Regular"],
    ["SR-4", "Example SEM - per hour", "07/05/2026", "2", "Hours", "0",
     "Example University", "示例甲", "示例课题组", "completed", "Training"],
    ["SR-5", "Example SEM - per hour", "07/06/2026", "2", "Fortnight", "0",
     "Example University", "示例甲", "示例课题组", "completed", "Regular"],
    ["SR-6", "Example SEM - per hour", "07/07/2026", "2", "Hours", "0",
     "Somebody else", "示例甲", "示例课题组", "completed", "Regular"],
]  # fmt: skip


def test_ilab_charges_in_hours_minutes_and_samples(store: Store, tmp_path: Path) -> None:
    report = taken(store, tmp_path, "ilab-charges.yaml", ILAB_CHARGES)
    assert len(report.new) == 3
    assert [code for _, code in codes(report)] == ["value.measure", "value.measure", "value.code"]
    assert whys(report) == [
        "skipped by the mapping: Status",
        "skipped by the mapping: Usage Type Training",
    ]
    hour, sample, minutes = (services(store)[id] for id in report.new)
    assert hour["effective_minutes"] == minutes["effective_minutes"] == 90
    assert (hour["amount_fen"], "samples" in hour) == (30050, False)
    assert (sample["samples"], "effective_minutes" in sample) == (12, False)
    assert (sample["user_class"], sample["capture"]) == ("enterprise", "automatic")
    assert sample["started_at"] == sample["ended_at"] == "2026-07-01T00:00:00+08:00"


OPENIRIS = [
    ["Group", "RequestTitle", "RequestID", "Organization", "PriceType", "PriceRule", "Charge",
     "Resource", "ChargeType", "UserName", "UserEmail", "Description", "BookingStart",
     "BookingEnd"],
    ["示例组", "示例", "101", "示例研究院", "Academic", "std", "80.00", "Example Confocal",
     "Booking", "示例甲", "user@example.org", "", "01/07/2026 13:05", "01/07/2026 15:00"],
    ["示例组", "示例", "102", "示例研究院", "Academic", "std", "80.00", "Example Confocal",
     "Cancellation", "示例甲", "user@example.org", "", "02/07/2026 13:05", "02/07/2026 15:00"],
    ["示例组", "示例", "103", "示例研究院", "Academic", "std", "80.00", "Example Confocal",
     "No-show", "示例甲", "user@example.org", "", "03/07/2026 13:05", "03/07/2026 15:00"],
]  # fmt: skip


def test_openiris_charges_are_services_only_where_something_was_used(
    store: Store, tmp_path: Path
) -> None:
    report = taken(store, tmp_path, "openiris-charges.yaml", OPENIRIS)
    assert (report.new, whys(report)) == (
        ("openiris-101",),
        ["skipped by the mapping: ChargeType"] * 2,
    )
    found = services(store)["openiris-101"]
    assert (found["started_at"], found["effective_minutes"]) == ("2026-07-01T13:00:00+08:00", 115)
    cells = summary(store, "A-1003")
    assert (cells["services"], cells["effective_minutes"], cells["external_users"]) == (1, 115, 1)


CALENDAR = [
    ["Example Titan", "Start time", "Finish time", "Created by", "Updated by", "Full name",
     "Phone", "Supervisor", "Lab Location", "Created on", "Updated on", "Price"],
    ["示例", "2026-07-01 09:00", "2026-07-01 12:30", "u1", "u1", "示例甲", "0351-0000000",
     "示例乙", "示例楼", "2026-06-20 08:00:01", "2026-06-20 08:00:01", "20"],
    ["示例", "2026/7/2 下午 2:00", "2026/7/2 下午 4:20", "u1", "u1", "示例甲", "0351-0000000",
     "示例乙", "示例楼", "2026-06-20 08:00:02", "2026-06-20 08:00:02", "20"],
]  # fmt: skip


def test_a_calendars_csv_is_captured_by_hand_and_edited_without_doubling(
    store: Store, tmp_path: Path
) -> None:
    report = taken(store, tmp_path, "calendar-csv.yaml", CALENDAR)
    assert (len(report.new), report.refused) == (2, 0)
    found = services(store)
    assert [each["effective_minutes"] for each in found.values()].count(210) == 1
    assert [each["effective_minutes"] for each in found.values()].count(140) == 1
    assert {each["capture"] for each in found.values()} == {"manual"}
    assert {each["instrument"] for each in found.values()} == {"A-1001"}
    ended = [CALENDAR[0], [*CALENDAR[1][:2], "2026-07-01 13:30", *CALENDAR[1][3:]], CALENDAR[2]]
    report = taken(store, tmp_path, "calendar-csv.yaml", ended)
    assert (report.new, len(report.changed)) == ((), 1)
    assert summary(store, "A-1001")["effective_minutes"] == 410


GENEE = """
CREATE TABLE equipment(id INTEGER PRIMARY KEY, ref_no TEXT);
CREATE TABLE tag_group(id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE user(id INTEGER PRIMARY KEY, name TEXT, phone TEXT, email TEXT, group_id INT);
CREATE TABLE eq_record(id INTEGER PRIMARY KEY, equipment_id INT, user_id INT, agent_id INT,
  dtstart INT, dtend INT, samples INT, is_locked INT, use_type INT);
CREATE TABLE eq_charge(id INTEGER PRIMARY KEY, source_name TEXT, source_id INT, amount REAL);
INSERT INTO equipment VALUES (1, 'A-1001');
INSERT INTO tag_group VALUES (1, '示例课题组');
INSERT INTO user VALUES (1, '示例甲', '0351-0000000', 'a@example.org', 1),
  (2, '示例乙', NULL, NULL, NULL);
INSERT INTO eq_record VALUES
  (11, 1, 1, 0, 1782867600, 1782873059, 2, 1, 1),
  (12, 1, 2, 9, 1782954000, 1782957600, 1, 0, 5),
  (13, 1, 1, 0, 1783040400, 0, 0, 0, 1),
  (14, 1, 1, 0, 1783126800, 1783130400, 0, 0, 2);
INSERT INTO eq_charge VALUES (1, 'eq_record', 11, 150.25), (2, 'eq_record', 11, 50),
  (3, 'eq_sample', 12, 999);
"""


@pytest.fixture
def genee(tmp_path: Path) -> Path:
    path = tmp_path / "lims.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(GENEE)
    return path


def query_of(mapping: str) -> str:
    """The query that the mapping's own comment names."""
    lines = (MAPPINGS / mapping).read_text("utf-8").splitlines()
    said = [line.removeprefix("#   ") for line in lines if line.startswith("#   ")]
    return "\n".join(said)


def taken_from_genee(store: Store, path: Path) -> ImportReport:
    found = run_query(
        f"sqlite:{path}", query_of("genee-records.yaml"), "", home=path.parent, where="lims.db"
    )
    sheet = records_sheet("lims", "eq_record", found.rows, lambda n, r: f"id={r['id']}")
    opened = OpenedFile("lims.db", "0" * 64, (sheet,), ())
    text = (MAPPINGS / "genee-records.yaml").read_text("utf-8")
    decided = text.replace('"校内": internal', '"校内": internal, "校外": enterprise')
    mapping = parse_mapping(decided, "genee-records.yaml")
    return import_opened(store, opened, Taking(mapping, SCHEMAS, UNIT, NOW))


def test_records_and_charges_of_genee_joined_by_the_query_of_the_mapping(
    store: Store, genee: Path
) -> None:
    report = taken_from_genee(store, genee)
    assert (report.new, report.refused) == (("lims-11", "lims-12"), 0)
    assert whys(report) == [
        "held back until dtend is filled",
        "skipped by the mapping: use_type 2",
    ]
    found = services(store)
    assert found["lims-11"] | {"mail": "", "phone": ""} == {
        "unit": UNIT,
        "kind": "service_record",
        "id": "lims-11",
        "instrument": "A-1001",
        "started_at": "2026-07-01T09:00:00+08:00",
        "ended_at": "2026-07-01T10:00:00+08:00",
        "effective_minutes": 90,
        "amount_fen": 20025,
        "samples": 2,
        "user_class": "internal",
        "capture": "automatic",
        "applicant": "示例甲",
        "applicant_unit": "示例课题组",
        "mail": "",
        "phone": "",
    }
    assert (found["lims-12"]["capture"], found["lims-12"]["user_class"]) == ("manual", "enterprise")
    assert ("amount_fen" in found["lims-12"], found["lims-12"]["way"]) == (False, 3)
    places = {str(p.place) for p in check(store, schemas=SCHEMAS, unit=UNIT).problems}
    assert places == {"lims.db · eq_record · id=11", "lims.db · eq_record · id=12"}
    cells = summary(store, "A-1001")
    assert (cells["services"], cells["effective_minutes"], cells["samples"]) == (2, 150, 3)


def test_a_class_of_user_that_nobody_decided_is_refused_not_guessed(
    store: Store, tmp_path: Path
) -> None:
    rows = [OPENIRIS[0], [*OPENIRIS[1][:4], "Guests", *OPENIRIS[1][5:]]]
    report = taken(store, tmp_path, "openiris-charges.yaml", rows)
    assert (codes(report), report.staged) == ([("E2", "value.code")], 0)


def test_a_record_that_was_locked_later_is_a_correction_of_the_same_one(
    store: Store, genee: Path
) -> None:
    taken_from_genee(store, genee)
    with closing(sqlite3.connect(genee)) as connection, connection:
        connection.execute("UPDATE eq_record SET dtend = dtend - 1800 WHERE id = 11")
        connection.execute("UPDATE eq_record SET dtend = 1783044000 WHERE id = 13")
    report = taken_from_genee(store, genee)
    assert (report.new, report.changed) == (("lims-13",), ("lims-11",))
    assert services(store)["lims-11"]["effective_minutes"] == 60
    what = [event.what for event in records.events(store, "service_record", "lims-11")]
    assert what == ["new", "changed"]
