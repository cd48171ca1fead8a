"""The public register of complaints: counts by subject and state, and every case without a word."""

from typing import Any

from fenhe_hub.api.complaint_cases import list_complaints
from fenhe_hub.api.labels import Pair
from fenhe_hub.api.operation import Asked
from fenhe_hub.feedback.subjects import CATEGORY_LABELS, ROUTE_LABELS, STATE_LABELS


def case_list(asked: Asked) -> dict[str, Any]:
    """The register."""
    page = list_complaints(asked)
    return {
        "page": page,
        "categories": {code: Pair(*words) for code, words in CATEGORY_LABELS.items()},
        "states": {code: Pair(*words) for code, words in STATE_LABELS.items()},
        "routes": {code: Pair(*words) for code, words in ROUTE_LABELS.items()},
        "shown_states": [
            state for state in STATE_LABELS if any(state in each for each in page.counts.values())
        ],
    }
