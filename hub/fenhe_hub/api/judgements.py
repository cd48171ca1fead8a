"""What the hub found and what it refused, as lists."""

from collections.abc import Mapping

from fenhe_hub.api.judgement_shapes import (
    EvidencePlace,
    ExemptionItem,
    FindingItem,
    FindingPage,
    ObjectionItem,
    RefusalItem,
    RefusalPage,
    WithdrawnItem,
)
from fenhe_hub.api.operation import Asked, TextFile, not_found
from fenhe_hub.api.paging import read_cursor, write_cursor
from fenhe_hub.index.grams import normalise, words
from fenhe_hub.index.read import Unit, units
from fenhe_hub.index.verdicts import (
    Verdict,
    VerdictFilters,
    is_public,
    refusal_count,
    refusals,
    verdict_counts,
    verdicts,
)
from fenhe_protocol.error_texts import TEXTS, Text
from fenhe_protocol.errors import InputError

STATES = ("overdue", "due", "provisional", "unknown", "exempt", "not_applicable", "met")
OPEN_STATES = ("overdue", "due", "provisional", "unknown")


def list_findings(asked: Asked) -> FindingPage:
    """Findings that are public, by due date; without `state` those that ask for something."""
    filters, limit, order = _filters(asked), asked.number("limit"), str(asked.values["sort"])
    after = read_cursor(order, asked.text("cursor"), str, int, str, str, str)
    found = verdicts(asked.db, filters, order=order, after=after, limit=limit + 1)
    more = len(found) > limit
    with_units = units(asked.db, (each.unit_no for each in found))
    counted = verdict_counts(asked.db, filters)
    return FindingPage(
        items=tuple(_finding(asked, each, with_units) for each in found[:limit]),
        total=sum(counted.values()),
        counts=_nested(counted),
        sources={unit.uscc: asked.source(unit) for unit in with_units.values()},
        next=write_cursor(order, found[limit - 1].place) if more else None,
    )


def finding_proof(asked: Asked) -> TextFile:
    """The file that proves one finding, or refutes it, made anew."""
    parts = [str(asked.values[name] or "") for name in ("uscc", "rule", "kind", "id")]
    name = "/".join(parts)
    if asked.reading.prove is None or not is_public(asked.db, *parts):
        raise not_found(name)
    unit = asked.unit()
    try:
        return TextFile(asked.reading.prove(asked.db, name), asked.source(unit))
    except InputError as error:  # what it stands on is not said yet, or is too long for a file
        raise not_found(f"{name}: {error.code}") from error


def units_named(asked: Asked, query: str) -> list[Unit]:
    """The units, hubs apart, in whose name or code all words of a query occur."""
    wanted = words(query)
    return [
        unit
        for unit in units(asked.db).values()
        if not unit.depth and all(word in normalise(f"{unit.name} {unit.uscc}") for word in wanted)
    ]


def _numbers_named(asked: Asked, query: str) -> tuple[int, ...]:
    return tuple(unit.unit_no for unit in units_named(asked, query))


def _filters(asked: Asked) -> VerdictFilters:
    state = asked.text("state")
    states = OPEN_STATES if state == "open" else STATES if state == "all" else (str(state),)
    query = asked.text("q") or ""
    return VerdictFilters(
        unit_no=asked.unit_no(),
        of_units=_numbers_named(asked, query) if words(query) else None,
        id=query.strip(),
        rule=asked.text("rule"),
        states=states,
        kind=asked.text("kind"),
        due_before=asked.text("due_before"),
    )


def _finding(asked: Asked, found: Verdict, with_units: Mapping[int, Unit]) -> FindingItem:
    unit = with_units[found.unit_no]
    grounds = tuple(EvidencePlace(g.origin, g.index, g.delivered_on) for g in found.grounds)
    return FindingItem(
        unit=unit.uscc,
        unit_name=unit.name,
        rule=found.rule,
        rule_name=asked.reading.rule_name(found.rule),
        kind=found.kind,
        id=found.id,
        state=found.state,  # type: ignore[arg-type]  # the rules know no other
        due=found.due,
        since=found.since,
        todo_zh=found.todo_zh,
        todo_en=found.todo_en,
        evidence=grounds,
        exemption=_exemption(found.laid_over.get("exemption")),
        objections=tuple(_objection(told) for told in found.laid_over.get("objections", ())),
        withdrawn=_withdrawn(found.laid_over.get("withdrawn")),
        rule_set=found.rules,
        rule_from=found.rule_from,
        leads_to_measures=found.leads_to_measures,
    )


def _withdrawn(told: Mapping[str, str] | None) -> WithdrawnItem | None:
    if told is None:
        return None
    return WithdrawnItem(told["number"], told["reason"], told["withdrawn_on"])


def _exemption(told: Mapping[str, str] | None) -> ExemptionItem | None:
    if told is None:
        return None
    return ExemptionItem(
        told["number"],
        told["approver"],
        told["reason"],
        told["filing_no"],
        told["from"],
        told["until"] or None,
    )


def _objection(told: Mapping[str, str]) -> ObjectionItem:
    decision = told["decision"] or "open"
    return ObjectionItem(
        told["number"],
        told["raised_on"],
        decision,  # type: ignore[arg-type]  # of casework.objections.Decision
        told.get("statement", ""),
    )


def _nested(counted: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (rule, state), count in sorted(counted.items()):
        nested.setdefault(rule, {})[state] = count
    return nested


def list_refusals(asked: Asked) -> RefusalPage:
    """What of a unit's public logs was refused: place and code, never the content."""
    unit, limit = asked.unit(), asked.number("limit")
    after = read_cursor("refusals", asked.text("cursor"), str, int, str) or ("", 0, "")
    found = refusals(asked.db, unit.unit_no, after=after, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    items = (RefusalItem(r.origin, r.index, r.tier, r.code, *refusal_text(r.code)) for r in shown)
    last = (shown[-1].origin, shown[-1].index, shown[-1].tier) if more else ()
    return RefusalPage(
        items=tuple(items),
        total=refusal_count(asked.db, unit.unit_no),
        source=asked.source(unit),
        next=write_cursor("refusals", last) if more else None,
    )


_REFUSAL_TEXTS = {
    "leaf-form": Text("日志条目不是规定的格式", "the leaf is not of the form"),
    "json": Text("正文不是规范的 JSON", "the body is no strict JSON"),
    "schema": Text("有字段不合数据规范", "a field does not meet the schema"),
    "log": Text("该类记录不属于这个日志", "this kind belongs into another log"),
    "unit": Text("单位代码与登记的不符", "the unit's code is not the enrolled one"),
    "envelope": Text("各级正文的单位、类别或编号不一致", "the tiers name different records"),
    "privacy": Text("含个人信息，不留存也不展示", "personal data: neither kept nor shown"),
}


def refusal_text(code: str) -> Text:
    """What a SKIP code means."""
    return _REFUSAL_TEXTS.get(code) or TEXTS.get(code, Text(code, code))
