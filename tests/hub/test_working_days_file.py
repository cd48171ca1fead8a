"""A year of working days added by a file on the day it is announced; what is wrong has a line."""

from datetime import date
from pathlib import Path

import pytest

from fenhe_hub.cli import main
from fenhe_hub.hub import Hub
from fenhe_hub.judging.working_days import known_years, load_calendar
from fenhe_protocol.errors import SetupError
from fenhe_protocol.workdays import Calendar, DayType
from tests.hub.houses import new_hub
from tests.hub.settings import reconfigured

YEAR = """\
# 示例：不是真的放假安排
2027:
  notice: 示例通知
  dated: 2026-11-05
  holidays: [2026-12-31, 01-01, 01-04]
  makeup: [01-09]
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    return new_hub(tmp_path_factory.mktemp("working-days") / "hub")


def written(folder: Path, text: str) -> str:
    file = folder / "days.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_year_that_is_added_makes_a_provisional_day_firm(hub: Hub, tmp_path: Path) -> None:
    before = Calendar.load().add_working_days(date(2026, 11, 23), 30)
    assert before.provisional
    calendar = load_calendar(reconfigured(hub, workdays=written(tmp_path, YEAR)))
    after = calendar.add_working_days(date(2026, 11, 23), 30)
    assert (after.on, after.provisional) == (date(2027, 1, 7), False)  # 31 December, 1 and 4 off
    assert calendar.type_of(date(2027, 1, 9)) is DayType.MAKE_UP
    assert calendar.is_working_day(date(2026, 10, 10))  # what was known stays
    assert not calendar.is_announced(date(2027, 12, 29))


def test_the_file_of_the_home_counts_where_no_other_is_named(hub: Hub, tmp_path: Path) -> None:
    assert load_calendar(hub) is Calendar.load()
    hub.home.workdays.write_text(YEAR, encoding="utf-8")
    last = known_years(hub)[-1]
    hub.home.workdays.unlink()
    assert (last.year, last.notice, last.dated) == (2027, "示例通知", "2026-11-05")
    assert last.file.endswith("workdays.yaml")
    assert {each.file for each in known_years(hub)} == {""}
    with pytest.raises(SetupError, match=r"workdays\.form"):
        load_calendar(reconfigured(hub, workdays=str(tmp_path / "absent.yaml")))


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("holidays:", "holiday:", "workdays.key", "line 5: 2027.holiday"),
        ("  notice: 示例通知\n", "", "workdays.key", "line 2: 2027.notice"),
        ("dated: 2026-11-05", "dated: soon", "workdays.value", "line 4: 2027.dated"),
        ("2027:", "years:", "workdays.key", "line 2: years"),
        ("01-04]", "02-30]", "workdays.value", "line 5: 2027.holidays[2]"),
        ("01-04]", "2025-01-04]", "workdays.value", "line 5: 2027.holidays[2]"),
        ("01-09", "01-08", "workdays.value", "line 6: 2027.makeup[0]"),
        ("[01-09]", "01-09", "workdays.value", "line 6: 2027.makeup"),
        ("dated: 2026-11-05", "dated: 2026-13-05", "workdays.form", ""),
    ],
)
def test_a_wrong_file_is_refused_by_line_and_key(
    hub: Hub, tmp_path: Path, old: str, new: str, code: str, where: str
) -> None:
    file = written(tmp_path, YEAR.replace(old, new))
    with pytest.raises(SetupError) as refused:
        load_calendar(reconfigured(hub, workdays=file))
    assert refused.value.code == code
    assert where in refused.value.where


def test_the_terminal_says_which_years_are_known(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(hub.home.path), "workdays"]) == 0
    said = capsys.readouterr().out
    assert "2026" in said and "2027 年起未公布" in said and "国务院" in said
