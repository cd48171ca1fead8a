"""The columns of exported lists: labels, never codes alone."""

from fenhe_hub.api.judgement_shapes import FindingItem, RefusalItem
from fenhe_hub.api.labels import facet_label, kind_label, source_label, state_label
from fenhe_hub.api.operation import Column
from fenhe_hub.api.shapes import ResourceSummary, UnitSummary


def _resource(zh: str, en: str, name: str) -> Column:
    return Column(zh, en, lambda item: getattr(item, name))


def _labelled(zh: str, en: str, facet: str) -> Column:
    def cell(item: ResourceSummary) -> str | None:
        value = getattr(item, facet)
        return facet_label(facet, value).zh if value else None

    return Column(zh, en, cell)


RESOURCE_COLUMNS = (
    _resource("单位代码", "unit", "unit"),
    _resource("单位", "unit name", "unit_name"),
    _labelled("类别", "kind", "kind"),
    _resource("编号", "id", "id"),
    _resource("名称", "name", "name_zh"),
    _resource("英文名称", "name in English", "name_en"),
    _resource("规格型号", "model", "model"),
    _resource("生产制造商", "manufacturer", "manufacturer"),
    _resource("分类编码", "class code", "class_code"),
    _labelled("分类", "class", "class_code"),
    _resource("所在市", "city", "city"),
    _labelled("原值区间", "value band", "value_band"),
    _labelled("状态", "status", "status"),
    _resource("网页", "page", "page"),
)


def _unit(zh: str, en: str, name: str) -> Column:
    return Column(zh, en, lambda item: getattr(item, name))


def _unit_state(item: UnitSummary) -> str:
    return source_label(item.source.state).zh


UNIT_COLUMNS = (
    _unit("代码", "code", "uscc"),
    _unit("单位", "unit", "name_zh"),
    _unit("英文名称", "name in English", "name_en"),
    _unit("来源名", "origin", "origin"),
    _unit("仪器数", "instruments", "instruments"),
    Column("来源状态", "state of the feed", _unit_state),
    Column("最近确认", "last confirmed", lambda item: item.source.heard_at),
)


def _finding_kind(item: FindingItem) -> str:
    return kind_label(item.kind).zh if item.kind else "单位"


FINDING_COLUMNS = (
    _unit("单位代码", "unit", "unit"),
    _unit("单位", "unit name", "unit_name"),
    _unit("规则", "rule", "rule"),
    _unit("规则名称", "name of the rule", "rule_name"),
    Column("对象", "concerns", _finding_kind),
    _unit("编号", "id", "id"),
    Column("状态", "state", lambda item: state_label(item.state).zh),
    _unit("期限", "due", "due"),
    _unit("自", "since", "since"),
    _unit("下一步", "what to do next", "todo_zh"),
    _unit("下一步 (英文)", "in English", "todo_en"),
)


def _refusal_place(item: RefusalItem) -> str:
    return f"{item.origin}#{item.index}/{item.tier}"


REFUSAL_COLUMNS = (
    Column("位置", "place", _refusal_place),
    _unit("代码", "code", "code"),
    _unit("原因", "reason", "reason_zh"),
    _unit("原因 (英文)", "in English", "reason_en"),
)
