"""Fee standards, service records and what a unit says of itself, from lists of their own."""

from pathlib import Path

import pytest

from fenhe_node.store import Store
from fenhe_protocol.errors import InputError
from tests.node.lists import UNIT, codes, record, take, write_csv

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


def test_a_fault_in_a_line_is_named_by_the_row_of_the_line(store: Store, tmp_path: Path) -> None:
    noted = ["A-1", "显微镜", "制样", "元/样", "20", "50", "找 13800000000"]
    long = ["A-1", "显微镜", "长" * 201, "元/样", "20", "50", ""]
    report = take(store, write_csv(tmp_path / "收费.csv", [*PRICES[:2], noted, long]))
    assert codes(report) == [("G3", "privacy.mobile"), ("C4", "schema.length")]


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


@pytest.mark.parametrize(
    "text", ["- a\n", "name_zh: [[1]]\n", "name_zh: [\n", "{a: {b: [{c: 1}]}}"]
)
def test_a_file_that_is_no_list_of_fields(store: Store, tmp_path: Path, text: str) -> None:
    path = tmp_path / "单位.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"source\.fields"):
        take(store, path)


def test_a_list_in_yaml_is_a_list(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "仪器.yaml"
    path.write_text("id: A-1\nname_zh: 显微镜\nsubjects: [化学, '140']\n", "utf-8")
    take(store, path, kind="instrument")
    assert record(store, "A-1")["subjects"] == ["150", "140"]


def test_a_kind_that_is_unknown(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"import\.kind"):
        take(store, write_csv(tmp_path / "a.csv", PRICES), kind="cat")


def test_the_name_a_unit_was_founded_with_stays(store: Store, tmp_path: Path) -> None:
    take(store, write_csv(tmp_path / "1.csv", [["字段", "值"], ["单位名称", "示例大学"]]))
    take(store, write_csv(tmp_path / "2.csv", [["字段", "值"], ["单位类型", "高等院校"]]))
    found = record(store, UNIT, "unit")
    assert (found["name_zh"], found["type"]) == ("示例大学", "university")


def test_a_wrong_field_of_the_unit_is_named_by_its_row(store: Store, tmp_path: Path) -> None:
    rows = [["字段", "值"], ["单位名称", "示例大学"], ["单位类型", "茶馆"]]
    report = take(store, write_csv(tmp_path / "单位.csv", rows))
    assert codes(report) == [("B3", "value.code")]
