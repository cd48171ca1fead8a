"""Import as a unit meets it: what is good is taken, what is wrong is named by its cell, nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fenhe_node.changes import changes
from fenhe_node.deletion import delete
from fenhe_node.mapping.file import parse_mapping
from fenhe_node.store import Store, imports, records
from fenhe_protocol.errors import InputError, SetupError
from tests.node.lists import NOW, SCHEMAS, codes, sums_agree, take, write_csv, write_xlsx

HEADERS = ["设备编号", "设备名称", "型号", "原值（万元）", "购置日期", "状态", "负责人"]
GOOD = [
    ["20150001", "扫描电子显微镜", "EX-1", "35.5", "2015-03-01", "正常", "示例甲"],
    ["20150002", "核磁共振波谱仪", "EX-2", "320", "2016/5/6", "在用", "示例乙"],
    ["20150003", "X射线衍射仪", "EX-3", "88.25", "2017年8月9日", "待修", "示例丙"],
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.sqlite") as opened:
        yield opened


def record(store: Store, record_id: str, kind: str = "instrument") -> dict[str, Any]:
    found = records.find(store, kind, record_id)
    assert found is not None
    return dict(found.record)


def write_mapping(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


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


MESSY: list[list[Any]] = [
    ["示例公司仪器台账", None, None, None, None, None, None, None, None, None, None],
    ["编号", "名称", "型号", "规格", "厂家", "原值（万元）", "购置日期", "状态", "报关单号",
     "放置地点", "负责人"],
    ["E-01", "电子天平", "EX-1", None, "示例厂", 35, "2015-01-02", "在用", None, "1号楼", "示例甲"],
    ["E-02", "显微镜", "EX-2", None, "示例厂", "35万", "2015-01-02", "在用", None, "1号楼", "示例乙"],
    ["E-03", "光谱仪", "EX-3", None, "示例厂", 40, 42370, "在用", None, "1号楼", "示例乙"],
    ["E-04", "色谱仪", "EX-4", None, "示例厂", 40, "2016-02-03", "在用", 2.23120261e17, "1号楼", "示例丁"],
    ["E-05", "质谱仪", "EX-5", None, "示例厂", 40, "2016-02-03", "在用", "2.23E+17", "1号楼", "示例丁"],
    [20150012, "离心机", "EX-6", None, "示例厂", 21, "2016-02-03", "在用", None, "1号楼", "示例丁"],
    ["E-07", "热分析仪", "#N/A", None, "示例厂", 21, "2016-02-03", "在用", None, "1号楼", "示例丁"],
    ["E-08", "流变仪", "EX-8", None, "示例厂", 21, "1900-01-00", "在用", None, "1号楼", "示例丁"],
    ["E-09", "粒度仪", "EX-9", None, "示例厂", "２１", "2016-02-03", "在用", None, "1号楼", "示例丁"],
    ["E-10", "硬度计", "EX-10", None, "示例厂", 21, "2016-02-03", "很好", None, "1号楼", "示例丁"],
    ["E-11", "拉力机", "EX-11", None, "示例厂", 21, "2016-02-03", "在用", None, "1号楼", "示例丁"],
    ["E-11", "疲劳机", "EX-12", None, "示例厂", 21, "2016-02-03", "在用", None, "1号楼", "示例丁"],
    [None, "万用表", "EX-13", None, "示例厂", 21, "2016-02-03", "在用", None, "1号楼", "示例丁"],
    ["E-14", "示波器", "EX-14", None, "示例厂", 21, "2016-02-03", "在用", None, "联系 13800000000", "示例丁"],
    ["E-15", "频谱仪", "EX-15", None, "示例厂", 21, "2016-02-03", "在用", None, "找负责人示例丁", "示例丁"],
    [None] * 11,
    ["合计", None, None, None, None, 400, None, None, None, None, None],
    ["填表人: 示例甲", None, None, None, None, None, None, None, None, None, None],
]  # fmt: skip


def test_a_messy_list_is_reported_cell_by_cell(store: Store, tmp_path: Path) -> None:
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", MESSY))
    assert report.new == ("E-01",)
    assert codes(report) == [
        ("F4", "value.number"),
        ("G5", "cell.date-serial"),
        ("I6", "cell.scientific"),
        ("I7", "cell.scientific"),
        ("A8", "cell.number-id"),
        ("C9", "cell.error"),
        ("G10", "cell.date-1900"),
        ("F11", "cell.full-width"),
        ("H12", "value.code"),
        ("A13", "id.doubled"),
        ("A14", "id.doubled"),
        ("A15", "id.missing"),
        ("J16", "privacy.mobile"),
        ("J17", "privacy.name"),
    ]
    assert sums_agree(report)
    assert [(skip.place.row, skip.why_zh) for skip in report.skipped] == [
        (18, "空行"),
        (19, "合计行"),
        (20, "说明行"),
    ]


def test_no_message_quotes_a_person(store: Store, tmp_path: Path) -> None:
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", MESSY))
    lines = [p.line() for p in report.problems if p.code.startswith("privacy")]
    assert len(lines) == 2
    assert not any("13800000000" in line or "示例丁" in line for line in lines)


def test_a_line_names_place_found_and_expected_in_both_languages(
    store: Store, tmp_path: Path
) -> None:
    line = take(store, write_xlsx(tmp_path / "台账.xlsx", MESSY)).problems[0].line()
    assert line == (
        '台账.xlsx · Sheet1 · F4  原值  "35万"  应为数字, 单位万元: 写 35  '
        "expected a number, unit 万元: write 35"
    )


def test_cells_merged_over_rows_are_refused_except_the_first(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADERS, *GOOD])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("C2:C3")
    book.save(path)
    report = take(store, path)
    assert codes(report) == [("C3", "cell.merged")]
    assert "C2" in report.problems[0].expected_zh


def test_hidden_rows_are_read_and_named(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADERS, *GOOD])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].row_dimensions[3].hidden = True
    book.create_sheet("旧表").append(["x"])
    book.save(path)
    report = take(store, path)
    assert report.staged == 3
    assert any("第 3 行是隐藏行" in note for note in report.notes)
    assert any("旧表" in note for note in report.notes)


def test_a_comma_inside_a_value_does_not_shift_columns_quietly(
    store: Store, tmp_path: Path
) -> None:
    shifted = ["20150004", "显微镜, 大型", "EX", "1", "2016-01-01", "正常", "示例丁"]
    report = take(store, write_csv(tmp_path / "a.csv", [HEADERS, *GOOD, shifted]))
    assert report.staged == 3
    assert ("5", "row.too-long") in codes(report)


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


PRICES = [
    ["仪器编号", "仪器名称", "收费项目", "计费单位", "校内", "校外", "备注"],
    ["A-1", "显微镜", "观察", "元/30min", "150", "300", ""],
    ["A-1", "显微镜", "制样", "元/样", "20.5", "50", "不含耗材"],
    ["A-2", "光谱仪", "测定", "元/小时", "100", "200", ""],
]


def test_price_lines_of_one_standard_become_one_record(store: Store, tmp_path: Path) -> None:
    report = take(store, write_csv(tmp_path / "收费.csv", PRICES))
    assert (report.kind, report.new) == ("fee_standard", ("A-1", "A-2"))
    assert record(store, "A-1", "fee_standard")["lines"] == [
        {
            "no": 1,
            "item": "观察",
            "charge_unit": "minute",
            "charge_quantity": 30,
            "internal_fen": 15000,
            "external_fen": 30000,
        },
        {
            "no": 2,
            "item": "制样",
            "charge_unit": "sample",
            "internal_fen": 2050,
            "external_fen": 5000,
            "note": "不含耗材",
        },
    ]


def test_a_wrong_price_line_keeps_its_whole_standard_back(store: Store, tmp_path: Path) -> None:
    rows = [*PRICES[:2], ["A-1", "光镜", "制样", "元/把", "20", "50", ""], PRICES[3]]
    report = take(store, write_csv(tmp_path / "收费.csv", rows))
    assert (report.new, report.staged, report.refused) == (("A-2",), 1, 2)
    assert codes(report) == [("D3", "value.charge"), ("B3", "row.disagrees")]


SERVICES = [
    ["记录编号", "仪器编号", "开始时间", "结束时间", "有效机时(小时)", "金额", "用户类型", "申请人",
     "申请人电话"],
    ["R-1", "A-1", "2026-07-01 09:30", "2026-07-01 12:10", "2.5", "500", "高等院校", "示例甲",
     "13800000000"],
    ["R-2", "A-1", "2026-07-02 09:30", "2026-07-02 08:10", "1", "0", "单位内部用户", "示例乙", ""],
]  # fmt: skip


def test_service_records_keep_users_out_of_what_is_sent(store: Store, tmp_path: Path) -> None:
    report = take(store, write_csv(tmp_path / "服务.csv", SERVICES))
    assert report.kind == "service_record"
    assert record(store, "R-1", "service_record") == {
        "unit": "12140000000000019W",
        "kind": "service_record",
        "id": "R-1",
        "instrument": "A-1",
        "started_at": "2026-07-01T09:00:00+08:00",
        "ended_at": "2026-07-01T12:00:00+08:00",
        "effective_minutes": 150,
        "amount_fen": 50000,
        "user_class": "university",
        "capture": "imported",
        "applicant": "示例甲",
        "phone": "13800000000",
    }
    assert codes(report) == [("D3", "schema.check")]  # it ended before it began


@pytest.mark.parametrize("name", ["单位.csv", "单位.yaml"])
def test_what_a_unit_says_of_itself(store: Store, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("csv"):
        fields = [["字段", "值"], ["单位名称", "示例大学"], ["单位类型", "高等院校"],
                  ["座机", "0351-0000000"], ["开放制度-制度名称", "开放办法"]]  # fmt: skip
        write_csv(path, fields)
    else:
        path.write_text(
            "name_zh: 示例大学\ntype: 高等院校\nservice_office:\n  landline: 0351-0000000\n"
            "regime_opening: {title: 开放办法}\n",
            "utf-8",
        )
    report = take(store, path)
    assert (report.kind, report.new) == ("unit", ("12140000000000019W",))
    assert record(store, "12140000000000019W", "unit") == {
        "unit": "12140000000000019W",
        "kind": "unit",
        "id": "12140000000000019W",
        "name_zh": "示例大学",
        "type": "university",
        "service_office": {"landline": "0351-0000000"},
        "regime_opening": {"title": "开放办法"},
    }


def test_a_wrong_field_of_the_unit_is_named_by_its_row(store: Store, tmp_path: Path) -> None:
    rows = [["字段", "值"], ["单位名称", "示例大学"], ["单位类型", "茶馆"]]
    report = take(store, write_csv(tmp_path / "单位.csv", rows))
    assert codes(report) == [("B3", "value.code")]


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\r\n,"\0'), max_size=12),
    st.sampled_from(
        ["A-1", "35万", "2016-01-01", "合计", "正常", "2.23E+17", "#REF!", "1,2", "０"]
    ),
    st.integers(-5, 10**18).map(str),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=8))
def test_every_row_has_one_fate_and_again_changes_nothing(
    tmp_path: Path, rows: list[list[str | None]]
) -> None:
    lines = [",".join(f'"{cell or ""}"' for cell in row) for row in [HEADERS, *rows]]
    path = tmp_path / "any.csv"
    path.write_bytes("\r\n".join(lines).encode())
    (tmp_path / "any.sqlite").unlink(missing_ok=True)
    with Store.open(tmp_path / "any.sqlite") as store:
        report = take(store, path)
        assert sums_agree(report)
        assert report.refused == 0 or any(problem.blocking for problem in report.problems)
        kept = list(records.every(store))
        assert all(SCHEMAS.validates("instrument", "full", r.record) for r in kept)
        again = take(store, path)
        assert (again.new, again.changed, again.vanished) == ((), (), ())
        assert [r.record for r in records.every(store)] == [r.record for r in kept]
