"""Records made and changed by hand, and what the next import of their list makes of it."""

from pathlib import Path

import pytest

from fenhe_node.deletion import delete
from fenhe_node.editing import Hand, look_at_many, save, save_many, state_of, undelete
from fenhe_node.importing.file import ImportReport, import_file
from fenhe_node.store import Store, edits, records
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import NOW, UNIT, instrument

SCHEMAS = SchemaSet.load()
HAND = Hand(SCHEMAS, UNIT, NOW + 60, "王管理", "核对实物")


def take_in(store: Store, folder: Path, *rows: str, at: int = NOW) -> ImportReport:
    """Import 台账.csv with these rows below the head."""
    file = folder / "台账.csv"
    file.write_text("\n".join(["仪器编号,仪器名称,规格型号,状态", *rows]), encoding="utf-8")
    return import_file(store, file, schemas=SCHEMAS, unit=UNIT, now=at, kind="instrument")


def change(store: Store, id: str = "A-1", **fields: object) -> None:
    old = records.find(store, "instrument", id)
    assert old is not None
    saved = save(store, {**old.record, **fields}, HAND, seen=state_of(old.record))
    assert not saved.problems


def value(store: Store, field: str, id: str = "A-1") -> object:
    record = records.find(store, "instrument", id)
    assert record is not None
    return record.record.get(field)


def test_an_edit_stands_while_its_list_says_what_it_said(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常", "A-2,扫描电子显微镜,S-1,正常")
    change(store, model="EX-500")
    report = take_in(
        store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常", "A-2,扫描电子显微镜,S-2,正常"
    )
    assert value(store, "model") == "EX-500"
    assert value(store, "model", "A-2") == "S-2"
    assert report.changed == ("A-2",)
    (note,) = [note for note in report.notes if "手工" in note]
    assert "A-1" in note and "EX-400" in note and "EX-500" in note and "王管理" in note


def test_the_list_counts_again_once_it_says_something_new(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常")
    change(store, model="EX-500", name_en="NMR")
    report = take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-600,正常")
    assert (value(store, "model"), value(store, "name_en")) == ("EX-600", "NMR")
    assert any("EX-500" in note and "EX-600" in note for note in report.notes)
    assert [edit.field for edit in edits.of_record(store, "instrument", "A-1")] == ["name_en"]


def test_where_list_and_edit_agree_nothing_is_left_of_it(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常")
    change(store, model="EX-500")
    report = take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-500,正常")
    assert report.unchanged == ("A-1",) and edits.of_record(store, "instrument", "A-1") == ()
    assert not [note for note in report.notes if "手工" in note]


def test_an_edit_taken_back_is_none(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常")
    change(store, model="EX-500")
    change(store, model="EX-400")
    assert edits.of_record(store, "instrument", "A-1") == ()


def test_a_value_taken_away_stays_away(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常")
    old = records.find(store, "instrument", "A-1")
    assert old is not None
    without = {name: each for name, each in old.record.items() if name != "model"}
    save(store, without, HAND, seen=state_of(old.record))
    take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常")
    assert value(store, "model") is None


def test_what_was_edited_and_deleted_stays_deleted(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常")
    change(store, model="EX-500")
    delete(store, "instrument", "A-1", "scrapped", schemas=SCHEMAS, now=NOW)
    assert take_in(store, tmp_path, "A-1,核磁共振波谱仪,EX-400,正常").held == ("A-1",)
    undelete(store, "instrument", "A-1", HAND)
    assert value(store, "model") == "EX-500"


def test_two_at_once_do_not_write_over_each_other(store: Store) -> None:
    save(store, instrument("A-1"), HAND)
    seen = state_of(instrument("A-1"))
    save(store, instrument("A-1", model="EX-1"), HAND, seen=seen)
    with pytest.raises(InputError) as refused:
        save(store, instrument("A-1", model="EX-2"), HAND, seen=seen)
    assert refused.value.code == "edit.stale"
    with pytest.raises(InputError) as refused:
        save(store, instrument("A-1"), HAND)
    assert refused.value.code == "edit.exists"


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"status": "x"}, "status", "schema."),
        ({"unit": "12140000000000027P"}, "unit", "unit.other"),
        ({"function": "请联系 13800000000"}, "function", "privacy.mobile"),
        ({"value_yuan": -1}, "value_yuan", "schema."),
    ],
)
def test_what_is_wrong_is_not_kept_and_told_with_its_field(
    store: Store, fields: dict[str, object], path: str, code: str
) -> None:
    saved = save(store, instrument("A-1", **fields), HAND)
    assert saved.problems and saved.problems[0].field == path
    assert saved.problems[0].code.startswith(code)
    assert records.find(store, "instrument", "A-1") is None


def test_history_says_who_and_why_and_which_field(store: Store) -> None:
    save(store, instrument("A-1"), HAND)
    change(store, model="EX-1")
    new, changed = records.events(store, "instrument", "A-1")
    assert (new.what, new.by, new.reason) == ("new", "王管理", "核对实物")
    assert (changed.what, changed.reason) == ("changed", "核对实物（规格型号）")


def test_many_are_changed_at_once_but_for_those_that_cannot_be(store: Store) -> None:
    for n in range(3):
        save(store, instrument(f"A-{n}"), HAND)
    ids = ["A-0", "A-1", "A-2", "none"]
    looked = look_at_many(store, "instrument", ids, "status", "awaiting_repair", HAND)
    assert [each.same for each in looked] == [False, False, False]
    assert value(store, "status", "A-0") == "normal"
    done, left = save_many(store, "instrument", ids, "status", "awaiting_repair", HAND)
    assert (done, left) == (["A-0", "A-1", "A-2"], [])
    done, left = save_many(store, "instrument", ids, "status", "no such", HAND)
    assert done == [] and [each.id for each in left] == ["A-0", "A-1", "A-2"]
    assert value(store, "status", "A-2") == "awaiting_repair"
