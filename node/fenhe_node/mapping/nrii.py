"""The mapping of what comes by the national platform's own interface. Start at `mapping_of`.

Which field of theirs becomes which of ours stands in the schemas (`x-nrii`), read backwards; here
is what two editions call alike and mean differently, and their quirks (national-platform.md §1.4 to
§1.7): a contact is a person and stays in the unit, `signAgreement` is 0 for yes, rates are shares
of counts that they do not send.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from fenhe_node.mapping.model import ColumnRule, Mapping, target
from fenhe_protocol.nrii_norm import CENTRE, CUSTOMS, INSTALLATION, INSTRUMENT, SERVICE, UNIT_YEAR
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import KindSchema

SERVICE_UNIT = 3  # the platform takes none since 2019; older systems still send them
SOURCE = "instruInfo"
KINDS = {
    CENTRE: "centre",
    INSTALLATION: "installation",
    SERVICE_UNIT: "service_unit",
    INSTRUMENT: "instrument",
    CUSTOMS: "instrument",
    SERVICE: "service_record",
    UNIT_YEAR: "unit_year",
}
KEY = {
    **dict.fromkeys(KINDS, "innerId"),
    SERVICE: "recordInnerId",
    UNIT_YEAR: "year",
}
"""What the number of a record is called. A unit's year has none: the year before the call does."""

_PERSONS = {
    "contact": "contact_person.name",
    "email": "contact_person.mail",
    "phone": "service_office.landline",
}
_MOBILE = "contact_person.phone"
_HEADS = {"sci": "chief_scientist", "run": "operation_head"}
_MEMBERS = {
    "Name": "name",
    "Position": "position",
    "Insname": "unit_name",
    "Phone": "phone",
    "Email": "mail",
}
_NAMES = ("contact_person.name", "chief_scientist.name", "operation_head.name", "applicant")
_FIELDS: dict[int, dict[str, str]] = {
    CENTRE: _PERSONS,
    SERVICE_UNIT: _PERSONS,
    INSTALLATION: _PERSONS
    | {f"{a}{b}": f"{_HEADS[a]}.{_MEMBERS[b]}" for a in _HEADS for b in _MEMBERS},
    INSTRUMENT: _PERSONS | {"beginDate": "booked_on"},
    CUSTOMS: {"innerId": "id"},
    SERVICE: {"recordInnerId": "id", "comment#": "comment"},
    UNIT_YEAR: {"user": "user_visits", "user#": "user_note"}
    | {
        f"{name}{mark}": f"ext.hub.{name}"
        for mark, names in (
            ("", ("submittedRates", "activatedRates", "totalShareRates", "externalShareRates")),
            ("#", ("thesis", "book", "report", "patent", "output", "achievements")),
        )
        for name in names
    },
}
# The form of 2019 means something else by these than the norm of 2016.
_LATER: dict[int, dict[str, str]] = {
    INSTALLATION: {
        "technical": "science_centre",
        "serviceContent": "domestic_users",
        "requirement": "foreign_users",
    },
    UNIT_YEAR: {"remark": "support_inside"},
}
_ONLY_LATER = {
    INSTALLATION: frozenset({"devicecategory", "construction", "competentdep", "supinsname"}),
    UNIT_YEAR: frozenset({"billnum", "billworth", "remarks", "remarkone", "remarktwo"}),
}
_WAN = ("worth", "serviceIncome", "billWorth", "billWorthInstr", "instrWorth")
_HOURS = ("runMachine", "serviceMachine", "serviceAmount")
_VALUES: dict[tuple[int, str], dict[str, Any]] = {
    (SERVICE, "signAgreement"): {"0": True, "1": False},
    (SERVICE, "adressType"): {"0": False, "1": True, "单位内": False, "单位外": True},
    (SERVICE, "serviceType"): {
        "120": "internal",
        "内部用户": "internal",
        "130": "other",
        "外部用户": "other",
    },
}


def is_later(instru_type: int, names: Iterable[str]) -> bool:
    """Whether a record with these names is of the form of 2019, where the two differ."""
    return not _ONLY_LATER.get(instru_type, frozenset()).isdisjoint(map(str.lower, names))


@cache
def mapping_of(instru_type: int, *, later: bool) -> Mapping:
    """Give the mapping of one type into its kind: all of their fields that we have a place for.

    A name with `#` is the same value once more, where it cannot be what its field wants.
    """
    kind = SchemaSet.load().kind(KINDS[instru_type])
    paths = {name: path for path, name in _marked(kind, instru_type)}
    paths |= _FIELDS.get(instru_type, {}) | (_LATER.get(instru_type, {}) if later else {})
    rules = [
        _rule(instru_type, name, path, kind)
        for name, path in sorted(paths.items(), key=_billed_first)
        if _is_there(kind, path)
    ]
    if instru_type == UNIT_YEAR:
        rules.insert(0, ColumnRule("year", ("id", "year")))
    fixed = {"status": "normal"} if _has_status(kind, instru_type) else {}
    if instru_type == SERVICE:
        fixed = {"capture": "imported"}
    persons = tuple(rule.header for rule in rules if rule.fields[0] in _NAMES)
    return Mapping(
        kind.kind,
        tuple(rules),
        fixed,
        source=SOURCE,
        header_row=1,
        persons=persons,
    )


def _billed_first(named: tuple[str, str]) -> bool:
    return named[0] == "serviceIncome"  # billWorth says the same, and to the invoice


def _marked(kind: KindSchema, instru_type: int) -> Iterable[tuple[str, str]]:
    """Every (path, name of theirs), the first path of a name last, so that it is the one kept."""
    prefix = f"{instru_type}."
    found = [
        (leaf.path, name.removeprefix(prefix))
        for field in (kind.field("id"), *kind.own_fields)
        for leaf in field.leaves
        for name in leaf.nrii
        if name.startswith(prefix)
    ]
    return reversed(found)


def _rule(instru_type: int, name: str, path: str, kind: KindSchema) -> ColumnRule:
    unit = "万元" if name in _WAN else "小时" if name in _HOURS else ""
    if name == "amounts":
        unit = "元"
    return ColumnRule(
        name,
        (path,),
        values=_VALUES.get((instru_type, name), {}),
        unit=unit,
        round="half_up" if unit in ("万元", "小时") or name == "area" else "",
        split=",，、;；" if name in ("subject", "subjectArea", "subjectIncome", "funds") else "",
        mobile=_MOBILE if name == "phone" and _is_there(kind, _MOBILE) else "",
    )


def _has_status(kind: KindSchema, instru_type: int) -> bool:
    # Later forms send none; where one is sent it comes first.
    return instru_type != CUSTOMS and "status" in kind.schema["required"]


def _is_there(kind: KindSchema, path: str) -> bool:
    try:
        target(kind, path)
    except KeyError:
        return False
    return True
