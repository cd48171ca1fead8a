"""The pages beside the list: fees, use, the unit and its regimes, feedback. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.pages.listing import PER_PAGE, Query, page_of, says
from fenhe_node.pages.prices import Price, prices
from fenhe_node.pages.site import Site
from fenhe_node.pages.usage_table import UsageRow, usage_table
from fenhe_node.pages.wording import Schema, Tables, facts, is_web_address, remaining
from fenhe_node.published import Catalogue, Published

ABOUT = ("name_zh", "name_en", "type", "region_code", "ror", "home_page")
DUTY = ("competent_authority", "finance_level", "income_category", "technical_staff")
REGIMES = ("regime_opening", "regime_operation", "regime_maintenance", "regime_use")
APART = (*REGIMES, "service_office", "feedback_channel", "rhythm_hours")


@dataclass(frozen=True, slots=True)
class Standard:
    """A fee standard with its price lines."""

    name: str
    id: str
    basis: str
    expired: bool
    prices: list[Price]


@dataclass(frozen=True, slots=True)
class Regime:
    """One of the four regimes that the policy asks for, published or not."""

    title: str
    name: str
    address: str
    sha256: str
    since: str


@dataclass(frozen=True, slots=True)
class Use:
    """One summary with the name of its instrument."""

    name: str
    address: str
    row: UsageRow


def fees_page(
    catalogue: Catalogue, query: Query, schemas: Mapping[str, Schema], today: str
) -> dict[str, Any]:
    """The fee standards that are asked for, those in force first."""
    standards = [_standard(s, schemas["fee_standard"], today) for s in catalogue.of("fee_standard")]
    standards = [s for s in standards if says(query, s.name, s.id, *(p.item for p in s.prices))]
    standards.sort(key=lambda standard: (standard.expired, standard.name, standard.id))
    return {"section": "fees", "query": query, "standards": standards}


def fees_rows(standards: Sequence[Standard]) -> Iterator[Sequence[str]]:
    """The same as a table with a head: one row for each price."""
    yield ("编号", "名称", "项目", "计价单位", "内部（元）", "外部（元）", "科技型中小微企业（元）",
           "依据与期限", "说明")  # fmt: skip
    for standard in standards:
        for line in standard.prices:
            amounts = (line.internal, line.external, line.small_firm)
            notes = "；".join(filter(None, (*line.steps, line.note)))
            yield (standard.id, standard.name, line.item, line.per, *amounts, line.basis, notes)


def usage_page(
    catalogue: Catalogue,
    query: Query,
    schemas: Mapping[str, Schema],
    site: Site,
    *,
    per_page: int = PER_PAGE,
) -> dict[str, Any]:
    """The usage summaries that are asked for, the newest period first."""
    table = usage_table(schemas["usage_summary"], catalogue.of("usage_summary"))
    uses = [_use(row, catalogue, site) for row in table.rows]
    periods = list(dict.fromkeys(use.row.period for use in uses))
    uses = [use for use in uses if _asked_for(use, query)]
    return {
        "section": "usage-summary",
        "query": query,
        "table": table,
        "periods": periods,
        "uses": uses,
        "page": page_of(uses, query.page, per_page),
    }


def _asked_for(use: Use, query: Query) -> bool:
    if query.period and use.row.period != query.period:
        return False
    return says(query, use.name, use.row.instrument)


def usage_rows(titles: Sequence[str], uses: Sequence[Use]) -> Iterator[Sequence[str]]:
    """The same as a table with a head."""
    yield ("仪器编号", "仪器设备", "时段", *titles)
    for use in uses:
        yield (use.row.instrument, use.name, use.row.period, *use.row.cells)


def unit_page(
    catalogue: Catalogue, schemas: Mapping[str, Schema], tables: Tables
) -> dict[str, Any]:
    """What the unit says about itself, and the four regimes."""
    unit, schema = catalogue.unit(), schemas["unit"]
    fields = unit.fields if unit else {}
    rest = remaining(schema, fields, (*ABOUT, *DUTY, *APART))
    return {
        "section": "unit",
        "about": facts(schema, fields, ABOUT, tables),
        "duty": facts(schema, fields, (*DUTY, *rest), tables),
        "office": facts(schema, fields, ("service_office",), tables),
        "regimes": _regimes(schema, fields),
    }


def feedback_page(
    catalogue: Catalogue, schemas: Mapping[str, Schema], tables: Tables
) -> dict[str, Any]:
    """Where to say that something is wrong."""
    unit, schema = catalogue.unit(), schemas["unit"]
    fields = unit.fields if unit else {}
    return {
        "section": "feedback",
        "channel": facts(schema, fields, ("feedback_channel",), tables),
        "office": facts(schema, fields, ("service_office",), tables),
        "authority": fields.get("competent_authority", ""),
    }


def _standard(record: Published, schema: Schema, today: str) -> Standard:
    lines = prices(schema, [record], today)
    return Standard(
        name=record.name,
        id=record.id,
        basis=lines[0].basis if lines else "",
        expired=any(line.expired for line in lines),
        prices=lines,
    )


def _use(row: UsageRow, catalogue: Catalogue, site: Site) -> Use:
    instrument = catalogue.records.get(("instrument", row.instrument))
    if instrument is None:
        return Use(row.instrument, "", row)
    return Use(instrument.name, site.record("instrument", row.instrument), row)


def _regimes(schema: Schema, fields: Mapping[str, Any]) -> list[Regime]:
    properties = schema["properties"]
    return [_regime(str(properties[name]["title"]), fields.get(name, {})) for name in REGIMES]


def _regime(title: str, fields: Mapping[str, Any]) -> Regime:
    address = fields.get("url", "")
    return Regime(
        title=title,
        name=str(fields.get("title", "")),
        address=address if is_web_address(address) else "",
        sha256=str(fields.get("sha256", "")),
        since=str(fields.get("in_force_from", "")),
    )
