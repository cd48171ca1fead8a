"""The console's tabs, in their order. One shows as soon as a page answers at its path."""

from collections.abc import Iterable
from typing import NamedTuple


class Section(NamedTuple):
    """One tab."""

    path: str
    zh: str
    en: str


SECTIONS = (
    Section("/", "今天", "Today"),
    Section("/records", "记录", "Records"),
    Section("/imports", "导入", "Imports"),
    Section("/tiers", "分级", "Who sees what"),
    Section("/publish", "发布", "Publish"),
    Section("/fees", "收费", "Fees"),
    Section("/usage", "使用", "Usage"),
    Section("/outcomes", "成果", "Outcomes"),
    Section("/requests", "服务申请", "Requests"),
    Section("/keys", "密钥与备份", "Keys, backup"),
    Section("/help", "帮助", "Help"),
)


def shown(paths: Iterable[str]) -> tuple[Section, ...]:
    """The tabs of which the path has a route."""
    there = set(paths)
    return tuple(section for section in SECTIONS if section.path in there)


def here(sections: Iterable[Section], path: str) -> str:
    """The path of the tab in which a page stands; "" for a page in none."""
    inside = [
        section.path
        for section in sections
        if path == section.path or (section.path != "/" and path.startswith(f"{section.path}/"))
    ]
    return max(inside, key=len, default="")
