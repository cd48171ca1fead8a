"""The office's registers: authorities and their units, obliged units, and who may do what there."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.casework import authorities, obliged
from fenhe_hub.casework.accounts import Account
from fenhe_hub.casework.authorities import Authority, Belonging
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.evaluations import Evaluation
from fenhe_hub.casework.obliged import Obliged, Stand, late_by_authority, standing
from fenhe_hub.casework.reviews import Review
from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub
from fenhe_hub.office import authorities as authority_verbs
from fenhe_hub.office import exempting, objecting, obliging, reviewing
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission, Role
from fenhe_hub.office.scope import scope_of
from fenhe_hub.office.staff import Staff
from fenhe_protocol.errors import FenheError, InputError, RequestError
from fenhe_protocol.identifiers import uscc_check_character
from tests.hub.fake_node import START
from tests.hub.houses import new_hub

DAY = 86_400
TODAY = date(2026, 3, 1)


def code(number: int) -> str:
    first = f"12140000{number:09}"
    return first + uscc_check_character(first)


A, B, C = code(1), code(2), code(3)
ADMINISTRATOR = Staff("admin", Role.ADMINISTRATOR)
OPERATOR = Staff("operator", Role.OPERATOR)
DECIDER = Staff("decider", Role.DECIDER, frozenset({A}), "jyt")
SCIENCE = Authority("kjt", "示例科技厅", "science", "province", "all", "2026-01-01")
EDUCATION = Authority("jyt", "示例教育厅", "education", "province", "listed", "2026-01-01")


def unit(uscc: str, due_on: str = "2026-02-27", authority: str = "示例教育厅") -> Obliged:
    name = f"示例单位{uscc[-3]}"
    return Obliged(
        uscc, name, "university", "140100", authority, "设备处", "yes", {"from_20": 3}, due_on
    )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(new_hub(tmp_path / "hub"), lambda: START)


@pytest.fixture
def hub(office: Office) -> Hub:
    return office.hub


def test_the_scope_of_a_department_is_told_for_any_day(office: Office, hub: Hub) -> None:
    authority_verbs.put_authorities(office, ADMINISTRATOR, [SCIENCE, EDUCATION])
    authority_verbs.assign(office, ADMINISTRATOR, [Belonging(A, "jyt", "2026-01-01")])
    authority_verbs.move(office, ADMINISTRATOR, A, "jyt", "kjt", "2026-06-01")
    authority_verbs.assign(office, ADMINISTRATOR, [Belonging(B, "jyt", "2026-06-01", "2026-06-30")])
    authority_verbs.end_authority(office, ADMINISTRATOR, "jyt", "2026-12-31")
    with open_casework(hub.home) as casework:
        assert authorities.units_of(casework.db, "kjt", TODAY) is None
        assert authorities.units_of(casework.db, "kjt", date(2025, 12, 31)) == frozenset()
        days = [date(2026, 5, 31), date(2026, 6, 1), date(2026, 7, 1), date(2027, 1, 1)]
        told = [authorities.units_of(casework.db, "jyt", day) for day in days]
        assert told == [{A}, {B}, frozenset(), frozenset()]
        own = [a.number for a in authorities.authorities_of(casework.db, A, date(2026, 5, 31))]
        assert own == ["jyt", "kjt"]


def test_an_account_sees_the_units_of_its_authority_and_without_one_decides_of_none(
    office: Office, hub: Hub
) -> None:
    authority_verbs.put_authorities(office, ADMINISTRATOR, [EDUCATION])
    authority_verbs.assign(office, ADMINISTRATOR, [Belonging(A, "jyt", "2026-01-01")])
    with open_casework(hub.home) as casework:

        def scope(role: str, authority: str) -> frozenset[str] | None:
            return scope_of(casework.db, Account("x", role, authority, 0, None), TODAY)

        assert scope("viewer", "jyt") == scope("decider", "jyt") == frozenset({A})
        assert scope("decider", "") == scope("viewer", "gone") == frozenset()
        assert scope("operator", "") is None


def test_a_list_that_is_taken_again_changes_nothing(office: Office) -> None:
    first = obliging.list_units(office, OPERATOR, [unit(A), unit(B)])
    again = obliging.list_units(office, OPERATOR, [unit(A), unit(B, due_on="2026-05-01"), unit(C)])
    assert (first.new, again.new, again.changed, again.same) == ((A, B), (C,), (B,), (A,))
    with office.casework() as casework:
        assert [u.due_on for u in obliged.obliged_units(casework.db)] == [
            *("2026-02-27", "2026-05-01", "2026-02-27")
        ]


def test_how_an_obliged_unit_stands_follows_from_acts_registry_and_day(office: Office) -> None:
    obliging.list_units(office, OPERATOR, [unit(A)])

    def stands(today: date, enrolled_at: int | None = None) -> tuple[Stand, int]:
        with office.casework() as casework:
            found = obliged.obliged_unit(casework.db, A)
        assert found is not None
        told = standing(found, enrolled_at, today)
        return told.state, told.days_late

    due = date(2026, 2, 27)
    assert stands(due) == (Stand.REGISTERED, 0)
    assert len(obliging.invite(office, OPERATOR, [A, A])) == 1
    assert obliging.invite(office, OPERATOR, [A]) == []
    assert stands(due) == (Stand.INVITED, 0)
    obliging.note_waiting(office, OPERATOR, A, fingerprint="ab" * 32)
    assert stands(due) == (Stand.WAITING, 0)
    assert stands(date(2026, 2, 28)) == (Stand.LATE, 1)
    assert stands(date(2026, 3, 5), START)[0] is Stand.ENROLLED
    obliging.release(
        office, DECIDER, A, how="exempt", reason="示例理由", document="示例〔2026〕1号"
    )
    assert stands(date(2026, 3, 5)) == (Stand.EXEMPT, 0)
    obliging.restore(office, DECIDER, A, "示例更正")
    assert stands(date(2026, 3, 5)) == (Stand.LATE, 6)


def test_a_unit_whose_node_was_taken_up_waits_until_it_is_refused(office: Office) -> None:
    obliging.list_units(office, OPERATOR, [unit(A), unit(B)])

    def waiting() -> list[tuple[bool, str]]:
        with office.casework() as casework:
            units = obliged.obliged_units(casework.db)
        return [(each.waiting_at is not None, each.fingerprint) for each in units]

    def tell(name: str, **details: str) -> None:
        with office.turn() as casework:
            told = (casework, OPERATOR, Permission.ENROL, name, "A-2026-0001", details)
            office.do(*told, unit=A)

    tell("application.opened", uscc=A, origin="u1.example/fenhe", served="ab" * 32)
    assert waiting() == [(True, "ab" * 32), (False, "")]
    tell("application.refused", reason="示例")
    assert waiting() == [(False, ""), (False, "")]


@given(
    due=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    days=st.lists(st.integers(0, 400), min_size=2, max_size=6),
)
def test_time_alone_makes_nobody_less_late(due: date, days: list[int]) -> None:
    told = [
        standing(unit(A, due.isoformat()), None, date(2026, 1, 1) + timedelta(days=each))
        for each in sorted(days)
    ]
    late = [each.days_late for each in told]
    assert late == sorted(late)
    assert all((each.state is Stand.LATE) == (each.days_late > 0) for each in told)


def test_who_is_late_stands_under_its_authority_the_latest_first() -> None:
    units = [unit(A), unit(B, "2026-01-31"), unit(C, "2026-02-01", "示例卫健委")]
    late = late_by_authority(units, {C: START}, TODAY)
    assert [(u.uscc, s.days_late) for u, s in late["示例教育厅"]] == [(B, 29), (A, 2)]
    assert [*late] == ["示例教育厅"]


FINDING = f"{A}/D1/instrument/EQ-1"
GRANT = exempting.Grant("示例教育厅", "示例理由", "示例〔2026〕1号", "2026-01-01")
Verb = Callable[[Office, Staff], object]
VERBS: dict[str, tuple[Verb, set[Role]]] = {
    "authority": (
        lambda o, who: authority_verbs.put_authority(o, who, SCIENCE),
        {Role.ADMINISTRATOR},
    ),
    "belonging": (
        lambda o, who: authority_verbs.assign(o, who, [Belonging(A, "jyt", "2026-01-02")]),
        {Role.ADMINISTRATOR},
    ),
    "list": (lambda o, who: obliging.list_units(o, who, [unit(A, "2026-09-01")]), {Role.OPERATOR}),
    "invite": (lambda o, who: obliging.invite(o, who, [A]), {Role.OPERATOR}),
    "waiting": (lambda o, who: obliging.note_waiting(o, who, A), {Role.OPERATOR}),
    "exempt": (
        lambda o, who: obliging.release(o, who, A, how="exempt", reason="示例", document="示例"),
        {Role.DECIDER},
    ),
    "ask": (lambda o, who: exempting.ask(o, who, FINDING, "示例", "示例函"), {Role.OPERATOR}),
    "grant": (lambda o, who: exempting.grant(o, who, "E-2026-0001", GRANT), {Role.DECIDER}),
    "refuse": (lambda o, who: exempting.refuse(o, who, "E-2026-0001", "示例"), {Role.DECIDER}),
    "object": (
        lambda o, who: objecting.raise_objection(
            o, who, FINDING, text="示例", document="示例二", raised_on="2026-11-01"
        ),
        {Role.OPERATOR},
    ),
    "answer": (
        lambda o, who: objecting.answer(o, who, "O-2026-0001", decision="rejected", text="示例"),
        {Role.DECIDER},
    ),
    "review": (
        lambda o, who: reviewing.register_reviews(
            o, who, [Review(A, "示例1号", "P-1", "", "2026-01-05", True, "示例厅")]
        ),
        {Role.OPERATOR},
    ),
    "evaluation": (
        lambda o, who: reviewing.register_evaluations(
            o, who, [Evaluation(A, "", "", 2026, "poor", True, "示例", "2026-01-05", "示例厅")]
        ),
        {Role.OPERATOR},
    ),
    "remove": (
        lambda o, who: obliging.release(o, who, A, how="removed", reason="示例"),
        {Role.OPERATOR},
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_for_its_roles_within_their_scope(office: Office, verb: str) -> None:
    authority_verbs.put_authority(office, ADMINISTRATOR, EDUCATION)
    obliging.list_units(office, OPERATOR, [unit(A)])
    exempting.ask(office, OPERATOR, FINDING, "示例", "示例函")
    handed = {"text": "示例", "document": "示例函", "raised_on": "2026-11-01"}
    objecting.raise_objection(office, OPERATOR, FINDING, **handed)
    do, roles = VERBS[verb]
    for role in Role:
        if role not in roles:
            with pytest.raises(RequestError, match=r"office\.permission"):
                do(office, Staff("x", role))
    mine, other = (Staff("x", min(roles), frozenset({each})) for each in (A, B))
    if verb != "authority":  # an authority is no unit's
        with pytest.raises(RequestError, match=r"office\.scope"):
            do(office, other)
    do(office, mine)


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("", "register.value"),
        ("请找张三 13800000000", "register.personal"),
        ("该设备涉密", "register.classified"),
        ("一\x07二", "register.value"),
    ],
)
def test_a_reason_names_no_person_and_nothing_classified(
    office: Office, reason: str, fault: str
) -> None:
    obliging.list_units(office, OPERATOR, [unit(A)])
    with pytest.raises(InputError) as refused:
        obliging.release(office, OPERATOR, A, how="removed", reason=reason)
    assert refused.value.code == fault
    assert not refused.value.found


def test_an_authority_is_checked_before_it_is_made(office: Office) -> None:
    for wrong in (
        Authority("", "示例", "science", "province", "all", "2026-01-01"),
        Authority("a", "示例", "magic", "province", "all", "2026-01-01"),
        Authority("a", "示例", "science", "province", "some", "2026-01-01"),
        Authority("a", "示例", "science", "province", "all", "2026-02-30"),
        Authority("a", "示例", "science", "province", "all", "2026-01-02", "2026-01-01"),
    ):
        with pytest.raises(FenheError, match=r"register\.value"):
            authority_verbs.put_authority(office, ADMINISTRATOR, wrong)


def test_units_come_under_the_authority_that_their_list_names(office: Office, hub: Hub) -> None:
    authority_verbs.put_authorities(office, ADMINISTRATOR, [EDUCATION, SCIENCE])
    obliging.list_units(office, OPERATOR, [unit(A), unit(B, authority="没有的部门")])
    acts, unknown = authority_verbs.assign_as_listed(office, ADMINISTRATOR, "2026-01-01")
    again, _ = authority_verbs.assign_as_listed(office, ADMINISTRATOR, "2026-01-01")
    assert ([act.subject for act in acts], unknown, again) == ([A], ["没有的部门"], [])


def test_all_registers_are_the_same_when_they_are_made_again_from_the_log(office: Office) -> None:
    authority_verbs.put_authorities(office, ADMINISTRATOR, [EDUCATION])
    authority_verbs.assign(office, ADMINISTRATOR, [Belonging(A, "jyt", "2026-01-01")])
    obliging.list_units(office, OPERATOR, [unit(A), unit(B)])
    exempting.ask(office, OPERATOR, FINDING, "示例", "示例函")
    exempting.grant(office, DECIDER, "E-2026-0001", GRANT)
    for verb in ("invite", "waiting", "object", "answer", "review", "evaluation"):
        do, roles = VERBS[verb]
        do(office, Staff("x", min(roles)))

    def kept() -> list[str]:
        with office.casework() as casework:
            return list(casework.db.iterdump())

    with FedRound(office.hub) as fed:
        assert fed.publish(START).words["act"] == 12
    before = kept()
    office.hub.home.casework.unlink()
    assert kept() == before


def test_who_may_not_withdraw_is_not_told_whether_there_is_anything(office: Office) -> None:
    elsewhere = Staff("operator-9", Role.OPERATOR, frozenset())
    result = Evaluation(
        A, "instrument", "EQ-1", 2026, "poor", True, "示例2号", "2026-03-01", "示例"
    )
    anybody = Staff("operator-1", Role.OPERATOR)
    for who, told in ((elsewhere, r"office\.scope"), (anybody, r"register\.absent")):
        with pytest.raises(RequestError, match=told):
            reviewing.withdraw_review(office, who, A, "没有", "", "示例误登")
        with pytest.raises(RequestError, match=told):
            reviewing.withdraw_evaluation(office, who, result, "示例误登")
