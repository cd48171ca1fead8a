"""`/settings`: the configuration as it was read at start, and what each key means."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from fenhe_hub.console.asking import Answer, Asked, Reach, Route
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.office.roles import Permission

Setting = tuple[str, str, str, str]  # key, value, what it is in Chinese, in English
_SECRET = ("password", "secret", "token")
COLUMNS: tuple[Column[Setting], ...] = (
    Column("key", "键", "key", lambda s: s[0], sorts=True),
    Column("value", "值", "value", lambda s: s[1]),
    Column("zh", "说明", "meaning", lambda s: s[2]),
    Column("en", "英文说明", "in English", lambda s: s[3], form="wide"),
)
TABLE = Table("/settings", "settings", COLUMNS, "key", (Filter("q", "键或说明"),))
MATCHES: Mapping[str, Callable[[Setting, str], bool]] = {"q": has_words(lambda s: "\n".join(s))}


def settings_of(config: Any, before: str = "") -> Iterator[Setting]:
    """All settings of a dataclass, groups taken apart; what is secret is not told."""
    for each in fields(config):
        value, key = getattr(config, each.name), f"{before}{each.name}"
        if is_dataclass(value):
            yield from settings_of(value, f"{key}.")
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for number, item in enumerate(value):
                yield from settings_of(item, f"{key}[{number}].")
        else:
            told = each.metadata
            yield key, _told(each.name, value), told.get("zh", ""), told.get("en", "")


def _told(name: str, value: object) -> str:
    if value and name in _SECRET:
        return "（不显示 not shown）"
    if isinstance(value, Mapping):
        return "；".join(f"{key}: {each}" for key, each in value.items())
    if isinstance(value, tuple):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


def show(asked: Asked) -> Answer:
    """The list."""
    hub = asked.console.hub
    source = Listed(COLUMNS, list(settings_of(hub.config)), MATCHES)
    context = {"file": str(hub.home.config_file)}
    return answer(asked.query, TABLE, source, "console/settings.html", context, asked.now)


ROUTES = (Route("GET", "/settings", show, Permission.AUDIT, Reach.PROVINCE),)
