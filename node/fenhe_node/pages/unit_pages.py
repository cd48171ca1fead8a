"""The pages beside the list: fees, use, the unit and its regimes, feedback. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


def fees_page(catalogue: Catalogue, schemas: Mapping[str, Schema], today: str) -> dict[str, Any]:
    """All fee standards, those in force first."""
    standards = [_standard(s, schemas["fee_standard"], today) for s in catalogue.of("fee_standard")]
    standards.sort(key=lambda standard: (standard.expired, standard.name, standard.id))
    return {"section": "fees", "standards": standards}


def usage_page(catalogue: Catalogue, schemas: Mapping[str, Schema], site: Site) -> dict[str, Any]:
    """All usage summaries, the newest period first."""
    table = usage_table(schemas["usage_summary"], catalogue.of("usage_summary"))
    uses = [_use(row, catalogue, site) for row in table.rows]
    return {"section": "usage-summary", "table": table, "uses": uses}


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
