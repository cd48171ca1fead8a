"""The front page: one search box, four numbers, the cities, the classes, the state of the feeds."""

from typing import Any

from fenhe_hub.api.operation import Asked
from fenhe_hub.api.overview import overview
from fenhe_hub.index.figures import figures


def home(asked: Asked) -> dict[str, Any]:
    """Everything the front page shows."""
    counted = figures(asked.db, asked.now)
    return {
        "stats": overview(asked),
        "cities": counted.cities.most_common(),
        "classes": sorted(counted.classes.items()),
    }
