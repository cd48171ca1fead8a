"""A report as tables: title, heads, rows; sheets and page show the same ones. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from fenhe_hub.api.labels import RESOURCE_KINDS, class_label, facet_label, kind_label, state_label
from fenhe_hub.casework.course import KIND_LABELS, STATE_LABELS, Kind, State
from fenhe_hub.reporting.facts import ReportFacts, UnitFacts, percent, province
from fenhe_hub.reporting.period import Period

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `note` says of what the figures are."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


def heading(facts: ReportFacts) -> str:
    """The title of a report."""
    return f"{Period.parse(facts.period).title_zh}科技资源开放共享情况"


def provenance(facts: ReportFacts) -> Table:
    """What the report was made from, and what of it stands where."""
    rows: list[tuple[Cell, ...]] = [
        ("省平台 hub", facts.hub),
        ("统计期 period", facts.period + ("（期中，未结束）" if facts.is_partial else "")),
        ("日志位置 cursor of fed", f"{facts.epoch}-{facts.size}"),
        ("该处树根 root there", facts.root),
        ("编制时间 made at", facts.made_at),
        ("规则集 rule set", f"{facts.rules_name} {facts.rules_sha256}"),
        ("尚未汇总的使用日志条目 leaves not added up yet", facts.untold),
    ]
    note = (
        "各项数字是编制时从镜像的索引和办理记录里数出来的，存档，"
        "散列值写入省平台日志 (report.made)；同一日志位置再取，逐字节相同。"
        "此后的抹除和更正不改变已编制的报告，只反映在下一份里。"
    )
    return Table("编制说明 Provenance", ("项目", "内容"), tuple(rows), note)


def tables(facts: ReportFacts) -> tuple[Table, ...]:
    """All tables of a report, the province first."""
    whole = province((*facts.units, facts.elsewhere))
    return (
        _summary(facts, whole),
        _units(facts),
        _counts("各类资源 By kind", whole.kinds, lambda c: str(kind_label(c))),
        _counts("仪器按价值 By band", whole.bands, lambda c: str(facet_label("value_band", c))),
        _counts("仪器按分类 By class", whole.classes, lambda c: f"{c} {class_label(c)}".strip()),
        _counts("仪器按地市 By city", whole.cities, str),
        _findings(whole),
        _hours(facts, whole),
        _opening(facts, whole),
        _thresholds(facts),
        _measures(facts),
        _complaints(facts),
        provenance(facts),
    )


def _summary(facts: ReportFacts, whole: UnitFacts) -> Table:
    late = [unit for unit in facts.units if unit.late_rules]
    rows: list[tuple[Cell, ...]] = [
        ("管理单位", len(facts.units)),
        ("其中按时", len(facts.units) - len(late)),
        ("其中逾期", len(late)),
        ("科研设施与仪器等资源", _resources(whole)),
        ("其中科学仪器", whole.kinds.get("instrument", 0)),
        ("有效机时（小时）", whole.hours.get("effective_minutes", 0) // 60),
        ("对外服务机时（小时）", whole.hours.get("external_minutes", 0) // 60),
        ("本期作出的措施", _of(whole.measures, "decided ")),
        ("本期收到的意见投诉", whole.complaints.get("received", 0)),
        ("本期办结的意见投诉", whole.complaints.get("closed", 0)),
    ]
    return Table("概况 Summary", ("项目", "数"), tuple(rows))


def _resources(unit: UnitFacts) -> int:
    """What one can go to and use: records about them are none."""
    return sum(unit.kinds.get(kind, 0) for kind in RESOURCE_KINDS)


def _units(facts: ReportFacts) -> Table:
    heads = ("单位", "代码", "资源", "其中仪器", "逾期项", "本期新增", "逾期规则")
    return Table("各单位 By unit", heads, tuple(map(_unit_row, facts.units)))


def _unit_row(unit: UnitFacts) -> tuple[Cell, ...]:
    overdue = [(count, new) for _, state, count, new in unit.findings if state == "overdue"]
    return (
        *(unit.name, unit.uscc, _resources(unit), unit.kinds.get("instrument", 0)),
        *(sum(count for count, _ in overdue), sum(new for _, new in overdue)),
        "、".join(dict.fromkeys(unit.late_rules)) or "按时",
    )


def _counts(title: str, counts: Mapping[str, int], named: Callable[[str], str]) -> Table:
    ordered = sorted(counts.items(), key=lambda each: (_BANDS.get(each[0], 0), each[0]))
    rows = [(named(code) if code else "未填", count) for code, count in ordered]
    return Table(title, ("项目", "数"), tuple(rows))


def _findings(whole: UnitFacts) -> Table:
    rows = [(rule, state_label(state).zh, n, new) for rule, state, n, new in whole.findings]
    note = "状态是编制时最近一次检查的；“本期新增”按逾期起始日在统计期内计。"
    return Table("披露规则 Findings", ("规则", "状态", "数", "本期新增"), _by_rule(rows), note)


def _by_rule(rows: Iterable[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(sorted(rows, key=lambda row: (int(str(row[0])[1:]), str(row[1]))))


def _hours(facts: ReportFacts, whole: UnitFacts) -> Table:
    rows = [_hours_row(unit) for unit in (*facts.units, whole)]
    heads = (
        "单位",
        "代码",
        "服务次数",
        "有效机时（小时）",
        "对外机时（小时）",
        "共享率",
        "收入（元）",
    )
    note = "由使用日志中开始于统计期内的服务记录相加；共享率 = 对外服务机时 ÷ 有效机时。"
    return Table("机时 Hours", heads, tuple(rows), note)


def _hours_row(unit: UnitFacts) -> tuple[Cell, ...]:
    told = unit.hours
    effective, external = told.get("effective_minutes", 0), told.get("external_minutes", 0)
    return (
        *(unit.name, unit.uscc, told.get("services", 0), effective // 60, external // 60),
        *(percent(external, effective), told.get("fen", 0) // 100),
    )


def _opening(facts: ReportFacts, whole: UnitFacts) -> Table:
    rows = [_opening_row(unit) for unit in facts.units]
    note = "入网率 = 入网数 ÷ 应入网数，开放率 = 参与共享数 ÷ 应入网数，按单位最近一年申报。"
    heads = ("单位", "代码", "年度", "应入网数", "入网数", "入网率", "参与共享数", "开放率")
    return Table("开放 Opening", heads, tuple(rows), note)


def _opening_row(unit: UnitFacts) -> tuple[Cell, ...]:
    told = unit.declared
    eligible = told.get("eligible_items", 0)
    registered, shared = told.get("registered_items", 0), told.get("shared_items", 0)
    return (
        *(unit.name, unit.uscc, str(told.get("year", "")), eligible),
        *(registered, percent(registered, eligible), shared, percent(shared, eligible)),
    )


def _thresholds(facts: ReportFacts) -> Table:
    rows = [
        (rule or "各规则", name, value, "示例" if is_example else "")
        for rule, name, value, is_example in facts.thresholds
    ]
    note = "标“示例”的数没有依据，只作提示，不作采取措施的依据。"
    return Table("现行界限 Thresholds", ("规则", "参数", "值", "性质"), tuple(rows), note)


def _measures(facts: ReportFacts) -> Table:
    rows = [
        (unit.name, unit.uscc, _measure_name(code), count)
        for unit in (*facts.units, facts.elsewhere)
        for code, count in sorted(unit.measures.items())
    ]
    return Table("措施 Measures", ("单位", "代码", "项目", "数"), tuple(rows))


def _measure_name(code: str) -> str:
    what, _, name = code.partition(" ")
    if what == "decided":
        return f"本期作出：{KIND_LABELS[Kind(name)][0]}"
    return f"编制时状态：{STATE_LABELS[State(name)][0]}"


_BANDS = {"under_20": 1, "from_20": 2, "from_50": 3, "from_200": 4}
_CASES = {
    "received": "本期收到",
    "answered": "本期答复",
    "closed": "本期办结",
    "open": "编制时未结",
}


def _complaints(facts: ReportFacts) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (unit.name, unit.uscc, *(unit.complaints.get(name, 0) for name in _CASES))
        for unit in (*facts.units, facts.elsewhere)
        if unit.complaints
    ]
    return Table("意见投诉 Complaints", ("单位", "代码", *_CASES.values()), tuple(rows))


def _of(counts: Mapping[str, int], prefix: str) -> int:
    return sum(count for name, count in counts.items() if name.startswith(prefix))
