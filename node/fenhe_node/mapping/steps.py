"""Price steps (阶梯价格) as they stand in a cell. Start at `read_steps` and `write_steps`.

One step says for whom, for which quantities and what is paid: 单位内部 100以上 不满200 180元;
200以上 80%. 以上、以下、以内 include the number and 不满、超过 do not, as the Civil Code has it
(民法典 第一千二百五十九条). A discount is written as what is paid: 八折 is 80%.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.headers import key

_PARTIES = {
    "internal": ("单位内部", "内部", "校内", "院内", "internal"),
    "external": ("单位外部", "外部", "校外", "对外", "external"),
    "small_firm": ("科技型中小微企业", "中小微企业", "小微企业", "small_firm"),
}
_PARTY = {key(word): party for party, words in _PARTIES.items() for word in words}
_NUMBER = r"(?P<n>\d{1,16})"
_FORMS: tuple[tuple[re.Pattern[str], tuple[tuple[str, int], ...]], ...] = (
    (re.compile(rf"(?:自|满|≥|>=){_NUMBER}|{_NUMBER.replace('n>', 'm>')}(?:以上|起)"),
     (("from_quantity", 0),)),
    (re.compile(rf"(?:超过|>){_NUMBER}"), (("from_quantity", 1),)),
    (re.compile(rf"(?:不满|不足|<){_NUMBER}"), (("below_quantity", 0),)),
    (re.compile(rf"(?:≤|<=){_NUMBER}|{_NUMBER.replace('n>', 'm>')}(?:以下|以内)"),
     (("below_quantity", 1),)),
)  # fmt: skip
_RANGE = re.compile(r"(\d{1,16})[-~～—至](\d{1,16})")
_YUAN = re.compile(r"(\d{1,14}(?:\.\d{1,2})?)元")
_PERCENT = re.compile(r"(\d{1,4})[%％]")
_LIKE = "单位内部 100以上 不满200 180元; 200以上 80%"


def read_steps(text: str) -> list[dict[str, Any]]:
    """Read all steps of a cell; Damage where a word of one is not understood."""
    steps = [_step(part) for part in re.split(r"[;；\n]", text) if part.strip()]
    if not steps:
        raise _unclear(text)
    return steps


def write_steps(steps: Sequence[Mapping[str, Any]]) -> str:
    """Write steps so that they are read back the same."""
    return "; ".join(" ".join(_words(step)) for step in steps)


def _words(step: Mapping[str, Any]) -> Iterator[str]:
    if "party" in step:
        yield _PARTIES[step["party"]][0]
    if "from_quantity" in step:
        yield f"{step['from_quantity']}以上"
    if "below_quantity" in step:
        yield f"不满{step['below_quantity']}"
    if "price_fen" in step:
        yield f"{step['price_fen'] // 100}.{step['price_fen'] % 100:02d}元"
    if "percent" in step:
        yield f"{step['percent']}%"


def _step(text: str) -> dict[str, Any]:
    step: dict[str, Any] = {}
    for word in re.split(r"[\s:：,，]+", text.strip()):
        found = _word(word)
        if not found or step.keys() & found.keys():
            raise _unclear(word)
        step |= found
    return step


def _word(word: str) -> dict[str, Any]:
    if party := _PARTY.get(key(word)):
        return {"party": party}
    if ends := _RANGE.fullmatch(word):
        return {"from_quantity": int(ends[1]), "below_quantity": int(ends[2]) + 1}
    if yuan := _YUAN.fullmatch(word):
        return {"price_fen": int(Decimal(yuan[1]) * 100)}
    if percent := _PERCENT.fullmatch(word):
        return {"percent": int(percent[1])}
    for pattern, ((name, more),) in _FORMS:
        if found := pattern.fullmatch(word):
            number = next(group for group in found.groups() if group is not None)
            return {name: int(number) + more}
    return {}


def _unclear(word: str) -> Damage:
    return Damage(
        "value.steps",
        f"看不懂“{word.strip()[:20]}”: 写成 {_LIKE}, 用空格和分号隔开",
        f"cannot tell what is meant: write steps like {_LIKE}",
    )
