"""What identifies a person, planted in any column, is in nothing that would be sent (rule D5)."""

from pathlib import Path

import pytest

from fenhe_node.check import check
from fenhe_node.publishing.changes import changes
from fenhe_node.publishing.drafts import draft_all
from fenhe_node.store import Store, imports
from tests.node.lists import SCHEMAS, UNIT, codes, take, write_csv

MOBILE = "13812345678"
SPACED = "联系 138 1234 5678"
IDENTITY = "11010519491231002X"
MAIL = "zhangsan@example.edu.cn"
NAME = "欧阳示例"
SECRETS = (MOBILE, "138 1234 5678", IDENTITY, MAIL, NAME)

ROW = {
    "所在单位仪器编号": "A-1",
    "仪器设备名称": "显微镜",
    "英文名称": "Microscope",
    "规格型号": "EX-1",
    "生产制造商": "示例厂",
    "产地国别": "中国",
    "主要功能": "观察",
    "主要技术指标": "1 nm",
    "服务内容": "观察",
    "用户须知": "提前预约",
    "参考收费标准": "100 元/小时",
    "预约服务网址": "https://u1.example/b",
    "安放地址-街道": "示例路 1 号",
    "所属单位内部门": "化学学院",
    "资产登记号": "Z-1",
    "仪器编号": "N-1",
    "通讯地址": "示例路 1 号",
    "办公电话": "0351-0000000",
    "公务邮箱": "office@example.org",
    "联系人": NAME,
    "手机": "13900000000",
    "电子邮箱": "person@example.org",
    "备注": "无",
}


def sent(store: Store) -> str:
    bodies = [SCHEMAS.split(change.kind, change.record) for change in changes(store)]
    return str([body for tiers in bodies for tier, body in tiers.items() if tier != "nat"])


def table(row: dict[str, str]) -> list[list[str]]:
    return [list(row), list(row.values())]


def test_a_clean_row_is_sent_without_its_persons(store: Store, tmp_path: Path) -> None:
    report = take(store, write_csv(tmp_path / "a.csv", table(ROW)))
    assert report.problems == ()
    text = sent(store)
    assert "显微镜" in text and "0351-0000000" in text
    assert not any(person in text for person in (NAME, "13900000000", "person@example.org"))


@pytest.mark.parametrize("planted", [MOBILE, SPACED, IDENTITY, MAIL, f"找{NAME}老师"])
@pytest.mark.parametrize("column", ROW)
def test_what_is_planted_is_not_sent(
    store: Store, tmp_path: Path, column: str, planted: str
) -> None:
    report = take(store, write_csv(tmp_path / "a.csv", table(ROW | {column: planted})))
    lines = [p.line() for p in report.problems if p.code.startswith("privacy")]
    said = sent(store) + str(lines)
    assert [secret for secret in SECRETS if secret in said] == []


def test_a_persons_column_that_no_field_takes_is_watched_too(store: Store, tmp_path: Path) -> None:
    row = {
        "编号": "A-1",
        "名称": "显微镜",
        "负责人": "示例甲",
        "保管人": NAME,
        "放置地点": f"{NAME}处",
    }
    report = take(store, write_csv(tmp_path / "a.csv", table(row)))
    assert [problem.code for problem in report.problems] == ["privacy.name"]


def test_an_office_in_a_persons_column_is_no_person(store: Store, tmp_path: Path) -> None:
    row = {"编号": "A-1", "名称": "显微镜", "负责人": "示例设备处", "使用部门": "示例设备处"}
    assert take(store, write_csv(tmp_path / "a.csv", table(row))).problems == ()


def test_names_are_found_in_the_records_of_other_rows(store: Store, tmp_path: Path) -> None:
    rows = [
        ["编号", "名称", "负责人", "用途"],
        ["A-1", "显微镜", NAME, ""],
        ["A-2", "天平", "", f"由{NAME}管理"],
    ]
    report = take(store, write_csv(tmp_path / "a.csv", rows))
    assert report.new == ("A-1",)
    assert [problem.record_id for problem in report.problems] == ["A-2"]


NAMED = [["编号", "名称", "负责人"], ["A-1", "显微镜", NAME]]
TOLD = [["编号", "名称", "用途"], ["B-1", "天平", f"由{NAME}管理"], ["B-2", "天平", "称量"]]


def test_a_person_named_in_one_list_is_found_in_another(store: Store, tmp_path: Path) -> None:
    take(store, write_csv(tmp_path / "a.csv", NAMED))
    report = take(store, write_csv(tmp_path / "b.csv", TOLD))
    assert report.new == ("B-2",)
    assert codes(report) == [("C2", "privacy.name")]


def test_whoever_is_named_later_is_found_in_what_was_taken_before(
    store: Store, tmp_path: Path
) -> None:
    assert take(store, write_csv(tmp_path / "b.csv", TOLD)).new == ("B-1", "B-2")
    take(store, write_csv(tmp_path / "a.csv", NAMED))
    (problem,) = check(store, schemas=SCHEMAS, unit=UNIT).blocking
    assert (problem.code, problem.record_id, problem.found) == ("privacy.name", "B-1", "")
    drafts, refused = draft_all(
        changes(store), schemas=SCHEMAS, unit=UNIT, persons=imports.persons(store)
    )
    assert [draft.change.id for draft in drafts] == ["B-2", "A-1"]
    ((id_, code, found),) = [(each.id, each.code, each.found) for each in refused]
    assert (id_, code, found) == ("B-1", "privacy", "")


def test_who_is_named_no_longer_is_sought_no_longer(store: Store, tmp_path: Path) -> None:
    take(store, write_csv(tmp_path / "a.csv", NAMED))
    take(store, write_csv(tmp_path / "a.csv", [*NAMED[:1], ["A-1", "显微镜", ""]]))
    assert imports.persons(store) == ()
    assert take(store, write_csv(tmp_path / "b.csv", TOLD)).new == ("B-1", "B-2")
