"""The columns of exported lists: labels, never codes alone, and the state of each source."""

from typing import Any

from fenhe_hub.api.labels import facet_label, kind_label, source_label, state_label
from fenhe_hub.api.operation import Column
from fenhe_hub.api.shapes import Source


def _plain(zh: str, en: str, name: str) -> Column:
    return Column(zh, en, lambda item, page: getattr(item, name))


def _labelled(zh: str, en: str, facet: str) -> Column:
    def cell(item: Any, page: Any) -> str | None:
        value = getattr(item, facet)
        return facet_label(facet, value).zh if value else None

    return Column(zh, en, cell)


def _source(item: Any, page: Any) -> Source:
    """A list of one unit has one source, a list of units one in each, others one for each unit."""
    if hasattr(page, "sources"):
        found: Source = page.sources[item.unit]
        return found
    holder = page if hasattr(page, "source") else item
    alone: Source = holder.source
    return alone


_SOURCE = (
    Column("来源状态", "state of the feed", lambda i, p: source_label(_source(i, p).state).zh),
    Column("来源最近确认", "last confirmed", lambda item, page: _source(item, page).heard_at),
)

RESOURCE_COLUMNS = (
    _plain("单位代码", "unit", "unit"),
    _plain("单位", "unit name", "unit_name"),
    _labelled("类别", "kind", "kind"),
    _plain("编号", "id", "id"),
    _plain("名称", "name", "name_zh"),
    _plain("英文名称", "name in English", "name_en"),
    _plain("规格型号", "model", "model"),
    _plain("生产制造商", "manufacturer", "manufacturer"),
    _plain("分类编码", "class code", "class_code"),
    _labelled("分类", "class", "class_code"),
    _plain("所在市", "city", "city"),
    _labelled("原值区间", "value band", "value_band"),
    _labelled("状态", "status", "status"),
    _plain("网页", "page", "page"),
    *_SOURCE,
)

UNIT_COLUMNS = (
    _plain("代码", "code", "uscc"),
    _plain("单位", "unit", "name_zh"),
    _plain("英文名称", "name in English", "name_en"),
    _plain("来源名", "origin", "origin"),
    _plain("仪器数", "instruments", "instruments"),
    _plain("上一版格式的记录数", "records of an earlier schema", "lagging"),
    *_SOURCE,
)

RECORD_COLUMNS = (
    _plain("单位代码", "unit", "unit"),
    _labelled("类别", "kind", "kind"),
    _plain("编号", "id", "id"),
    _plain("日志", "origin", "origin"),
    _plain("位置", "index", "index"),
    _plain("回执时间", "receipt", "received_at"),
    _plain("删除日期", "deleted on", "deleted_on"),
    *_SOURCE,
)

FINDING_COLUMNS = (
    _plain("单位代码", "unit", "unit"),
    _plain("单位", "unit name", "unit_name"),
    _plain("规则", "rule", "rule"),
    _plain("规则名称", "name of the rule", "rule_name"),
    Column("对象", "concerns", lambda i, p: kind_label(i.kind).zh if i.kind else "单位"),
    _plain("编号", "id", "id"),
    Column("状态", "state", lambda item, page: state_label(item.state).zh),
    _plain("期限", "due", "due"),
    _plain("自", "since", "since"),
    _plain("下一步", "what to do next", "todo_zh"),
    _plain("下一步（英文）", "in English", "todo_en"),
    *_SOURCE,
)

REFUSAL_COLUMNS = (
    Column("位置", "place", lambda item, page: f"{item.origin}#{item.index}/{item.tier}"),
    _plain("代码", "code", "code"),
    _plain("原因", "reason", "reason_zh"),
    _plain("原因（英文）", "in English", "reason_en"),
    *_SOURCE,
)
