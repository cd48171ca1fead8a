"""How others name an instrument: each form by the schema of those who made it."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from fenhe_node.pages.citing import (
    Cited,
    citation,
    datacite,
    inert_json_ld,
    offer,
    pidinst,
    schema_org,
)
from fenhe_node.published import Published
from tests.node.homes import UNIT, instrument

DATA = Path(__file__).parents[3] / "shared/data"
NAMESPACE = "{http://datacite.org/schema/kernel-4}"
FULL = {
    "name_en": "NMR <spectrometer> & more",
    "model": "EX-400",
    "manufacturer": "示例仪器公司",
    "function": "测定有机化合物的结构",
    "technical_specification": "磁场强度 9.4 T",
    "in_service_on": "2026-09-15",
    "identifiers": [
        {"scheme": "cstr", "value": "00000.11.example"},
        {"scheme": "doi", "value": "10.5555/example"},
    ],
}


def cited(**more: Any) -> Cited:
    fields = instrument("A-1", **more)
    unit = {"unit": UNIT, "kind": "unit", "id": UNIT, "name_zh": "示例大学", "ror": "05dxps055"}
    return Cited(
        Published("instrument", "A-1", 0, fields, b""),
        Published("unit", UNIT, 1, unit, b""),
        "https://u1.example/fenhe/record?kind=instrument&id=A-1",
        "2026-11-23",
        "核磁共振波谱仪",
    )


def pidinst_schema() -> Draft7Validator:
    file = DATA / "pidinst/pidinst-schema-1_0.schema.json"
    if not file.is_file():
        pytest.skip("the PIDINST schema lies in a folder of shared data that is not here")
    schema = json.loads(file.read_text(encoding="utf-8"))
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("more", [{}, FULL], ids=["least", "full"])
def test_pidinst_is_valid_by_its_own_schema(more: dict[str, Any]) -> None:
    assert list(pidinst_schema().iter_errors(pidinst(cited(**more)))) == []


def test_the_identifier_is_a_doi_where_there_is_one_and_else_the_page() -> None:
    assert pidinst(cited(**FULL))["identifier"]["identifierType"] == "DOI"
    assert "https://doi.org/10.5555/example" in citation(cited(**FULL))
    found = pidinst(cited())
    assert found["identifier"] == {"identifier": found["landingPage"], "identifierType": "URL"}
    assert "id=A-1" in citation(cited())


def elements_of(root: ElementTree.Element) -> set[str]:
    return {element.tag for element in root.iter()}


@pytest.mark.parametrize("more", [{}, FULL], ids=["least", "full"])
def test_datacite_has_what_its_own_example_has_in_that_order(more: dict[str, Any]) -> None:
    file = DATA / "datacite/datacite-example-instrument-kernel-4.7.xml"
    if not file.is_file():
        pytest.skip("the DataCite example lies in a folder of shared data that is not here")
    example = ElementTree.parse(file).getroot()
    found = ElementTree.fromstring(datacite(cited(**more)))
    order = [element.tag for element in example]
    assert [tag for tag in order if tag in elements_of(found)] == [e.tag for e in found]
    assert elements_of(found) <= elements_of(example)
    attributes = {name for element in example.iter() for name in element.attrib}
    own = {name for element in found.iter() for name in element.attrib}
    assert own <= attributes | {"titleType"}
    kind = found.find(f"{NAMESPACE}resourceType")
    assert kind is not None and kind.get("resourceTypeGeneral") == "Instrument"


def test_schema_org_names_the_price_for_everyone() -> None:
    found = schema_org(cited(**FULL), [offer("氢谱", 30050, "样")])
    assert found["@type"] == "Product"
    price = found["offers"][0]["priceSpecification"]
    assert (price["price"], price["priceCurrency"], price["unitText"]) == ("300.50", "CNY", "样")


@given(st.text())
def test_no_text_ends_the_block_of_data_and_all_of_it_comes_back(text: str) -> None:
    written = inert_json_ld({"name": text})
    assert not set("<>&'\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": text}


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")))
def test_no_text_becomes_an_element_of_the_xml(text: str) -> None:
    root = ElementTree.fromstring(datacite(cited(name_zh=text, manufacturer=text)))
    name = root.find(f"{NAMESPACE}creators/{NAMESPACE}creator/{NAMESPACE}creatorName")
    assert name is not None and (name.text or "") == text
