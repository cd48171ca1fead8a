"""How others name an instrument: a citation, PIDINST 1.0, DataCite 4.7, schema.org. Pure.

All four say what the unit has published and nothing else. The identifier is a DOI or handle where
one was issued, else the address of the record's page.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fenhe_node.published import Published

PIDINST_VERSION = "1.0"
_TYPES = {"doi": "DOI", "handle": "Handle"}
_UNKNOWN = "不详 (unknown)"
_ROR = "https://ror.org/"
_DATACITE = "http://datacite.org/schema/kernel-4"
_NOT_IN_JSON_LD = str.maketrans(
    {c: f"\\u{ord(c):04x}" for c in "<>&'\u2028\u2029"}  # none of them can end the element
)


@dataclass(frozen=True, slots=True)
class Cited:
    """One published record with what it takes to name it."""

    record: Published
    unit: Published | None
    landing: str  # the whole address of its page
    signed_on: str  # ISO date on which the catalogue was signed
    class_name: str = ""
    photo: str = ""

    @property
    def identifier(self) -> tuple[str, str]:
        """Type and value: a DOI first, then a handle, else the page."""
        given = {each.get("scheme"): each for each in self.record.fields.get("identifiers", ())}
        for scheme, name in _TYPES.items():
            if scheme in given:
                return name, str(given[scheme].get("value", ""))
        return "URL", self.landing

    @property
    def owner(self) -> str:
        """The unit's name."""
        return self.unit.name if self.unit else self.record.fields.get("unit", "")

    @property
    def maker(self) -> str:
        """The manufacturer; the formats want one, so that nothing is known is said."""
        return str(self.record.fields.get("manufacturer", _UNKNOWN))

    @property
    def ror(self) -> str:
        """The unit's nine characters at ror.org, empty where there are none."""
        return str(self.unit.fields.get("ror", "")) if self.unit else ""

    @property
    def year(self) -> str:
        """The year of service, else of the signature."""
        return str(self.record.fields.get("in_service_on", self.signed_on))[:4]

    def text(self, name: str) -> str:
        """A field as text, empty where it has none."""
        return str(self.record.fields.get(name, ""))


def citation(cited: Cited) -> str:
    """One line for a paper (二(三): 应明确标注利用科技资源情况)."""
    kind, value = cited.identifier
    model = f"（{cited.text('model')}）" if cited.text("model") else ""
    where = f"https://doi.org/{value}" if kind == "DOI" else value
    return f"{cited.owner}. {cited.record.name}{model}[仪器设备]. 编号 {cited.record.id}. {where}"


def pidinst(cited: Cited) -> dict[str, Any]:
    """The record by the PIDINST 1.0 JSON schema."""
    kind, value = cited.identifier
    owner: dict[str, Any] = {"ownerName": cited.owner}
    if cited.ror:
        owner["ownerIdentifier"] = {"ownerIdentifier": cited.ror, "ownerIdentifierType": "ROR"}
    found: dict[str, Any] = {
        "identifier": {"identifier": value, "identifierType": kind},
        "schemaVersion": PIDINST_VERSION,
        "landingPage": cited.landing,
        "name": cited.record.name,
        "owners": [owner],
        "manufacturers": [{"manufacturerName": cited.maker}],
        "alternateIdentifiers": list(_alternates(cited)),
    }
    if model := cited.text("model"):
        found["model"] = {"modelName": model}
    if described := cited.text("technical_specification") or cited.text("function"):
        found["description"] = described
    if cited.class_name:
        found["instrumentTypes"] = [{"instrumentTypeName": cited.class_name}]
    if since := cited.text("in_service_on"):
        found["dates"] = [{"date": since, "dateType": "Commissioned"}]
    return found


def _alternates(cited: Cited) -> Iterator[dict[str, Any]]:
    yield {
        "alternateIdentifier": cited.record.id,
        "alternateIdentifierType": "InventoryNumber",
    }
    for each in cited.record.fields.get("identifiers", ()):
        if str(each.get("value", "")) != cited.identifier[1]:
            yield {
                "alternateIdentifier": str(each.get("value", "")),
                "alternateIdentifierType": "Other",
                "alternateIdentifierName": str(each.get("scheme", "")).upper(),
            }


