"""Import again and again: what is new, changed, vanished; what fails changes nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.deletion import delete
from fenhe_node.mapping.file import parse_mapping
from fenhe_node.publishing.changes import changes
from fenhe_node.store import Store, imports, records
from fenhe_protocol.errors import InputError, SetupError
from tests.laws import examples
from tests.node.lists import (
    GOOD,
    HEADERS,
    NOW,
    SCHEMAS,
    codes,
    record,
    sums_agree,
    take,
    write_csv,
    write_mapping,
    write_xlsx,
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_plain_list_in_any_encoding(store: Store, tmp_path: Path, encoding: str) -> None:
    report = take(store, write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD], encoding=encoding))
    assert (report.rows, report.staged, report.refused) == (3, 3, 0)
    assert report.new == ("20150001", "20150002", "20150003")
    found = record(store, "20150002")
    assert found["value_yuan"] == 3200000
    assert found["value_band"] == "from_200"
    assert found["status"] == "normal"
    assert found["booked_on"] == "2016-05-06"
    assert found["contact_person"] == {"name": "示例乙"}


def test_the_same_file_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD])
    take(store, path)
    before = changes(store)
    again = take(store, path, now=NOW + 3600)
    assert (again.new, again.changed, len(again.unchanged)) == ((), (), 3)
    assert changes(store) == before


def test_an_edited_row_is_the_only_change(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "设备.csv"
    take(store, write_csv(path, [HEADERS, *GOOD]))
    edited = [GOOD[0], [*GOOD[1][:2], "EX-2b", *GOOD[1][3:]], GOOD[2]]
    report = take(store, write_csv(path, [HEADERS, *edited]))
    assert (report.new, report.changed, report.vanished) == ((), ("20150002",), ())


def test_a_vanished_row_is_listed_and_stays(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "设备.csv"
    take(store, write_csv(path, [HEADERS, *GOOD]))
    report = take(store, write_csv(path, [HEADERS, *GOOD[:2]]))
    assert (report.vanished, report.deleted) == (("20150003",), ())
    assert "deleted" not in record(store, "20150003")
    back = take(store, write_csv(path, [HEADERS, *GOOD]))
    assert (back.new, back.changed, back.vanished) == ((), (), ())


def test_a_refused_row_has_not_vanished(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "设备.csv"
    take(store, write_csv(path, [HEADERS, *GOOD]))
    broken = [GOOD[0], GOOD[1], [*GOOD[2][:3], "88万", *GOOD[2][4:]]]
    report = take(store, write_csv(path, [HEADERS, *broken]))
    assert (report.refused, report.vanished, report.changed) == (1, (), ())
    assert record(store, "20150003")["value_yuan"] == 882500


RULE = """
kind: instrument
source: 设备清单
columns: {设备编号: id, 设备名称: name_zh, 状态: {field: status, values: {在用: normal}}}
vanished: {delete: scrapped}
"""


def test_a_rule_of_the_mapping_deletes_what_vanished(store: Store, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "m.yaml", RULE)
    take(store, write_csv(tmp_path / "1.csv", [HEADERS, *GOOD]), mapping_path=mapping)
    # The list has a name of its own: its next edition may be called otherwise.
    second = write_csv(tmp_path / "2.csv", [HEADERS, *GOOD[:2]])
    report = take(store, second, mapping_path=mapping)
    assert (report.vanished, report.deleted) == ((), ("20150003",))
    assert record(store, "20150003")["deleted"] == {"on": "2026-11-23", "reason": "scrapped"}


def test_the_rule_rests_while_an_id_cannot_be_read(store: Store, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "m.yaml", RULE)
    path = tmp_path / "1.csv"
    take(store, write_csv(path, [HEADERS, *GOOD]), mapping_path=mapping)
    damaged = [GOOD[0], GOOD[1], ["2.0150003E+07", *GOOD[2][1:]]]
    report = take(store, write_csv(path, [HEADERS, *damaged]), mapping_path=mapping)
    assert codes(report) == [("A4", "cell.scientific")]
    assert (report.vanished, report.deleted) == (("20150003",), ())


def test_what_was_deleted_by_hand_stays_deleted_until_its_row_changes(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "设备.csv"
    take(store, write_csv(path, [HEADERS, *GOOD]))
    delete(store, "instrument", "20150001", "error", schemas=SCHEMAS, now=NOW, by="示例")
    same = take(store, path)
    assert (same.held, same.new, same.changed) == (("20150001",), (), ())
    assert "deleted" in record(store, "20150001")
    moved = [[*GOOD[0][:2], "EX-9", *GOOD[0][3:]], *GOOD[1:]]
    assert take(store, write_csv(path, [HEADERS, *moved])).new == ("20150001",)
    what = [event.what for event in records.events(store, "instrument", "20150001")]
    assert what == ["new", "deleted", "new"]


def test_columns_that_are_not_sent_are_named_with_the_reason(store: Store, tmp_path: Path) -> None:
    rows = [[*HEADERS, "备注", ""], *[[*row, "b", "c"] for row in GOOD]]
    report = take(store, write_csv(tmp_path / "a.csv", rows))
    kept = {c.column: (c.tier, c.why_zh) for c in report.columns if not c.sent}
    assert kept == {
        "G": ("node", "个人信息: 只留在本单位"),
        "H": ("", "没有对应的字段: 不读取; no field for it: not read"),
        "I": ("", "没有表头: 不读取"),
    }


def test_a_wrong_value_that_never_leaves_blocks_nothing(store: Store, tmp_path: Path) -> None:
    rows = [["编号", "名称", "手机"], ["1", "显微镜", "见名片"]]
    report = take(store, write_csv(tmp_path / "a.csv", rows))
    assert report.new == ("1",)
    assert [(p.field, p.blocking) for p in report.problems] == [("contact_person.phone", False)]
    assert "contact_person" not in record(store, "1")


def test_the_mapping_that_was_used_gives_the_same_again(store: Store, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD])
    first = take(store, path)
    assert first.mapping_suggested
    mapping = write_mapping(tmp_path / "m.yaml", first.mapping_text)
    second = take(store, path, mapping_path=mapping)
    assert (second.new, second.changed, len(second.unchanged)) == ((), (), 3)
    assert parse_mapping(second.mapping_text, "m") == parse_mapping(first.mapping_text, "m")


def test_a_column_that_the_mapping_names_must_be_there(store: Store, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "m.yaml", RULE)
    path = write_csv(tmp_path / "a.csv", [["设备编号", "设备名称", "现状"], ["1", "a", "在用"]])
    with pytest.raises(InputError, match=r"header\.absent") as caught:
        take(store, path, mapping_path=mapping)
    assert caught.value.expected == "状态"


@pytest.mark.parametrize("line", ["persons: [责任人]", "skip_where: {共享: 否}"])
def test_a_column_that_a_rule_names_must_be_there(store: Store, tmp_path: Path, line: str) -> None:
    mapping = write_mapping(tmp_path / "m.yaml", RULE + line + "\n")
    with pytest.raises(InputError, match=r"header\.absent"):
        take(store, write_csv(tmp_path / "a.csv", [HEADERS, *GOOD]), mapping_path=mapping)


def test_the_sheet_that_the_mapping_names_must_be_there(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADERS, *GOOD], sheet="在用")
    mapping = write_mapping(tmp_path / "m.yaml", RULE + "sheet: 报废\n")
    with pytest.raises(InputError, match=r"sheet\.absent") as caught:
        take(store, path, mapping_path=mapping)
    assert (caught.value.expected, caught.value.found) == ("报废", "在用")
    named = write_mapping(tmp_path / "m.yaml", RULE + "sheet: 在用\nheader_row: 1\n")
    assert take(store, path, mapping_path=named).staged == 3


def test_rows_that_the_mapping_skips_are_named(store: Store, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "m.yaml", RULE + "skip_where: {型号: [EX-2, EX-9]}\n")
    report = take(store, write_csv(tmp_path / "a.csv", [HEADERS, *GOOD]), mapping_path=mapping)
    assert report.new == ("20150001", "20150003")
    assert [(s.place.row, s.why_zh) for s in report.skipped] == [(3, "按映射跳过: 型号 EX-2")]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["甲", "乙"], ["1", "2"]], "header.unknown"),
        ([["名称", "型号"], ["显微镜", "EX"]], "header.no-id"),
    ],
)
def test_a_file_that_is_no_list_of_instruments(
    store: Store, tmp_path: Path, rows: list[list[str]], code: str
) -> None:
    with pytest.raises(InputError, match=code):
        take(store, write_csv(tmp_path / "a.csv", rows))
    assert imports.runs(store) == ()


def test_the_kind_told_must_be_that_of_the_mapping(store: Store, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "m.yaml", RULE)
    path = write_csv(tmp_path / "a.csv", [HEADERS, *GOOD])
    with pytest.raises(SetupError, match=r"mapping\.value"):
        take(store, path, mapping_path=mapping, kind="unit")


def test_who_imported_what_and_when_is_kept(store: Store, tmp_path: Path) -> None:
    report = take(store, write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD]), by="示例管理员")
    (run,) = imports.runs(store)
    assert (run.file, run.sha256, run.at, run.by) == ("设备.csv", report.sha256, NOW, "示例管理员")
    assert (run.rows, run.staged, run.refused, run.skipped) == (3, 3, 0, 0)


def test_only_the_latest_staging_of_a_list_is_kept(store: Store, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD])
    first, second = take(store, path).number, take(store, path).number
    assert list(imports.rows(store, first)) == []
    assert len(list(imports.rows(store, second))) == 3
    assert len(imports.runs(store)) == 2


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\r\n,"\0'), max_size=12),
    st.sampled_from(
        ["A-1", "35万", "2016-01-01", "合计", "正常", "2.23E+17", "#REF!", "1,2", "０"]
    ),
    st.integers(-5, 10**18).map(str),
)


@examples(60)
@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=8))
def test_every_row_has_one_fate_and_again_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str | None]]
) -> None:
    table: list[list[str | None]] = [[*HEADERS], *rows]
    lines = [",".join(f'"{cell or ""}"' for cell in row) for row in table]
    folder = tmp_path_factory.mktemp("any")
    path = folder / "any.csv"
    path.write_bytes("\r\n".join(lines).encode())
    with Store.open(folder / "any.sqlite") as store:
        report = take(store, path)
        assert sums_agree(report)
        assert report.refused == 0 or any(problem.blocking for problem in report.problems)
        kept = list(records.every(store))
        assert all(SCHEMAS.validates("instrument", "full", r.record) for r in kept)
        again = take(store, path)
        assert (again.new, again.changed, again.vanished) == ((), (), ())
        assert [r.record for r in records.every(store)] == [r.record for r in kept]
