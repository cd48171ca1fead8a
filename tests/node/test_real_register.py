"""A real facility's register through the mapping that ships: most rows taken, the rest named."""

import csv
from pathlib import Path

import pytest

from fenhe_node.publishing.changes import changes
from fenhe_node.store import Store, records
from tests.node.lists import DATA, NOW, sums_agree, take

REGISTER = DATA / "pnnl-dms" / "instrument_name.csv"
MAPPING = Path(__file__).resolve().parents[2] / "deploy" / "mappings" / "pnnl-instruments.yaml"

pytestmark = pytest.mark.skipif(
    not REGISTER.is_file(), reason="the register is not here (shared/data/pnnl-dms)"
)


def test_most_rows_are_taken_and_the_rest_are_named(store: Store) -> None:
    report = take(store, REGISTER, mapping_path=MAPPING)
    assert report.rows == 263
    assert report.staged >= 250
    assert sums_agree(report)
    assert {p.place.row for p in report.problems if p.place} == {185, 186, 189, 190, 191, 192}
    assert {p.place.column for p in report.problems if p.place} == {"E"}
    assert len(changes(store)) == report.staged


def test_free_text_that_names_persons_is_in_no_record(store: Store) -> None:
    take(store, REGISTER, mapping_path=MAPPING)
    with REGISTER.open(encoding="utf-8", newline="") as file:
        texts = {row["description"] for row in csv.DictReader(file) if len(row["description"]) > 30}
    stored = str([record.record for record in records.every(store)])
    assert not any(text in stored for text in texts)


def test_again_one_edited_one_vanished(store: Store, tmp_path: Path) -> None:
    take(store, REGISTER, mapping_path=MAPPING)
    lines = REGISTER.read_text("utf-8").splitlines()
    again = take(store, REGISTER, mapping_path=MAPPING, now=NOW + 60)
    assert (again.new, again.changed, again.vanished) == ((), (), ())
    # One instrument is put into service again, one row is gone.
    assert lines[1].startswith("35,11T_Aux2,BrukerFTMS,FT_ZippedSFolders,Inactive")
    edited = [lines[0], lines[1].replace("Inactive", "Active"), *lines[3:]]
    path = tmp_path / "instrument_name.csv"
    path.write_text("\n".join(edited), "utf-8")
    report = take(store, path, mapping_path=MAPPING, now=NOW + 120)
    assert (report.new, report.changed, report.vanished) == ((), ("35",), ("4",))
