"""What a rule's parameters are called, and their values in words. Start at `told`."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from fenhe_hub.api.labels import kind_label
from fenhe_hub.rules.ruleset import Rule
from fenhe_protocol.schema import SchemaSet

Told = tuple[str, str, str, bool]
"""What a parameter is called, its own name, its value, whether that is an example."""

NAMES: Mapping[str, str] = {
    "line_yuan": "价值线（元）",
    "public_funds": "算作公共经费的来源",
    "base_carriers": "依托政策所列基地的载体",
    "kinds": "管到的类别",
    "days": "期限（天）",
    "day_kind": "按什么日子算",
    "first_day": "从哪一天起",
    "regimes": "须公开的四项制度",
    "required": "须公开的内容",
    "census_by": "普查截止日",
    "probe_days": "网址打不开满几天",
    "rated_hours": "额定机时（小时/年）",
    "use_per_cent": "使用率门槛（%）",
    "external_hours": "对外服务机时门槛（小时/年）",
    "open_hours": "开放机时门槛（小时/年）",
    "share_per_cent": "共享率门槛（%）",
    "opening_per_cent": "开放率门槛（%）",
    "off_per_cent": "汇总与明细可差（%）",
    "hair_per_cent": "价值低于线多少算可疑（%）",
    "night_hours": "一次补报多少小时算可疑",
}
_WORDS: Mapping[str, str] = {
    "working": "工作日",
    "calendar": "日历日",
    "regime_opening": "开放制度",
    "regime_operation": "运行制度",
    "regime_maintenance": "维护制度",
    "regime_use": "使用办法",
    "usage": "使用情况",
    "central": "中央财政",
    "local": "地方财政",
    "own": "单位自有",
    "other": "其他",
}


def shared_parameters(rules: Iterable[Rule]) -> dict[str, Any]:
    """What stands the same in every rule."""
    first, *others = (rule.parameters for rule in rules)
    return {
        name: value
        for name, value in first.items()
        if others and all(name in each and each[name] == value for each in others)
    }


def told(parameters: Mapping[str, Any], examples: Iterable[str] = ()) -> list[Told]:
    """Each of them in words."""
    marked = set(examples)
    return [
        (NAMES.get(name, ""), name, _value(value), name in marked)
        for name, value in parameters.items()
    ]


def _value(value: Any) -> str:
    if value is None:
        return "未定"
    if isinstance(value, Mapping):
        return "\n".join(f"{_word(name)}：{_fields(name, each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return "、".join(map(_word, value))
    if isinstance(value, int):
        return f"{value:,}"
    return value.isoformat() if isinstance(value, date) else _word(str(value))


def _word(code: str) -> str:
    if code in _WORDS:
        return _WORDS[code]
    return kind_label(code).zh


def _fields(kind: str, names: Iterable[str]) -> str:
    """What a kind must have, by the titles of its fields; `|`: one of them is enough."""
    known = {each.name: each.title_zh for each in SchemaSet.load().kind(kind).own_fields}
    return "、".join(
        "或".join(_WORDS.get(part) or known.get(part, part) for part in name.split("|"))
        for name in names
    )
