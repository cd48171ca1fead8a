"""The front page: one search box, four numbers, the cities, the classes, the state of the feeds."""

from typing import Any

from fenhe_hub.api.operation import Asked
from fenhe_hub.api.overview import overview


def home(asked: Asked) -> dict[str, Any]:
    """Everything the front page shows."""
    return {"stats": overview(asked)}
