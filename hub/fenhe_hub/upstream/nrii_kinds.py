"""Centres, installations, customs and a unit's year in the national platform's words.

Types 1, 2, 5 and 7 (national-platform.md §1.7), beside the instrument of `nrii_record`. Which field
becomes which stands in the schemas (`x-nrii`); here is what two editions call differently and what
their forms count otherwise. Chief scientists and operators stay in their unit: they are never sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fenhe_hub.upstream.nrii_record import with_office
from fenhe_hub.upstream.nrii_text import NOT_SUBMITTED, NOTHING, wan_yuan, written
from fenhe_protocol.nrii_norm import CENTRE, CUSTOMS, INSTALLATION, UNIT_YEAR

Members = Mapping[str, Any]

# One field, two meanings: the form of 2019 asks for the second, that of 2016 for what stands first.
_LATER_INSTALLATION = {
    "technical": "science_centre",
    "serviceContent": "domestic_users",
    "requirement": "foreign_users",
}
_LATER_YEAR = {"remark": "support_inside", "user": "user_note"}
# A share of what is a share of what: numerator and denominator (§1.7).
_RATES = {
    "submittedRates": ("registered_items", "eligible_items"),
    "activatedRates": ("running_items", "registered_items"),
    "totalShareRates": ("shared_items", "eligible_items"),
    "externalShareRates": ("externally_shared_items", "eligible_items"),
}
_FEN_A_YUAN = 100


def type_1(public: Members, supervised: Members, unit: Members) -> dict[str, str]:
    """Write one centre; `unit` holds the members of its unit's record, both tiers together."""
    record = with_office(public, supervised, unit)
    said = _said("centre", CENTRE, record, unit)
    if "accredited" in record:
        said["accept"] = "1" if record["accredited"] else "0"
    return said


def type_2(public: Members, supervised: Members, unit: Members) -> dict[str, str]:
    """Write one installation."""
    record = with_office(public, supervised, unit)
    return _said("installation", INSTALLATION, record, unit) | _texts(record, _LATER_INSTALLATION)


def type_5(public: Members, supervised: Members, unit: Members) -> dict[str, str]:
    """Write what customs ask of one instrument that came in duty-free: it follows its type 4."""
    record = {**supervised, **public}
    return _said("instrument", CUSTOMS, record, unit)


def type_7(public: Members, supervised: Members, unit: Members) -> dict[str, str]:
    """Write a unit's year. The platform keeps one for each unit: there is no number in it."""
    record = {**supervised, **public}
    said = _said("unit_year", UNIT_YEAR, record, unit) | _texts(record, _LATER_YEAR)
    del said["innerId"]
    for name, (part, whole) in _RATES.items():
        said.pop(name, None)
        if record.get(whole):
            said[name] = _percent(int(record.get(part, 0)), int(record[whole]))
    for name, member, units in (
        ("serviceIncome", "income_fen", _FEN_A_YUAN),
        ("billWorth", "income_fen", _FEN_A_YUAN),
        ("billWorthInstr", "external_income_fen", _FEN_A_YUAN),
        ("instrWorth", "instruments_from_50_yuan", 1),
    ):
        said.pop(name, None)
        if member in record:
            said[name] = wan_yuan((int(record[member]) + units // 2) // units)
    said.setdefault("remarkOne", NOTHING)  # a unit need not have a major facility
    return said


def _said(kind: str, instru_type: int, record: Members, unit: Members) -> dict[str, str]:
    said = {"insCode": str(unit.get("nrii_ins_code", "")), "innerId": str(record["id"])}
    for name, text in written(kind, instru_type, record):
        said.setdefault(name, text)
    said["auditStatus"] = NOT_SUBMITTED
    return said


def _texts(record: Members, members: Mapping[str, str]) -> dict[str, str]:
    return {name: str(record[member]) for name, member in members.items() if record.get(member)}


def _percent(part: int, whole: int) -> str:
    """Write a share with at most two decimals, half up."""
    hundredths = (part * 10_000 * 2 + whole) // (whole * 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".") + "%"
