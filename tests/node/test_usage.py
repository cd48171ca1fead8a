"""Usage summaries: the sums are right, and no cell tells of fewer than k users."""

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.publishing.changes import changes
from fenhe_node.store import Store
from fenhe_node.usage import income_band, summarise, summary, summary_id, withheld
from fenhe_protocol.encoding import parse_time
from fenhe_protocol.errors import InputError
from tests.node.lists import NOW, SCHEMAS, UNIT, record, take, write_csv

numbers = count()


def service(user: str, month: int = 7, minutes: int = 60, external: bool = False) -> dict[str, Any]:
    return {
        "unit": UNIT,
        "kind": "service_record",
        "id": f"R-{next(numbers)}",
        "instrument": "A-1",
        "started_at": f"2026-{month:02d}-01T09:00:00+08:00",
        "ended_at": f"2026-{month:02d}-01T11:00:00+08:00",
        "effective_minutes": minutes,
        "amount_fen": 100_00,
        "samples": 2,
        "user_class": "enterprise" if external else "internal",
        "applicant": user,
    }


def made(services: list[dict[str, Any]], period: str = "2026-Q3", k: int = 3) -> dict[str, Any]:
    found = summary(UNIT, "A-1", period, services, k)
    assert SCHEMAS.validates("usage_summary", "full", found)
    return found


INSIDE = [service(user) for user in ("甲", "乙", "丙", "甲")]
OUTSIDE = [service(user, external=True, minutes=30) for user in ("丁", "戊", "己")]


def test_the_cells() -> None:
    assert made([*INSIDE, *OUTSIDE, service("甲", month=10)]) == {
        "unit": UNIT,
        "kind": "usage_summary",
        "id": "A-1/2026-Q3",
        "instrument": "A-1",
        "period": "2026-Q3",
        "nil_report": False,
        "k": 3,
        "run_minutes": 7 * 120,
        "effective_minutes": 4 * 60 + 3 * 30,
        "external_minutes": 90,
        "services": 7,
        "samples": 14,
        "user_visits": 7,
        "external_users": 3,
        "income_band": "under_1",
        "income_fen": 70000,
    }


def test_no_use_is_a_nil_report_and_nothing_else() -> None:
    found = made([service("甲", month=1)])
    assert found["nil_report"] is True
    assert "services" not in found and "withheld" not in found


def test_few_users_withhold_everything_that_tells_of_them() -> None:
    found = made(INSIDE[:2])
    assert found["withheld"] == [
        "run_minutes",
        "effective_minutes",
        "services",
        "samples",
        "user_visits",
        "income_band",
    ]
    assert found["external_minutes"] == 0  # that nobody came tells of nobody
    assert not set(found["withheld"]) & found.keys()


def test_few_external_users_withhold_the_external_cells() -> None:
    assert made([*INSIDE, *OUTSIDE[:2]])["withheld"] == ["external_minutes", "external_users"]


def test_few_internal_users_must_not_be_the_difference() -> None:
    assert made([INSIDE[0], *OUTSIDE])["withheld"] == ["external_minutes", "external_users"]


def test_a_year_must_not_tell_the_quarter_that_was_withheld() -> None:
    # Three users in the third quarter, one of them in the fourth.
    services = [*INSIDE, service("甲", month=11)]
    assert "services" in made(services, "2026-Q4")["withheld"]
    assert "services" in made(services, "2026-Q3")
    assert "services" in made(services, "2026")["withheld"]


def test_services_without_a_name_count_as_one_user() -> None:
    nameless = [{**service(""), "applicant": ""} for _ in range(9)]
    assert "services" in made(nameless)["withheld"]


SERVICES = st.lists(
    st.builds(
        service,
        st.sampled_from("甲乙丙丁戊"),
        st.integers(1, 12),
        st.integers(0, 600),
        st.booleans(),
    ),
    max_size=12,
)


@given(SERVICES, st.sampled_from(["2026", "2026-Q1", "2026-Q3"]), st.integers(1, 4))
def test_every_cell_shown_has_k_users_or_none(
    services: list[dict[str, Any]], period: str, k: int
) -> None:
    found = made(services, period, k)
    inside = [
        s for s in services if f"2026-Q{(int(s['started_at'][5:7]) + 2) // 3}".startswith(period)
    ]
    users = {s["applicant"] for s in inside}
    external = {s["applicant"] for s in inside if s["user_class"] != "internal"}
    if "services" in found:
        assert len(users) >= k
    if found.get("external_minutes"):
        assert len(external) >= k


