"""The text of a notice, from a template with named places. Pure; start at `render`.

A template is plain text in which `{{ name }}` stands for one of `PLACES` and nothing else has a
meaning, so that what staff or a unit wrote can never act. One for each matter lies in `letters/`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources

from fenhe_hub.casework.course import ON_ITEMS, Kind
from fenhe_protocol.errors import RequestError

PLACES: Mapping[str, tuple[str, str, str]] = {
    "unit_name": ("单位名称", "name of the unit", "示例大学"),
    "unit_code": ("统一社会信用代码", "code of the unit", "12140000000000019W"),
    "number": ("措施编号", "number of the measure", "M-2026-0001"),
    "notice": ("通知编号", "number of the notice", "N-2026-0001"),
    "findings": ("所依据的检查结果", "the findings, a line each", "1. D2 EQ-0001 缺收费标准"),
    "reason": ("理由", "reason", "多次提醒仍未公开收费标准"),
    "item": ("仪器设施", "the item", "核磁共振波谱仪（EQ-0001）"),
    "evaluation": ("评价结果", "evaluation result", "2026 年度 较差"),
    "answer_by": ("答复期限", "answer by", "2026-12-25"),
    "deadline": ("整改期限", "deadline", "2027-01-31"),
    "until": ("至", "last day", "2027-12-31"),
    "document_no": ("文号", "document number", "晋示例发〔2026〕1号"),
    "decided_by": ("决定机关", "deciding body", "示例主管部门"),
    "decided_on": ("决定日期", "day of the decision", "2026-11-23"),
}
"""What a template may name: Chinese, English, an example. An empty one is written as （无）."""

PAPER = "paper_"
"""Begins the names of what goes to a unit that has no node: it is answered on paper."""
ENDINGS = ("revocation", "closing")
LONGEST = 20_000
NOTHING = "（无）"

_PLACE = re.compile(r"\{\{\s*+([a-z_]++)\s*+\}\}")  # nothing is tried twice, whatever is typed


def check(template: str) -> None:
    """RequestError 422 `notice.place` names what no template may name, `notice.text` if empty."""
    if not template.strip() or len(template) > LONGEST:
        raise RequestError("notice.text", status=422, expected=f"1–{LONGEST}")
    for begun in re.finditer(r"\{\{", template):
        place = _PLACE.match(template, begun.start())
        if place is None or place[1] not in PLACES:
            found = place[1] if place else template[begun.start() :][:40]
            known = ", ".join(PLACES)
            raise RequestError("notice.place", status=422, expected=known, found=found)


def render(template: str, values: Mapping[str, str]) -> str:
    """The text; RequestError as `check`. What a value holds is never read as a place."""
    check(template)
    text = _PLACE.sub(lambda match: values.get(match[1], "") or NOTHING, template).strip()
    if len(text) > LONGEST:
        raise RequestError("notice.text", status=422, expected=f"≤ {LONGEST}", found=str(len(text)))
    return text


def example(template: str) -> str:
    """The text with the examples of all places, for a look at a template."""
    return render(template, {name: shown for name, (_, _, shown) in PLACES.items()})


@cache
def templates() -> Mapping[str, str]:
    """The template of each kind of measure, and of each way in which one ends."""
    folder = resources.files("fenhe_hub.office") / "letters"
    usual = (*(kind.value for kind in Kind), *ENDINGS)
    on_paper = (f"{PAPER}{kind}" for kind in Kind if kind not in ON_ITEMS)
    names = (*usual, *on_paper)
    return {name: (folder / f"{name}.txt").read_text("utf-8").strip() for name in names}


def title_of(matter: str, unit_name: str) -> str:
    """The usual title of a notice."""
    return _TITLES[matter].format(unit=unit_name)


_TITLES: Mapping[str, str] = {
    "reminder": "关于请{unit}补正科技资源开放共享信息的提醒",
    "criticism": "关于{unit}科技资源开放共享情况的通报",
    "rectification": "关于{unit}限期整改的通知",
    "no_purchase": "关于{unit}停止新购仪器设备的决定",
    "no_project_equipment": "关于{unit}申报科技计划项目不准购置仪器设备的决定",
    "reallocation": "关于{unit}有关科研设施与仪器无偿划拨的决定",
    "revocation": "关于撤销对{unit}有关措施的通知",
    "closing": "关于{unit}有关措施办结的通知",
}
