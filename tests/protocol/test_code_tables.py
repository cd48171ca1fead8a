import csv
from collections import Counter
from pathlib import Path

import pytest

from fenhe_protocol.code_tables import codes_of, instrument_classes, regions, subjects

NRII = Path(__file__).resolve().parents[3] / "shared" / "data" / "nrii"

# Items that carry the code of their group.
SHARED_CODES = [
    "019900",
    "029900",
    "030900",
    "039900",
    "049900",
    "099900",
    "129900",
    "139900",
    "149900",
    "990000",
]


def source(name: str) -> list[dict[str, str]]:
    path = NRII / name
    if not path.is_file():
        pytest.skip(f"no data at {path}")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_class_of_the_platform_is_there_under_its_code() -> None:
    rows = source("instrument_class_codes.csv")
    classes = instrument_classes()
    assert set(classes) == {row["code"] for row in rows}
    assert all(row["name"] in classes[row["code"]].names for row in rows)


def test_every_class_stands_under_its_parent() -> None:
    classes = instrument_classes()
    for row in source("instrument_class_codes.csv"):
        if row["parent"] != "_root_":
            above = classes[row["parent"]].names[0]
            assert classes[row["code"]].names[0] == above


def test_each_code_counts_once_at_its_lowest_level() -> None:
    levels = Counter(entry.level for entry in instrument_classes().values())
    assert levels == {"class": 14, "group": 84, "item": 641}


@pytest.mark.parametrize("code", SHARED_CODES)
def test_a_code_shared_by_group_and_item_means_the_item(code: str) -> None:
    entry = instrument_classes()[code]
    assert entry.level == "item"
    assert len(entry.names) == 3


def test_names_repeat_so_that_only_the_code_is_a_key() -> None:
    names = Counter(entry.name for entry in instrument_classes().values())
    assert names["频谱分析仪"] == 2
    assert names["合成孔径雷达"] == 2
    assert names["漫透射视觉密度工作基准"] == 2


def test_the_gap_in_the_numbering_stays_a_gap() -> None:
    codes = codes_of("instrument-classes")
    assert "030215" in codes
    assert "030228" in codes
    assert not codes & {f"0302{number}" for number in range(16, 28)}


def test_well_known_classes_have_their_names() -> None:
    classes = instrument_classes()
    assert classes["010101"].names == ("分析仪器", "电子光学仪器", "透射电镜")
    assert classes["010000"].level == "class"
    assert classes["010100"].level == "group"


def test_the_subjects_are_those_of_the_standard() -> None:
    assert len(subjects()) == 62
    assert subjects()["150"] == "化学"
    assert dict(subjects()) == {row["code"]: row["name"] for row in source("subject_codes.csv")}


def test_the_regions_are_the_province_and_its_eleven_cities() -> None:
    assert len(regions()) == 12
    assert regions()["140100"] == "太原市"
    names = {row["name"] for row in source("address_names.csv")}
    assert set(regions().values()) <= names


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        codes_of("colours")