@given(SERVICES, st.integers(2, 4))
def test_a_year_less_its_published_quarters_tells_of_k_users_or_none(
    services: list[dict[str, Any]], k: int
) -> None:
    if not services or "services" in withheld(services, "2026", k):
        return
    hidden = []
    for quarter in ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"):
        part = [s for s in services if f"2026-Q{(int(s['started_at'][5:7]) + 2) // 3}" == quarter]
        if part and "services" in withheld(part, quarter, k):
            hidden += part
    assert not hidden or len({s["applicant"] for s in hidden}) >= k


@pytest.mark.parametrize(
    ("yuan", "band"),
    [(0, "none"), (1, "under_1"), (9_999, "under_1"), (10_000, "from_1"), (50_000, "from_5"),
     (200_000, "from_20"), (499_999, "from_20"), (500_000, "from_50")],
)  # fmt: skip
def test_income_bands_are_half_open(yuan: int, band: str) -> None:
    assert income_band(yuan * 100) == band


def test_long_ids_still_make_an_id() -> None:
    found = summary_id("仪" * 64, "2026-Q3")
    assert len(found) <= 64 and found.endswith("/2026-Q3")


LIST = [
    ["记录编号", "仪器编号", "开始时间", "有效机时(小时)", "用户类型", "申请人"],
    *[[f"R-{n}", "A-1", "2026-07-01 09:30", "2", "企业", f"示例{n}"] for n in range(4)],
    ["R-9", "A-1", "", "2", "企业", "示例甲"],
]


def test_summaries_are_kept_and_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    take(store, write_csv(tmp_path / "设备.csv", [["编号", "名称"], ["A-1", "镜"], ["A-2", "平"]]))
    take(store, write_csv(tmp_path / "服务.csv", LIST))
    report = summarise(store, "2026-Q3", schemas=SCHEMAS, unit=UNIT, now=NOW)
    assert report.new == ("A-1/2026-Q3", "A-2/2026-Q3")
    assert (report.nil, report.withheld, report.undated) == (1, {}, ("R-9",))
    assert record(store, "A-1/2026-Q3", "usage_summary")["effective_minutes"] == 480
    again = summarise(store, "2026-Q3", schemas=SCHEMAS, unit=UNIT, now=NOW + 60)
    assert (again.new, again.changed, again.unchanged) == ((), (), report.new)
    kinds = [change.kind for change in changes(store)]
    assert kinds.count("usage_summary") == 2


@pytest.mark.parametrize("period", ["", "26", "2026-", "2026-Q5", "2026-07", "0999", "２０２６"])
def test_what_is_no_period(store: Store, period: str) -> None:
    with pytest.raises(InputError, match=r"usage\.period"):
        summarise(store, period, schemas=SCHEMAS, unit=UNIT, now=NOW)


def test_no_nil_report_is_made_of_what_is_not_known(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"usage\.open"):
        summarise(store, "2026-Q4", schemas=SCHEMAS, unit=UNIT, now=NOW)
    take(store, write_csv(tmp_path / "服务.csv", [*LIST, ["", "A-1", "", "2", "企业", "示例甲"]]))
    with pytest.raises(InputError, match=r"usage\.refused") as caught:
        summarise(store, "2026-Q3", schemas=SCHEMAS, unit=UNIT, now=NOW)
    assert "服务.csv" in caught.value.where
    assert summarise(store, "2026-Q3", schemas=SCHEMAS, unit=UNIT, now=NOW, anyway=True).new


@pytest.mark.parametrize(("period", "last"), [("2026-Q3", "2026-09-30"), ("2026", "2026-12-31")])
def test_a_period_is_over_on_the_day_after_its_last(store: Store, period: str, last: str) -> None:
    end = parse_time(f"{last}T23:59:59+08:00")
    with pytest.raises(InputError, match=r"usage\.open"):
        summarise(store, period, schemas=SCHEMAS, unit=UNIT, now=end)
    summarise(store, period, schemas=SCHEMAS, unit=UNIT, now=end + 1)
