"""Measures: what may be a ground, which step follows which, and what the unit is told."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.casework import measures as kept
from fenhe_hub.casework import notices
from fenhe_hub.casework.course import Kind, State
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.cli import main
from fenhe_hub.office import measures
from fenhe_hub.office.document import Document
from fenhe_hub.office.noticing import letter_of, note_fetched, note_mailed
from fenhe_hub.office.proposal import Proposal
from fenhe_hub.office.staff import THE_HUB
from fenhe_protocol.errors import FenheError, InputError, RequestError
from fenhe_protocol.notice import Notice
from tests.hub.index_rows import DAY
from tests.hub.measure_house import (
    DECIDER,
    DUE,
    ELSEWHERE,
    HELD,
    MET,
    OPERATOR,
    OVERDUE,
    PAPER,
    RECTIFY,
    SCIENTIST,
    UNKNOWN,
    MeasureOffice,
    measure_office,
)
from tests.hub.sample_records import INSTITUTE, UNIVERSITY


@pytest.fixture
def house(tmp_path: Path) -> MeasureOffice:
    return measure_office(tmp_path)


def test_a_measure_is_proposed_by_the_operator_decided_by_its_authority_and_told(
    house: MeasureOffice,
) -> None:
    number = measures.propose(house.office, OPERATOR, RECTIFY)
    assert (number, house.measure(number).state) == ("M-2026-0001", State.PROPOSED)
    for who in (OPERATOR, ELSEWHERE):
        with pytest.raises(RequestError) as error:
            measures.decide(house.office, who, number, PAPER)
        assert error.value.status == 403
    house.now += 3 * DAY
    assert measures.decide(house.office, DECIDER, number, PAPER) == "N-2026-0001"
    found = house.measure(number)
    assert (found.state, found.document_no, found.decided_on) == (
        State.DECIDED, "晋示例发〔2026〕1号", "2026-11-23",
    )  # fmt: skip
    assert (found.decided_by, found.authority) == ("示例主管部门", "A-1")
    with house.office.casework() as casework:
        sent = notices.notice(casework.db, "N-2026-0001")
    assert sent is not None
    word = sent.word
    assert (word.to, word.tier, word.matter) == ("u1.example/fenhe", "to", "rectification")
    assert (word.about, word.case, word.deadline) == ((OVERDUE,), number, "2027-01-31")
    for said in ("示例大学", "D1", "A-1003", "2027-01-31", "N-2026-0001", "晋示例发〔2026〕1号"):
        assert said in word.text
    assert "{{" not in word.text
    with Waiting.open(house.hub.home) as waiting:
        assert word in waiting.words()


def test_the_same_measures_follow_from_the_acts_again(house: MeasureOffice) -> None:
    first = measures.propose(house.office, OPERATOR, RECTIFY)
    measures.decide(house.office, DECIDER, first, PAPER)
    measures.remark(house.office, OPERATOR, first, "现场核查")
    second = measures.propose(house.office, OPERATOR, replace(RECTIFY, kind=Kind.NO_PURCHASE))
    measures.reject(house.office, DECIDER, second, "理由不足")
    third = measures.propose(house.office, OPERATOR, replace(RECTIFY, kind=Kind.CRITICISM))
    measures.decide(house.office, SCIENTIST, third, PAPER)
    measures.revoke(house.office, SCIENTIST, third, Document("撤〔2026〕2号", "2026-11-23"), "有误")
    note_fetched(house.office, "N-2026-0001", UNIVERSITY, {"signature": "s"})
    note_mailed(house.office, OPERATOR, "N-2026-0001", "office@example.org", trouble="550 no")
    note_mailed(house.office, OPERATOR, "N-2026-0001", "office@example.org")

    def all_of_it() -> list[object]:
        with house.office.casework() as casework:
            db = casework.db
            return [
                kept.measures(db),
                [kept.steps(db, each) for each in (first, second, third)],
                notices.notices_to(db, UNIVERSITY),
            ]

    before = all_of_it()
    house.hub.home.casework.unlink()
    assert all_of_it() == before
    assert [each.state for each in kept_measures(house)] == [
        State.REVOKED, State.REJECTED, State.DECIDED,
    ]  # fmt: skip
    ended = house.measure(third).ending
    assert ended is not None and (ended.reason, ended.document_no) == ("有误", "撤〔2026〕2号")
    with house.office.casework() as casework:
        last = notices.notices_of_case(casework.db, third)[-1]
        sent = notices.notice(casework.db, "N-2026-0001")
    assert (last.word.matter, last.word.revokes, last.word.is_public) == (
        "revocation", "N-2026-0002", True,
    )  # fmt: skip
    assert sent is not None and (sent.fetched_at, sent.mailed_at) == (house.now, house.now)
    assert [each.state for each in sent.mailings] == ["failed", "accepted"]


def kept_measures(house: MeasureOffice) -> list[kept.Measure]:
    with house.office.casework() as casework:
        return kept.measures(casework.db)


REFUSED = (
    (replace(RECTIFY, findings=(MET,)), "measure.state-of-finding"),
    (replace(RECTIFY, findings=(DUE,)), "measure.state-of-finding"),
    (replace(RECTIFY, findings=()), "measure.no-ground"),
    (replace(RECTIFY, findings=(f"{UNIVERSITY}/D1/instrument/no",)), "measure.absent"),
    (replace(RECTIFY, findings=("nothing",)), "measure.absent"),
    (replace(RECTIFY, unit=INSTITUTE), "measure.absent"),
    (replace(RECTIFY, unit="91140000000000000X"), "measure.unit"),
    (replace(RECTIFY, deadline=""), "measure.deadline"),
    (replace(RECTIFY, deadline="2026-11-22"), "measure.day"),
    (replace(RECTIFY, text="请 {{ password }}"), "notice.place"),
    (replace(RECTIFY, text="请 {{ unit_name 整改"), "notice.place"),
    (replace(RECTIFY, text="{{{ unit_name }}}"), "notice.place"),
    (replace(RECTIFY, text="请 {{" + " " * 400), "notice.place"),
    (replace(RECTIFY, reason=""), "register.value"),
    (replace(RECTIFY, public=True, text="请致电 13800000000"), "notice.form"),
    (replace(RECTIFY, text="{{ reason }}" * 10, reason="理" * 3000), "notice.text"),
    (replace(RECTIFY, reason="请找 13800000000"), "register.personal"),
    (Proposal(UNIVERSITY, Kind.REALLOCATION, reason="闲置"), "measure.item"),
    (
        replace(RECTIFY, kind=Kind.REALLOCATION, item=("instrument", "A-1003")),
        "measure.special",
    ),
)


def test_a_proposal_without_a_ground_or_a_form_is_refused_and_leaves_no_trace(
    house: MeasureOffice,
) -> None:
    for told, code in REFUSED:
        with pytest.raises(FenheError) as error:
            measures.propose(house.office, OPERATOR, told)
        assert error.value.code == code, told
    assert kept_measures(house) == []


def test_what_is_proposed_already_is_not_proposed_again_until_it_is_settled(
    house: MeasureOffice,
) -> None:
    number = measures.propose(house.office, OPERATOR, RECTIFY)
    with pytest.raises(RequestError) as error:
        measures.propose(house.office, OPERATOR, RECTIFY)
    assert (error.value.code, error.value.where) == ("measure.twice", number)
    measures.withdraw(house.office, OPERATOR, number, "另提")
    assert measures.propose(house.office, OPERATOR, RECTIFY) != number


def test_a_reminder_is_never_public_and_a_public_notice_always(house: MeasureOffice) -> None:
    findings = (DUE, UNKNOWN, OVERDUE, HELD)
    told = Proposal(UNIVERSITY, Kind.REMINDER, findings, reason="提醒", public=True)
    first = measures.propose(house.office, OPERATOR, told)
    told = Proposal(UNIVERSITY, Kind.CRITICISM, (OVERDUE,), reason="逾期")
    second = measures.propose(house.office, OPERATOR, told)
    assert (house.measure(first).public, house.measure(second).public) == (False, True)
    measures.decide(house.office, DECIDER, second, PAPER)
    with house.office.casework() as casework:
        (sent,) = notices.notices_of_case(casework.db, second)
        assert [each.number for each in kept.published(casework.db)] == [second]
    assert (sent.word.tier, sent.word.is_public) == ("pub", True)


def test_where_all_that_it_rests_on_is_mended_nothing_is_decided(house: MeasureOffice) -> None:
    number = measures.propose(house.office, OPERATOR, RECTIFY)
    house.sql("UPDATE finding SET state = 'met' WHERE id = 'A-1003'")
    with pytest.raises(RequestError) as error:
        measures.decide(house.office, DECIDER, number, PAPER)
    assert error.value.code == "measure.gone"
    measures.withdraw(house.office, OPERATOR, number, "已补齐")
    assert house.measure(number).state is State.WITHDRAWN


def test_a_reallocation_is_for_a_competent_department_or_the_treasury(
    house: MeasureOffice,
) -> None:
    told = {"unit": UNIVERSITY, "kind": "instrument", "id": "A-1003", "year": 2026}
    told |= {"result": "poor", "final": 1, "document": "评〔2026〕1号"}
    house.note("evaluation.registered", "A-1003", **told)
    house.sql(
        "UPDATE resource SET pub = json_set(pub, '$.general_or_special', 'general')"
        " WHERE id = 'A-1003'"
    )
    proposal = Proposal(
        UNIVERSITY, Kind.REALLOCATION, item=("instrument", "A-1003"), reason="长期闲置"
    )
    number = measures.propose(house.office, OPERATOR, proposal)
    with pytest.raises(RequestError) as error:
        measures.decide(house.office, SCIENTIST, number, PAPER)
    assert (error.value.code, error.value.status) == ("measure.competence", 403)
    measures.decide(house.office, DECIDER, number, PAPER)
    with house.office.casework() as casework:
        (sent,) = notices.notices_of_case(casework.db, number)
    assert "2026 年度 较差" in sent.word.text and "A-1003" in sent.word.text


def test_a_decision_has_its_document_its_day_and_its_body(house: MeasureOffice) -> None:
    number = measures.propose(house.office, OPERATOR, RECTIFY)
    for document in (Document("", "2026-11-23"), Document("x", "someday")):
        with pytest.raises(InputError):
            measures.decide(house.office, DECIDER, number, document)
    with pytest.raises(RequestError):
        measures.decide(house.office, DECIDER, number, Document("x", "2026-11-24"))
    with pytest.raises(InputError):
        measures.decide(house.office, THE_HUB, number, PAPER)
    measures.decide(house.office, THE_HUB, number, replace(PAPER, body="示例委员会"))
    assert house.measure(number).decided_by == "示例委员会"


def test_a_notice_is_fetched_once_with_the_request_that_proves_it(house: MeasureOffice) -> None:
    number = measures.propose(house.office, OPERATOR, RECTIFY)
    notice = measures.decide(house.office, DECIDER, number, PAPER)
    assert note_fetched(house.office, notice, UNIVERSITY, {"signature": "first"})
    house.now += 60
    assert not note_fetched(house.office, notice, UNIVERSITY, {"signature": "second"})
    with house.office.casework() as casework:
        sent = notices.notice(casework.db, notice)
    assert sent is not None
    assert (sent.fetched_at, sent.fetched_by) == (house.now - 60, {"signature": "first"})


def test_the_letter_says_the_number_the_text_and_where_it_stands() -> None:
    notice = Notice(
        "N-2026-0001", "u", "正文", "2026-12-25", title="标题", case="M-2026-0001", is_public=True
    )
    letter = letter_of(notice, "https://hub.example/fenhe")
    assert letter.subject == "[N-2026-0001] 标题" and "\n" not in letter.subject
    for said in ("正文", "2026-12-25", "https://hub.example/fenhe/notices/M-2026-0001"):
        assert said in letter.body


def test_a_script_proposes_decides_and_lists(
    house: MeasureOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*command: str) -> Any:
        assert main(["--home", str(house.hub.home.path), *command, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    paper = ("--document", PAPER.number, "--by", "示例委员会")
    told = run("measure", "propose", UNIVERSITY, "--finding", OVERDUE, "--reason", "逾期")
    assert told["number"].endswith("-0001")
    assert run("measure", "decide", told["number"], *paper)["notice"].endswith("-0001")
    (row,) = run("measures", "--state", "in_force")
    assert (row["kind"], row["decided_by"]) == ("reminder", "示例委员会")
    (notice,) = run("notices")
    assert (notice["matter"], notice["fetched_at"]) == ("reminder", None)
    assert run("measure", "close", told["number"], *paper, "--reason", "已改正")["notice"]
    assert run("measures", "--state", "in_force") == []
