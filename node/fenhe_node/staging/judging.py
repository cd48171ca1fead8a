"""Hold a draft to the contract and to the protection of persons (D5). Start at `judge`."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fenhe_client.sheets.problems import Problem
from fenhe_node.mapping.assembly import assemble, without
from fenhe_node.mapping.model import Mapping as Fixed
from fenhe_node.mapping.model import tier_of
from fenhe_node.staging.drafts import Draft
from fenhe_node.staging.reading import Reader
from fenhe_protocol.errors import SetupError
from fenhe_protocol.privacy import WHAT, Hit, find_personal
from fenhe_protocol.privacy_names import KnownNames
from fenhe_protocol.schema import SchemaSet, Violation
from fenhe_protocol.schema_checks import code_faults
from fenhe_protocol.schema_fields import KindSchema

SENT_TIERS = ("pub", "hub")

_NAME_PARTS = re.compile(r"[,，、;；/|\s]+")
# 联系人: 设备处. An office in a person's column is no person.
_OFFICE = re.compile(
    ".+(处|室|部|系|所|站|组|院|中心|公司|学校|大学|平台|窗口|(设备|资产|管理|科研|实验|技术)科)"
)


def names_in(reader: Reader) -> frozenset[str]:
    """Collect the names in the persons' columns of a sheet, to be found in nothing that is sent."""
    persons = reader.mapping.persons
    columns = {header.column for header in reader.headers if header.name in persons}
    columns |= {c.header.column for c in reader.columns if c.field and c.field.person}
    texts = {row.cell(column).text.strip() for row in reader.layout.rows for column in columns}
    parts = {part for text in texts for part in _NAME_PARTS.split(text)}
    return frozenset(name for name in texts | parts if _is_name(name))


def judge(draft: Draft, schemas: SchemaSet, kind: KindSchema, names: KnownNames) -> None:
    """Add what the contract and the protection of persons find.

    A wrong value that never leaves the unit is dropped and blocks nothing.
    """
    known = {problem.field for problem in draft.problems}
    if not draft.id:
        return
    for problem in _violations(draft, schemas, kind):
        if _unnumbered(problem.field) not in known:
            draft.problems.append(problem)
        if not problem.blocking:
            draft.record = without(draft.record, problem.field)
    draft.problems += _personal(draft, schemas, names)


def _violations(draft: Draft, schemas: SchemaSet, kind: KindSchema) -> Iterable[Problem]:
    for violation in violations(draft.record, schemas, kind):
        tier = _tier(kind, violation.path)
        missing = violation.code == "missing"
        yield Problem(
            f"schema.{violation.code}",
            f"{'缺少, ' if missing else ''}应为{violation.expected_zh}",
            f"{'missing, ' if missing else ''}expected {violation.expected_en}",
            found="" if missing else violation.found.strip('"'),
            field=violation.path,
            place=draft.place(violation.path),
            kind=draft.kind,
            record_id=draft.id,
            blocking=tier not in ("nat", "node"),
        )


def violations(
    record: Mapping[str, Any], schemas: SchemaSet, kind: KindSchema
) -> Sequence[Violation]:
    """Hold a whole record to its schema and the code tables, the quick way first."""
    if schemas.validates(kind.kind, "full", record):
        coded = {name: record[name] for name in kind.coded if name in record}
        if not any(code_faults(coded, kind.schema)):
            return ()
    return schemas.violations(kind.kind, "full", record)


def check_fixed(mapping: Fixed, schemas: SchemaSet, where: str) -> None:
    """Raise SetupError for a fixed value that the contract refuses: no row could mend it."""
    record = {"unit": "", "kind": mapping.kind, "id": "-"} | assemble(mapping.fixed)
    for violation in schemas.violations(mapping.kind, "full", record):
        if violation.path in mapping.fixed and violation.code != "missing":
            raise SetupError(
                "mapping.value",
                where=f"{where} · fixed · {violation.path}",
                expected=violation.expected_zh,
                found=violation.found,
            )


def personal(
    kind: str, record: Mapping[str, Any], schemas: SchemaSet, names: KnownNames
) -> Iterator[Hit]:
    """Find persons in what would be sent of a record, each place once."""
    seen = set()
    bodies = schemas.split(kind, record)
    for tier in SENT_TIERS:
        for hit in find_personal(bodies.get(tier, {}), known=names):
            if hit.path not in seen:
                seen.add(hit.path)
                yield hit


def _tier(kind: KindSchema, path: str) -> str:
    try:
        return tier_of(kind, _unnumbered(path))
    except KeyError:
        return "pub"


def _unnumbered(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def _personal(draft: Draft, schemas: SchemaSet, names: KnownNames) -> Iterable[Problem]:
    for hit in personal(draft.kind, draft.record, schemas, names):
        # What was found is never quoted.
        yield Problem(
            f"privacy.{hit.what}",
            f"含有{WHAT[hit.what].zh}: 要发送的内容里不能有个人信息, 删去",
            f"holds {WHAT[hit.what].en}: remove it from what is sent",
            field=hit.path,
            place=draft.place(hit.path),
            kind=draft.kind,
            record_id=draft.id,
        )


def _is_name(text: str) -> bool:
    if not 2 <= len(text) <= 30 or any(c.isdigit() or c == "@" for c in text):
        return False
    return not _OFFICE.fullmatch(text)