def datacite(cited: Cited) -> str:
    """The record as DataCite XML, kernel 4.7; the maker is its creator (PIDINST's mapping)."""
    kind, value = cited.identifier
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<resource xmlns="{_DATACITE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{_DATACITE} https://schema.datacite.org/meta/kernel-4/metadata.xsd">',
        _element("identifier", value, identifierType=kind),
        "<creators><creator>",
        _element("creatorName", cited.maker, nameType="Organizational"),
        "</creator></creators>",
        "<titles>" + "".join(_titles(cited)) + "</titles>",
        _element("publisher", cited.owner),
        _element("publicationYear", cited.year),
        *_hosting(cited),
        _element("resourceType", cited.class_name or "仪器设备", resourceTypeGeneral="Instrument"),
        *_alternate_elements(cited),
        *_descriptions(cited),
        "</resource>",
    ]
    return "\n".join(lines) + "\n"


def _titles(cited: Cited) -> Iterator[str]:
    yield _element("title", cited.record.name, **{"xml:lang": "zh-CN"})
    if name := cited.text("name_en"):
        yield _element("title", name, **{"xml:lang": "en", "titleType": "TranslatedTitle"})


def _hosting(cited: Cited) -> Iterator[str]:
    yield '<contributors><contributor contributorType="HostingInstitution">'
    yield _element("contributorName", cited.owner, nameType="Organizational")
    if cited.ror:
        about = {"schemeURI": _ROR, "nameIdentifierScheme": "ROR"}
        yield _element("nameIdentifier", _ROR + cited.ror, **about)
    yield "</contributor></contributors>"


def _alternate_elements(cited: Cited) -> Iterator[str]:
    yield "<alternateIdentifiers>"
    for each in _alternates(cited):
        kind = each.get("alternateIdentifierName", each["alternateIdentifierType"])
        yield _element(
            "alternateIdentifier", each["alternateIdentifier"], alternateIdentifierType=kind
        )
    yield "</alternateIdentifiers>"


def _descriptions(cited: Cited) -> Iterator[str]:
    said = (("Abstract", cited.text("function")), ("TechnicalInfo", _technical(cited)))
    lines = [
        _element("description", text, **{"xml:lang": "zh-CN", "descriptionType": kind})
        for kind, text in said
        if text
    ]
    if lines:
        yield from ("<descriptions>", *lines, "</descriptions>")


def _technical(cited: Cited) -> str:
    model = f"型号 {cited.text('model')}" if cited.text("model") else ""
    return "\n".join(filter(None, (model, cited.text("technical_specification"))))


def _element(name: str, text: str, **attributes: str) -> str:
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{written}>{escape(text)}</{name}>"


def schema_org(cited: Cited, offers: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The record as a schema.org Product: what search engines and catalogues read from a page."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": cited.landing,
        "url": cited.landing,
        "name": cited.record.name,
        "productID": cited.record.id,
        "identifier": cited.identifier[1],
        "manufacturer": {"@type": "Organization", "name": cited.maker},
        "provider": {"@type": "Organization", "name": cited.owner},
    }
    optional = {
        "alternateName": cited.text("name_en"),
        "model": cited.text("model"),
        "description": cited.text("function"),
        "category": cited.class_name,
        "image": cited.photo,
        "offers": list(offers),
    }
    return found | {name: value for name, value in optional.items() if value}


def offer(item: str, fen: int, per: str) -> dict[str, Any]:
    """One price for outside users."""
    price = {"@type": "UnitPriceSpecification", "price": f"{fen / 100:.2f}", "priceCurrency": "CNY"}
    return {
        "@type": "Offer",
        "name": item,
        "priceSpecification": price | ({"unitText": per} if per else {}),
    }


def inert_json_ld(value: Mapping[str, Any]) -> str:
    """JSON for a data block of a page: no character in it can end the block or begin a tag."""
    return json.dumps(value, ensure_ascii=False).translate(_NOT_IN_JSON_LD)
