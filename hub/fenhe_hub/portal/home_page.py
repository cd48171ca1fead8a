"""The front page: one search box, four numbers, the cities, the classes, the state of the feeds."""

from typing import Any

from fenhe_hub.api.operation import Asked
from fenhe_hub.api.overview import overview
from fenhe_hub.charts.cities import PLACES, by_city, draw_cities


def home(asked: Asked) -> dict[str, Any]:
    """Everything the front page shows."""
    stats = overview(asked)
    counts = dict.fromkeys(PLACES, 0) | by_city(stats.cities)
    return {"stats": stats, "map": draw_cities("map", "各市资源数", "Resources by city", counts)}
