"""Charts: well-formed whatever goes in, told to whoever hears them, a table behind each."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenhe_hub.charts.ahead import DAYS, draw_ahead
from fenhe_hub.charts.bars import Bar, Threshold, draw_bars
from fenhe_hub.charts.chart import Chart, shown
from fenhe_hub.charts.cities import PLACES, by_city, city_of, draw_cities
from fenhe_hub.charts.course import Series, draw_course
from fenhe_hub.charts.scale import ticks

_SVG = "{http://www.w3.org/2000/svg}"
_TODAY = date(2026, 11, 23)
_XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), max_size=9)


def _drawn(chart: Chart) -> ElementTree.Element:
    """The drawing as a browser's parser would have it, with the names that it is heard by."""
    found = ElementTree.fromstring(str(chart.svg))
    assert found.get("role") == "img"
    said = {each.get("id"): each.text or "" for each in found if each.tag in ("title", "desc")}
    assert found.get("aria-labelledby") == " ".join(filter(None, said))
    assert [*said.values()] == [chart.title, chart.summary]
    assert all(len(row) == len(chart.heads) for row in chart.rows)
    return found


def _texts(chart: Chart) -> list[str]:
    return [each.text or "" for each in _drawn(chart).iter("text")]


@given(st.lists(st.tuples(_XML_TEXT, st.none() | st.floats(0, 1e12)), max_size=8), _XML_TEXT)
@settings(max_examples=30)
def test_a_hostile_name_is_text_and_nothing_else(
    told: list[tuple[str, float | None]], name: str
) -> None:
    bars = [Bar(f"<script>{each}</script>&\"'", value) for each, value in told]
    chart = draw_bars("k", name, "", bars, threshold=Threshold(3, name))
    assert {each.tag for each in _drawn(chart).iter()} <= set(
        ["svg", "title", "desc", "text", "rect", "line"]
    )
    assert len(chart.rows) == len(bars)


@given(st.floats(1e-6, 1e15))
def test_an_axis_ends_above_the_largest_value_in_few_even_steps(largest: float) -> None:
    marks = ticks(largest)
    assert marks[0] == 0 and marks[-1] >= largest * (1 - 1e-6) and 2 <= len(marks) <= 7


def test_a_day_without_a_value_is_a_gap_and_no_zero() -> None:
    days = [_TODAY + timedelta(days=number) for number in (0, 1, 3, 4)]
    chart = draw_course("c", "完整率", "", [Series("D2", dict.fromkeys(days, 50.0))], unit="%")
    assert len(list(_drawn(chart).iter("polyline"))) == 2
    assert [row[0] for row in chart.rows] == [day.isoformat() for day in days]


def test_lines_differ_by_their_dashes() -> None:
    two = {_TODAY: 1.0, _TODAY + timedelta(days=1): 2.0}
    chart = draw_course("c", "t", "", [Series("a", two), Series("b", two)])
    dashes = [line.get("stroke-dasharray") for line in _drawn(chart).iter("polyline")]
    assert len(set(dashes)) == len(dashes) == 2
    names = [text for text in _texts(chart) if text[:2] in ("a ", "b ")]
    assert names == ["a 2", "b 2"]


def test_what_lies_below_a_threshold_is_told_in_words_and_an_example_as_one() -> None:
    line = Threshold(60, "开放率", is_example=True)
    chart = draw_bars(
        "r", "开放率", "", [Bar("甲", 59.9), Bar("乙", 60), Bar("丙", None)], threshold=line
    )
    assert [row[2] for row in chart.rows] == ["低于 below", "达到 reached", "—"]
    assert any("示例" in text for text in _texts(chart))
    assert "低于 below 1 / 2" in chart.summary


@pytest.mark.parametrize("number", [0, DAYS - 1])
def test_due_dates_of_the_next_sixty_days_are_counted(number: int) -> None:
    day = _TODAY + timedelta(days=number)
    outside = {_TODAY - timedelta(days=1): 7, _TODAY + timedelta(days=DAYS): 8}
    chart = draw_ahead("d", "t", "", {day: 2, **outside}, _TODAY, {day: 1})
    assert chart.rows == ((day.isoformat(), 2, 1),)
    assert "3" in _texts(chart)


def test_every_city_has_its_number_in_its_tile() -> None:
    values = {"太原": 1200, "大同": 0, "": 3}
    chart = draw_cities("m", "t", "", values)
    texts = _texts(chart)
    assert set(PLACES) <= set(texts)
    assert texts[texts.index("太原") + 1] == "1,200"
    assert texts[texts.index("大同") + 1] == "0"
    assert texts[texts.index("运城") + 1] == shown(None) == "—"
    assert chart.rows[-1] == ("其他 elsewhere", 3)


def test_no_two_tiles_lie_on_each_other() -> None:
    places = list(PLACES.values())
    assert len(places) == 11
    apart = (
        max(abs(a[0] - b[0]), abs(a[1] - b[1]))
        for i, a in enumerate(places)
        for b in places[i + 1 :]
    )
    assert min(apart) >= 1


def test_a_place_is_a_city_however_it_is_written() -> None:
    assert [city_of(each) for each in ("太原市", "太原", "山西省太原市", "北京市", "")] == [
        *("太原", "太原", "太原", "", ""),
    ]
    assert by_city({"太原市": 2, "太原": 1, "北京市": 4}) == {"太原": 3, "": 4}


@pytest.mark.parametrize("chart", [draw_bars("k", "t", "", []), draw_course("k", "t", "", [])])
def test_a_chart_of_nothing_says_so(chart: Chart) -> None:
    assert chart.is_empty and any("还没有数据" in text for text in _texts(chart))
