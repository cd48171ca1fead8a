"""What a visit came to, in words for the operator; the codes stay beside them."""

from fenhe_hub.agenda.planner import Outcome
from fenhe_protocol.error_texts import TEXTS

_WORDS = {
    Outcome.NEW: "还没去过",
    Outcome.GROWN: "有新增",
    Outcome.UNCHANGED: "无变化",
    Outcome.OLDER: "给的是旧的",
    Outcome.DEFER: "没取到",
    Outcome.REFUSE: "未通过验证",
    Outcome.QUARANTINE: "已隔离",
}
NO_UNITS = "还没有登记单位: fenhe-hub enrol; no unit is enrolled yet"
NOBODY = "没有要巡访的单位; there is no unit to visit"


def told(outcome: str, code: str, *more: str) -> str:
    """`没取到 defer: fetch.connect 无法连接 …`; `more` is a place or a remark, empty if none."""
    said = f"{_WORDS[Outcome(outcome)]} {outcome}"
    why = " ".join(filter(None, (code, TEXTS[code].zh if code in TEXTS else "", *more)))
    return f"{said}: {why}" if why else said
