"""Lists: search, units, findings. Each is the API's list with its filters as links."""

from dataclasses import dataclass
from typing import Any

from fenhe_hub.api.judgements import STATES, list_findings, units_named
from fenhe_hub.api.labels import Pair, facet_label, state_label
from fenhe_hub.api.operation import Asked
from fenhe_hub.api.resources import list_resources
from fenhe_hub.api.units import list_units
from fenhe_hub.index.grams import words
from fenhe_hub.index.read import Unit, unit_with_code

FACET_TITLES = {
    "city": Pair("所在市", "City"),
    "class_code": Pair("分类", "Class"),
    "value_band": Pair("原值", "Value"),
    "status": Pair("状态", "Status"),
    "unit": Pair("单位", "Unit"),
    "kind": Pair("类别", "Kind"),
}
SORTS = {
    "relevance": Pair("相关度", "relevance"),
    "name": Pair("名称", "name"),
    "unit": Pair("单位", "unit"),
    "class": Pair("分类", "class"),
    "value": Pair("原值从高到低", "value, high to low"),
}
MOST_VALUES = 12
MOST_UNITS = 5


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words, to be taken off again."""

    name: str
    title: Pair
    text: str


def search(asked: Asked) -> dict[str, Any]:
    """Hits, facets, and the filters that are set."""
    found = list_resources(asked)
    return {
        "page": found,
        "facets": {name: found.facets[name] for name in FACET_TITLES if found.facets[name]},
        "titles": FACET_TITLES,
        "most": MOST_VALUES,
        "sorts": SORTS,
        "chips": [_chip(asked, name) for name in FACET_TITLES if asked.text(name)],
        "units": _named(asked),
        "shallow": len(asked.text("class_code") or "") < 6,
    }


def _named(asked: Asked) -> list[Unit]:
    """Units whose name is what was looked for: people type those too."""
    if not words(query := asked.text("q") or "") or asked.text("cursor"):
        return []
    return units_named(asked, query)[:MOST_UNITS]


def _chip(asked: Asked, name: str) -> Chip:
    value = str(asked.text(name))
    if name == "unit":
        unit = unit_with_code(asked.db, value)
        return Chip(name, FACET_TITLES[name], unit.name if unit else value)
    return Chip(name, FACET_TITLES[name], facet_label(name, value).zh)


def unit_list(asked: Asked) -> dict[str, Any]:
    """Units with the state of their feeds."""
    return {"page": list_units(asked)}


def finding_list(asked: Asked) -> dict[str, Any]:
    """Findings; the states to choose from with their words."""
    states = {"open": Pair("需处理", "open"), "all": Pair("全部", "all")}
    states |= {state: state_label(state) for state in STATES}
    rules = {rule.rule: Pair(rule.name_zh, rule.name_en) for rule in asked.reading.rules}
    return {"page": list_findings(asked), "states": states, "rules": rules}
