"""The page of one record: what it says, its prices and use, and where it comes from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from markupsafe import Markup

from fenhe_hub.api.evidence import find_leaf
from fenhe_hub.api.judgements import list_findings
from fenhe_hub.api.labels import RESOURCE_KINDS, Pair, class_label
from fenhe_hub.api.operation import Asked, sub_asked
from fenhe_hub.api.parameters import Value
from fenhe_hub.api.resources import find_resource, one_resource
from fenhe_hub.api.shapes import Resource
from fenhe_hub.api.verification import verify_leaf
from fenhe_hub.index.read import Record, record, related
from fenhe_hub.portal.prices import Price, price_lines
from fenhe_hub.portal.usage import MEASURES, UsageTable, usage_table
from fenhe_hub.portal.values import Shown, field_names, shown_fields

_HEAD = {"name_zh", "name_en", "title"}
_GROUPS = {
    Pair("功能与指标", "What it does"): ("function", "technical_specification", "achievement"),
    Pair("开放与服务", "Terms of use"): (
        *("service_content", "user_notice", "share_mode", "fee_text"),
        *("booking_url", "booking_free_busy", "service_office"),
    ),
}
_DETAILS = {
    **{"fingerprint": "指纹", "n": "第几份", "origin": "日志名", "size": "条数", "root": "根"},
    **{
        "cosigner": "联署人",
        "witnesses": "见证人",
        "time": "时间",
        "index": "序号",
        "hash": "条目摘要",
    },
    **{"hashes": "路径长", "commitment": "承诺", "salt": "盐", "bytes": "字节数"},
    **{"unit": "单位", "kind": "类别", "id": "编号", "sm2": "国密签名"},
}
_OVERVIEW = Pair("概况", "Overview")
_ELSEWHERE = {"fee_standards", "lines"}
_IN_TABLE = {*MEASURES, "withheld", "nil_report", "k"}  # of a usage summary


@dataclass(frozen=True, slots=True)
class Standard:
    """One fee standard with its lines."""

    id: str
    name: str
    since: str
    until: str
    approval: str
    lines: list[Price]


def show_record(asked: Asked) -> dict[str, Any]:
    """Everything the page of a record shows."""
    _, found, log = find_resource(asked)
    shown = one_resource(asked)
    context: dict[str, Any] = {
        "shown": shown,
        "name": _name(asked, found),
        "instrument": found.pub.get("instrument", ""),
        "english": str(found.pub.get("name_en", "")),
        "booking": _web(found.pub.get("booking_url")),
        "groups": _groups(found),
        "standards": list(_standards(asked, found)),
        "usage": _usage(asked, found),
        "findings": _findings(asked, shown),
        "linked_data": _linked_data(shown) if shown.kind in RESOURCE_KINDS else "",
        "place": f"origin={quote(log.origin, safe='')}&index={found.pub_idx}",
        "leaves": log.size,
        "steps": None,
        "detail_words": _DETAILS,
    }
    if asked.values.get("verify"):
        place: dict[str, Value | None] = {"origin": log.origin, "index": found.pub_idx}
        leaf, _ = find_leaf(sub_asked(asked, place))
        reading = asked.reading
        context["steps"] = verify_leaf(leaf, reading.cosigners(), reading.witnesses)
    return context


def _name(asked: Asked, found: Record) -> str:
    """Its name; a usage summary is named after its instrument and period."""
    if found.kind == "usage_summary":
        of = record(asked.db, found.unit_no, "instrument", str(found.pub.get("instrument", "")))
        named = (of.pub if of else {}).get("name_zh") or found.pub.get("instrument", "")
        return f"{named} {found.pub.get('period', '')}"
    return str(found.pub.get("name_zh") or found.pub.get("title") or found.id)


def _web(address: object) -> str:
    """An address that a page may link to, or nothing."""
    text = str(address or "")
    return text if text.startswith(("http://", "https://")) else ""


def _groups(found: Record) -> list[tuple[Pair, list[Shown]]]:
    apart = {name for names in _GROUPS.values() for name in names}
    tabled = _IN_TABLE if found.kind == "usage_summary" else _ELSEWHERE
    rest = set(field_names(found.kind)) - apart - _HEAD - tabled
    groups = [(_OVERVIEW, rest), *((title, set(names)) for title, names in _GROUPS.items())]
    shown = [
        (title, shown_fields(found.kind, found.pub, frozenset(names))) for title, names in groups
    ]
    return [(title, fields) for title, fields in shown if fields]


def _standards(asked: Asked, found: Record) -> Iterable[Standard]:
    if found.kind == "fee_standard":
        yield _standard(found)
    for id_ in found.pub.get("fee_standards", ()):
        standard = record(asked.db, found.unit_no, "fee_standard", id_)
        if standard is not None and standard.pub:
            yield _standard(standard)


def _standard(found: Record) -> Standard:
    pub, approval = found.pub, found.pub.get("approval", {})
    return Standard(
        id=found.id,
        name=str(pub.get("name_zh", found.id)),
        since=str(pub.get("in_force_from", "")),
        until=str(pub.get("in_force_to", "")),
        approval=" ".join(str(approval[k]) for k in ("title", "document_no") if k in approval),
        lines=price_lines(pub.get("lines", ())),
    )


def _usage(asked: Asked, found: Record) -> UsageTable | None:
    if found.kind == "usage_summary":
        return usage_table([found.pub])
    summaries = related(asked.db, found.unit_no, "usage_summary", "instrument", found.id)
    return usage_table([each.pub for each in summaries]) if summaries else None


def _findings(asked: Asked, shown: Resource) -> tuple[Any, ...]:
    values = {"unit": shown.unit, "q": shown.id, "kind": shown.kind, "state": "all"}
    page = list_findings(sub_asked(asked, {**values, "sort": "state", "limit": 100}))
    return tuple(each for each in page.items if each.id == shown.id)


def _linked_data(shown: Resource) -> Markup:
    """schema.org, for whoever reads pages by machine; no `<` that could end its element."""
    pub = shown.record
    members: Mapping[str, Any] = {
        "@context": "https://schema.org",
        "@type": "IndividualProduct",
        "@id": shown.page,
        "name": pub.get("name_zh"),
        "alternateName": pub.get("name_en"),
        "identifier": f"{shown.unit}/{shown.id}",
        "description": pub.get("function"),
        "model": pub.get("model"),
        "category": class_label(pub["class_code"]).zh if "class_code" in pub else None,
        "manufacturer": _named("Organization", pub.get("manufacturer")),
        "additionalProperty": _named("PropertyValue", pub.get("technical_specification")),
        "offers": {"@type": "Offer", "offeredBy": _named("Organization", shown.unit_name)},
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "url": shown.page,
    }
    told = {name: value for name, value in members.items() if value is not None}
    return Markup(orjson.dumps(told).decode().replace("<", "\\u003c"))


def _named(type_: str, name: object) -> dict[str, object] | None:
    return {"@type": type_, "name": name} if name else None
