"""What the API answers about findings, refusals, changes, checks of evidence, and figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fenhe_hub.api.shapes import Date, Index, Link, NextCursor, Origin, Source, Time, Total, Uscc


@dataclass(frozen=True, slots=True)
class EvidencePlace:
    """依据所在 A leaf on which a finding stands."""

    origin: Origin
    index: Index | None
    delivered_on: Date | None


@dataclass(frozen=True, slots=True)
class ExemptionItem:
    """豁免 An exemption that an authority granted; `until` is its last day, null: no end."""

    number: str
    approver: str
    reason: str
    filing_no: Annotated[str, "备案号 its filing number"]
    start: Annotated[Date, "自 its first day"]
    until: Annotated[Date | None, "至 its last day"]


@dataclass(frozen=True, slots=True)
class ObjectionItem:
    """异议 That a unit objected, how it was decided, and what it wants everyone to read of it."""

    number: str
    raised_on: Date
    decision: Annotated[
        Literal["open", "upheld", "partly", "rejected"],
        "open 未答复 · upheld 成立 · partly 部分成立 · rejected 不成立",
    ]
    statement: Annotated[str, "单位愿意公开的说明 its public statement"]


@dataclass(frozen=True, slots=True)
class WithdrawnItem:
    """更正 That the rule set which made it was wrong, and the finding is withdrawn, in public."""

    number: str
    reason: str
    withdrawn_on: Date


@dataclass(frozen=True, slots=True)
class FindingItem:
    """一项检查结果 What a rule says of a unit or of one of its records."""

    unit: Uscc
    unit_name: str
    rule: Annotated[str, "规则编号 D1, D2, …"]
    rule_name: Annotated[str, "规则名称 name of the rule"]
    kind: Annotated[str, "对象类别，空为单位整体; empty for the unit as a whole"]
    id: str
    state: Annotated[
        Literal["met", "due", "provisional", "overdue", "not_applicable", "exempt", "unknown"],
        "met 已满足 · due 待办 · provisional 暂定 · overdue 逾期 · not_applicable 不适用 ·"
        " exempt 已豁免 · unknown 无法判断",
    ]
    due: Annotated[Date | None, "期限 due on"]
    since: Annotated[Date | None, "自何日起 in this state since"]
    todo_zh: Annotated[str, "下一步 what to do next"]
    todo_en: str
    evidence: tuple[EvidencePlace, ...]
    exemption: ExemptionItem | None
    objections: tuple[ObjectionItem, ...]
    withdrawn: WithdrawnItem | None
    rule_set: Annotated[str, "规则集摘要 SHA-256 of the rule set: /rules/<rule_set>.yaml"]
    rule_from: Annotated[Date | None, "规则自何日起 the rule holds since"]
    leads_to_measures: Annotated[
        bool, "可作采取措施的依据 an authority may base a measure on it; never on an example number"
    ]


@dataclass(frozen=True, slots=True)
class FindingPage:
    """检查结果列表 A page of findings, what is due first at the top."""

    items: tuple[FindingItem, ...]
    total: Total
    counts: Annotated[Mapping[str, Mapping[str, int]], "规则 → 状态 → 条数 rule → state → number"]
    sources: Mapping[str, Source]
    next: NextCursor


@dataclass(frozen=True, slots=True)
class RefusalItem:
    """一条退回的内容 A body that was refused; what it held is told to its unit alone."""

    origin: Origin
    index: Index
    tier: Annotated[str, "级别, - 为整条 tier, - for a whole leaf"]
    code: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """退回内容列表 A page of refusals."""

    items: tuple[RefusalItem, ...]
    total: Total
    source: Source
    next: NextCursor


@dataclass(frozen=True, slots=True)
class Change:
    """一项变化 One thing that happened, in the order of the hub's own log.

    `record`: a leaf with a public body was published. `erasure`: bodies were taken back, forget
    them. `statement`: the hub said something else about a unit or log; `body` holds it.
    """

    type: Literal["record", "erasure", "statement"]
    fed_epoch: Annotated[int, "枢纽日志的期次 epoch of the hub's log: 2 is fed.2"]
    fed_index: Annotated[int, "在枢纽日志中的位置 leaf of the hub's log that announced it"]
    origin: Annotated[str, "所涉日志或单位的来源名 origin of the log or unit concerned"]
    index: Index | None
    unit: Uscc | None
    kind: str | None
    id: str | None
    deleted: Annotated[bool, "记录已删除 the record is deleted from here on"]
    body: Annotated[
        Mapping[str, Any] | None, "公开部分原文，已清除则为 null; null if it is no longer there"
    ]
    proof: Annotated[Link, "证明谁签了这句话 what proves who signed it: a proof file"]


@dataclass(frozen=True, slots=True)
class ChangePage:
    """变化 A page of changes. Keep `cursor` once the items are stored, and ask again from there."""

    items: tuple[Change, ...]
    cursor: Annotated[str, "下次从这里继续 where to go on; never skips anything"]
    more: Annotated[bool, "后面还有，可立即继续 there is more at once"]
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Step:
    """验证的一步 One step of a verification."""

    name: Literal["root", "checkpoint", "cosignature", "entry", "inclusion", "commitment", "record"]
    title_zh: str
    title_en: str
    ok: bool
    detail: Annotated[Mapping[str, str], "所见数值 what was seen: hashes, sizes, times"]
    problem: Annotated[str | None, "未通过的原因 why it failed"]


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """重新验证的结果 The mirror's files, read and verified again just now."""

    origin: Origin
    index: Index
    ok: bool
    verified_at: Time
    steps: tuple[Step, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Stats:
    """总览 Figures over what is public."""

    units: Annotated[int, "登记单位数 enrolled units"]
    instruments: int
    records: Annotated[Mapping[str, int], "各类记录数 records by kind"]
    cities: Annotated[Mapping[str, int], "各市资源数 resources by city"]
    classes: Annotated[
        Mapping[str, int], "各大类资源数，以分类编码前两位为键 by the first two digits of the class"
    ]
    received_today: Annotated[int, "今日收到的记录数 records received today (UTC+8)"]
    states: Annotated[Mapping[str, int], "各来源状态的单位数 units by state of their feed"]
    oldest: Annotated[Source | None, "最久未更新的来源 the source not heard of for longest"]


@dataclass(frozen=True, slots=True)
class Problem:
    """出错说明 RFC 9457. `code` is stable; the sentences may change."""

    type: str
    title: str
    status: int
    code: str
    where: Annotated[str, "出错的参数或对象 the parameter or thing concerned"]
    expected: str
    found: str
    advice: str
