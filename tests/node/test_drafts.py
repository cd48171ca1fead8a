"""Drafts judged many at once are those that a reader takes one by one, and no others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.publishing.changes import Change
from fenhe_node.publishing.drafts import draft_all
from fenhe_protocol.record import Skip, judge_body
from fenhe_protocol.strict_json import dumps, loads
from tests.node.homes import UNIT, instrument, service
from tests.node.lists import SCHEMAS

NOTHING: frozenset[str] = frozenset()

RECORDS = st.one_of(
    st.builds(instrument, st.sampled_from(["A-1", "A-2"])),
    st.builds(service, st.sampled_from(["S-1", "S-2"])),
    st.sampled_from(
        [
            instrument("A-3", status="no such status"),
            instrument("A-4", function="联系 13812345678"),
            instrument("A-5", function="1.5 示例"),
            instrument("A-6") | {"unit": "no such unit"},
            instrument("A-7", function="示" * 40_000),
            service("S-3", effective_minutes=-1),
            service("S-4", user={"applicant": "示例用户甲"}),
            {
                **{"unit": UNIT, "kind": "instrument", "id": "A-8"},
                "deleted": {"on": "2026-11-23", "reason": "scrapped"},
            },
        ]
    ),
)


@st.composite
def some_changes(draw: st.DrawFn) -> Change:
    """A change of a record; of some nothing is to be said, of some a part is to be sealed."""
    record: dict[str, Any] = draw(RECORDS)
    return Change(
        record["kind"],
        record["id"],
        "new",
        record,
        "",
        draw(st.sampled_from([NOTHING, frozenset({"pub"}), frozenset({"pub", "hub"})])),
        draw(st.booleans()),
        draw(st.sampled_from([None, "digest"])),
    )


@given(st.lists(some_changes(), max_size=8), st.sampled_from([1, 3, 256]))
def test_many_judged_at_once_come_to_what_each_comes_to_alone(
    changes: list[Change], at_once: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fenhe_node.publishing.drafts._JUDGED_AT_ONCE", at_once)
        made, refused = draft_all(changes, schemas=SCHEMAS, unit=UNIT)
    alone = [draft_all([change], schemas=SCHEMAS, unit=UNIT) for change in changes]
    assert made == [draft for drafts, _ in alone for draft in drafts]
    assert refused == [refusal for _, refusals in alone for refusal in refusals]
    for draft in made:
        for tier, body in draft.bodies.items():
            assert body == dumps(loads(body))
            verdict = judge_body(body, tier=tier, log=draft.log, unit=UNIT, schemas=SCHEMAS)
            assert not isinstance(verdict, Skip)


def test_one_that_is_refused_takes_no_other_with_it() -> None:
    records = [service("S-1"), service("S-2", effective_minutes=-1), service("S-3")]
    changes = [Change(r["kind"], r["id"], "new", r, "", NOTHING) for r in records]
    made, refused = draft_all(changes, schemas=SCHEMAS, unit=UNIT)
    assert [draft.change.id for draft in made] == ["S-1", "S-3"]
    assert [(each.id, each.tier, each.code) for each in refused] == [("S-2", "hub", "schema")]
