"""The office's manual says what the console shows: its tabs, its buttons, its roles."""

import re

from fenhe_hub.console.navigation import SECTIONS
from fenhe_hub.office.roles import ROLE_LABELS
from tests.sources import ROOT

MANUAL = (ROOT / "docs/zh-CN/hub-office.md").read_text(encoding="utf-8")
TEMPLATES = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "hub/fenhe_hub/console/templates").rglob("*.html"))
)


def test_every_tab_is_explained() -> None:
    lacking = [each.zh for each in SECTIONS if not set(each.zh.split("与")) & told(each.zh)]
    assert lacking == []


def told(title: str) -> set[str]:
    """The words of a title that the manual has."""
    return {word for word in title.split("与") if word in MANUAL}


def test_every_role_is_explained() -> None:
    assert [zh for zh, _ in ROLE_LABELS.values() if f"| {zh} |" not in MANUAL] == []


def test_what_stands_in_quotation_marks_is_on_a_page() -> None:
    titles = {each.zh for each in SECTIONS}
    quoted = set(re.findall("“([^”]+)”", MANUAL))
    lacking = [text for text in quoted if text not in TEMPLATES and text not in titles]
    assert sorted(lacking) == []
