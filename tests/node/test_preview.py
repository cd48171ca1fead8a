"""Preview: every field of a record stands in exactly one list, and persons stay."""

import json
from typing import Any

import pytest

from fenhe_node.preview import preview, show
from fenhe_node.store import Store
from tests.node.lists import SCHEMAS, UNIT

RECORD: dict[str, Any] = {
    "unit": UNIT,
    "kind": "instrument",
    "id": "A-1",
    "name_zh": "显微镜",
    "status": "normal",
    "imported_duty_free": True,
    "subjects": ["150"],
    "funds": ["central", "own"],
    "location": {"province": "山西省", "city": "太原市"},
    "value_yuan": 678100,
    "contact_person": {"name": "示例甲", "phone": "13800000000"},
    "ext": {"pub": {"colour": "grey"}, "hub": {"owner": "x"}, "nat": {"y": 1}},
}


def test_the_three_lists() -> None:
    shown = show(RECORD, SCHEMAS)
    assert [(field.field, field.words) for field in shown.public] == [
        ("name_zh", "显微镜"),
        ("status", "正常"),
        ("subjects", "150"),
        ("location.province", "山西省"),
        ("location.city", "太原市"),
        ("imported_duty_free", "是 yes"),
        ("ext", '{"colour": "grey"}'),
    ]
    assert [(field.field, field.words) for field in shown.hub_only] == [
        ("value_yuan", "678100 元"),
        ("funds", "中央财政资金、单位自有资金"),
        ("ext", '{"owner": "x"}'),
    ]
    assert [(field.title_zh, field.value) for field in shown.stays] == [
        ("联系人 · 姓名", "示例甲"),
        ("联系人 · 电话", "13800000000"),
        ("扩展", {"y": 1}),
    ]


def test_users_of_a_service_stay() -> None:
    record = {"unit": UNIT, "kind": "service_record", "id": "R-1", "instrument": "A-1",
              "applicant": "示例甲", "effective_minutes": 30}  # fmt: skip
    shown = show(record, SCHEMAS)
    assert shown.public == ()
    assert [field.field for field in shown.hub_only] == ["instrument", "effective_minutes"]
    assert [field.field for field in shown.stays] == ["applicant"]


@pytest.mark.parametrize("kind", SCHEMAS.kinds)
def test_what_is_shown_as_sent_is_what_the_split_gives(kind: str) -> None:
    fields = SCHEMAS.kind(kind).own_fields
    record: dict[str, Any] = {"unit": UNIT, "kind": kind, "id": "A-1"}
    record |= {field.name: field.example or "x" for field in fields if not field.members}
    bodies = SCHEMAS.split(kind, record)
    shown = show(record, SCHEMAS)
    for tier, listed in (("pub", shown.public), ("hub", shown.hub_only)):
        sent = {n: v for n, v in bodies.get(tier, {}).items() if n not in ("unit", "kind", "id")}
        assert json.dumps({field.field: field.value for field in listed}) == json.dumps(sent)


def test_an_id_that_is_not_there_shows_nothing(store: Store) -> None:
    assert preview(store, "A-9", schemas=SCHEMAS) == ()
