"""What becomes of each column of a sheet, and why those that are not sent are not."""

from dataclasses import replace

from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.table import letter
from fenhe_node.fates import ColumnFate
from fenhe_node.mapping.model import Mapping, tier_of
from fenhe_node.staging.layout import Layout
from fenhe_protocol.schema_fields import KindSchema

_TIERS = ("pub", "hub", "nat", "node")
_WHY = {
    "nat": (
        "用户或项目信息: 只在单位开启后密封上报国家平台",
        "about users or projects: sealed to the national platform, and only where turned on",
    ),
    "node": ("个人信息: 只留在本单位", "about a person: stays in the unit"),
}
_MOBILE = (
    "座机作为服务窗口的电话公开; 其他号码只留在本单位",
    "a landline is published as that of the office; any other number stays in the unit",
)


def column_fates(
    layout: Layout, headers: tuple[Header, ...], mapping: Mapping, kind: KindSchema
) -> tuple[ColumnFate, ...]:
    """Name every column of the sheet, also those without a header that hold something."""
    fates = [_fate(header, mapping, kind) for header in headers]
    named = {header.column for header in headers}
    if any(header.row for header in headers):
        return tuple(fates)
    fates += (
        ColumnFate(
            column, letter(column), "", why_zh="没有表头: 不读取", why_en="has no header: not read"
        )
        for column in layout.filled({*range(layout.sheet.width)} - named)
    )
    return tuple(sorted(fates, key=lambda fate: fate.index))


def _fate(header: Header, mapping: Mapping, kind: KindSchema) -> ColumnFate:
    fate = ColumnFate(header.column, header.letter, header.text, row=header.row)
    rule = mapping.rule(header.name)
    if rule is None:
        zh, en = "映射中没有: 不读取", "not in the mapping: not read"
        if header.name in mapping.persons:
            zh, en = _WHY["node"]
        return replace(fate, why_zh=zh, why_en=en)
    if not rule.fields:
        return replace(fate, why_zh=rule.ignore, why_en=rule.ignore)
    tier = min((tier_of(kind, path) for path in rule.fields), key=_TIERS.index)
    zh, en = _MOBILE if rule.mobile else _WHY.get(tier, ("", ""))
    return replace(fate, fields=rule.fields, tier=tier, why_zh=zh, why_en=en)
