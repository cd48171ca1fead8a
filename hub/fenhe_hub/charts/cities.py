"""The eleven cities of Shanxi as tiles, about where they lie. Start at `draw_cities`."""

from collections.abc import Mapping

from fenhe_hub.charts.chart import Chart, shown, table_rows
from fenhe_hub.charts.paper import ACCENT, INK, LINE, PALE, Paper

PLACES: Mapping[str, tuple[float, float]] = {
    "大同": (2, 0),
    "朔州": (1, 0),
    "忻州": (1, 1),
    "吕梁": (0, 2),
    "太原": (1, 2),
    "阳泉": (2, 2),
    "晋中": (1, 3),
    "临汾": (0.5, 4),
    "长治": (1.5, 4),
    "运城": (0.5, 5),
    "晋城": (1.5, 5),
}
"""Column and row of each city."""

_SIDE, _GAP, _LEAST_WIDTH = 86, 6, 292
# Ink reads on each of them.
_SHADES = ("#ffffff", "#edf5f4", PALE, "#bcdcd8", "#93c6c0")


def city_of(told: str) -> str:
    """The city that a record names, as a tile is named; "" for any other place."""
    name = told.strip().removeprefix("山西省").removesuffix("市")
    return name if name in PLACES else ""


def by_city(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by whatever places are told, as counts by tile; under "" what lies in none."""
    found: dict[str, int] = {}
    for told, count in counts.items():
        found[city_of(told)] = found.get(city_of(told), 0) + count
    return found


def draw_cities(
    key: str, title: str, title_en: str, values: Mapping[str, float | None], *, unit: str = ""
) -> Chart:
    """Each tile with its number, the darker the larger; a city without a value has a dash."""
    known = {city: value for city in PLACES if (value := values.get(city)) is not None}
    most = max(known.values(), default=0)
    ordered = sorted(PLACES, key=lambda city: -known.get(city, -1))
    summary = "; ".join(f"{city} {shown(values.get(city), unit)}" for city in ordered)
    pitch = _SIDE + _GAP
    paper = Paper(key, title, summary, max(3 * pitch + _GAP, _LEAST_WIDTH), 6 * pitch + _GAP)
    for city, (column, row) in PLACES.items():
        x, y, value = _GAP + column * pitch, _GAP + row * pitch, values.get(city)
        edge = ACCENT if value is not None and value == most > 0 else LINE
        paper.rect(x, y, _SIDE, _SIDE, fill=_shade(value, most), stroke=edge)
        middle = x + _SIDE / 2
        paper.text(middle, y + 34, city, anchor="middle", size=15, fill=INK)
        number = shown(value, unit)
        paper.text(middle, y + 60, number, anchor="middle", size=17, fill=INK, bold=True)
    rows = [(city, values.get(city)) for city in ordered]
    if rest := values.get(""):
        rows.append(("其他 elsewhere", rest))
    heads = ("市 city", f"数值 value {unit}".strip())
    return Chart(
        key, title, title_en, summary, paper.done(), heads, table_rows(rows), is_empty=not known
    )


def _shade(value: float | None, most: float) -> str:
    if value is None or most <= 0:
        return _SHADES[0]
    return _SHADES[round(value / most * (len(_SHADES) - 1))]
