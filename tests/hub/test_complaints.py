"""Complaints: sealed where they are received, passed on, answered, erased; the proofs hold."""

import threading
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from fenhe_client.checking.pace import Pace
from fenhe_client.keys import wrapping
from fenhe_hub.casework import complaints, journal
from fenhe_hub.casework.complaint_acts import COMPLAINANT, HANDLERS
from fenhe_hub.feedback import handlers_key
from fenhe_hub.feedback.sealing import Envelope
from fenhe_hub.feedback.subjects import Category, Route, State, may_follow, may_go, proper_route
from fenhe_hub.office import complaining, complaint_routing
from fenhe_hub.office.roles import PERMISSIONS, Permission, Role
from fenhe_hub.office.staff import Staff
from fenhe_hub.rule_file import SHIPPED
from fenhe_protocol.errors import InputError, Refused, RequestError, SetupError
from tests.hub.complaint_house import (
    OPERATOR,
    PASSPHRASE,
    PLANTED,
    STORY,
    ComplaintHouse,
    with_key,
)
from tests.hub.fake_node import START
from tests.hub.houses import new_hub

DAY = 86_400
PACE = Pace(threading.Event(), hurry=True)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "COST", 1 << 4)


@pytest.fixture
def house(tmp_path: Path) -> ComplaintHouse:
    return with_key(new_hub(tmp_path / "hub"), START)


def opened(house: ComplaintHouse, number: str) -> list[str]:
    keys = handlers_key.unlock(house.hub.home, PASSPHRASE)
    case, words = complaining.open_words(house.office, OPERATOR, number)
    envelope = Envelope(house.hub.origin, case.mark)
    return [envelope.open_as_handler(each.sealed, keys)["text"] for each in words]


def test_a_case_has_the_next_number_of_its_year(house: ComplaintHouse) -> None:
    assert [house.complain(), house.complain()] == ["C-2026-0001", "C-2026-0002"]
    house.say()
    house.hub.home.casework.unlink()
    assert house.complain() == "C-2026-0003"
    house.now += 60 * DAY
    assert house.complain() == "C-2027-0001"


def test_nothing_in_the_home_says_who_complained_or_what(house: ComplaintHouse) -> None:
    number = house.complain()
    complaining.answer(house.office, OPERATOR, number, STORY)
    complaining.add(house.office, house.case(number), house.secrets[number], STORY)
    house.say()
    secret = house.secrets[number]
    hidden = [each.encode() for each in (*PLANTED, secret.shown, secret.shown.replace("-", ""))]
    for file, raw in house.bytes_of_home():
        assert [each for each in hidden if each in raw] == [], file
    assert repr(secret) == "Secret()"


def test_only_the_passphrase_opens_and_looking_is_an_act(house: ComplaintHouse) -> None:
    number = house.complain()
    assert opened(house, number) == [STORY]
    with house.office.casework() as casework:
        (last, *_) = journal.acts(casework.db, subject=number)
    assert (last.name, last.by) == ("complaint.opened", "operator1")
    with pytest.raises(InputError, match=r"complaint\.passphrase"):
        handlers_key.unlock(house.hub.home, PASSPHRASE + "x")


def test_an_answer_is_read_with_the_secret_and_by_the_handlers_alone(
    house: ComplaintHouse,
) -> None:
    number, other = house.complain(), house.complain()
    complaining.answer(house.office, OPERATOR, number, "示例答复")
    case = house.case(number)
    assert case.state == State.ANSWERED
    with house.office.casework() as casework:
        (theirs,) = complaints.words_of(casework.db, number, COMPLAINANT)
        ours = complaints.words_of(casework.db, number, HANDLERS)
    envelope = Envelope(house.hub.origin, case.mark)
    key = house.secrets[number].key()
    assert envelope.open_as_complainant(theirs.sealed, key) == {"text": "示例答复"}
    assert opened(house, number) == [STORY, "示例答复"]
    with pytest.raises(Refused, match=r"seal\.key"):
        envelope.open_as_complainant(ours[0].sealed, key)
    # What is sealed for one case does not open as another's.
    moved = Envelope(house.hub.origin, house.case(other).mark)
    with pytest.raises(Refused, match=r"seal\.open"):
        moved.open_as_handler(ours[0].sealed, handlers_key.unlock(house.hub.home, PASSPHRASE))


def test_a_new_key_and_another_passphrase_still_open_what_was_sealed_before(
    house: ComplaintHouse,
) -> None:
    number = house.complain()
    home = house.hub.home
    with pytest.raises(InputError, match=r"complaint\.passphrase"):
        handlers_key.make_key(home, "another passphrase", house.now)
    handlers_key.make_key(home, PASSPHRASE, house.now)
    later = house.complain(text="后来的")
    with pytest.raises(InputError, match=r"complaint\.weak"):
        handlers_key.change_passphrase(home, PASSPHRASE, "short")
    handlers_key.change_passphrase(home, PASSPHRASE, "a longer passphrase")
    with pytest.raises(InputError):
        handlers_key.unlock(home, PASSPHRASE)
    keys = handlers_key.unlock(home, "a longer passphrase")
    for case, text in ((house.case(number), STORY), (house.case(later), "后来的")):
        _, words = complaining.open_words(house.office, OPERATOR, case.number)
        told = Envelope(house.hub.origin, case.mark).open_as_handler(words[0].sealed, keys)
        assert told["text"] == text
    assert handlers_key.file_of(home).stat().st_mode & 0o777 == 0o600


def test_without_a_key_or_with_a_broken_one_nothing_is_taken(tmp_path: Path) -> None:
    house = ComplaintHouse(new_hub(tmp_path / "hub"), START)
    with pytest.raises(RequestError, match=r"complaint\.closed"):
        house.complain()
    with pytest.raises(SetupError, match=r"complaint\.no-key"):
        handlers_key.unlock(house.hub.home, PASSPHRASE)
    handlers_key.file_of(house.hub.home).write_text("{}")
    with pytest.raises(RequestError, match=r"complaint\.closed"):
        house.complain()


def test_only_so_many_are_taken_an_hour(tmp_path: Path) -> None:
    house = with_key(new_hub(tmp_path / "hub"), START, most_an_hour=2)
    house.complain()
    house.complain()
    with pytest.raises(RequestError, match=r"complaint\.too-many"):
        house.complain()
    house.now += 3601
    assert house.complain() == "C-2026-0003"


@pytest.mark.parametrize("category", list(Category))
def test_every_subject_has_a_proper_route_that_it_may_take(category: Category) -> None:
    assert may_go(category, proper_route(category), "12140000000000019W")
    assert may_go(category, Route.AUTHORITY, "")
    assert not may_go(category, Route.UNIT, "")


def test_complaints_about_reallocation_and_the_platform_never_go_to_a_unit(
    house: ComplaintHouse,
) -> None:
    unit = "12140000000000019W"
    for category in (Category.REALLOCATION, Category.PLATFORM):
        assert proper_route(category) is Route.AUTHORITY
        number = house.complain(category, unit)
        with pytest.raises(RequestError, match=r"complaint\.route"):
            complaint_routing.pass_on(house.office, OPERATOR, number, Route.UNIT, summary="示例")


def test_a_case_goes_from_state_to_state_and_nowhere_else(house: ComplaintHouse) -> None:
    number = house.complain()
    assert house.case(number).state == State.RECEIVED
    with pytest.raises(RequestError, match=r"complaint\.state"):
        complaining.take_up(house.office, OPERATOR, number)
    complaint_routing.pass_on(house.office, OPERATOR, number, Route.AUTHORITY)
    assert house.case(number).state == State.ROUTED
    complaining.take_up(house.office, OPERATOR, number)
    assert house.case(number).state == State.WITH_AUTHORITY
    complaining.answer(house.office, OPERATOR, number, "示例答复")
    first = house.case(number)
    complaining.close(house.office, OPERATOR, number, "explained")
    assert house.case(number).state == State.CLOSED
    for step in (complaining.close, complaining.answer):
        with pytest.raises(RequestError, match=r"complaint\.state"):
            step(house.office, OPERATOR, number, "settled")
    complaining.add(house.office, house.case(number), house.secrets[number], "仍未解决")
    again = house.case(number)
    assert (again.state, again.reopened, again.closed_at) == (State.REOPENED, 1, None)
    assert again.answered_at == first.answered_at
    assert opened(house, number) == [STORY, "示例答复", "仍未解决"]
    house.say()
    house.hub.home.casework.unlink()
    assert replace(house.case(number), changed_at=0) == replace(again, changed_at=0)


def test_what_may_follow_is_known_of_every_state() -> None:
    for state in State:
        assert may_follow(state, "answer") == (state is not State.CLOSED)
        assert may_follow(state, "reopen") == (state in (State.ANSWERED, State.CLOSED))


@pytest.mark.parametrize("role", list(Role))
def test_who_does_not_handle_complaints_sees_and_does_nothing(
    house: ComplaintHouse, role: Role
) -> None:
    inside, outside = "12140000000000019W", "12140000000000027P"
    number, general = house.complain("fees", inside), house.complain()
    here, elsewhere = (Staff("a", role, frozenset({unit})) for unit in (inside, outside))
    handles = Permission.HANDLE in PERMISSIONS[role]
    with house.office.casework() as casework:
        for who, case, good in (
            (here, number, handles),
            (Staff("a", role), number, handles),
            (Staff("a", role), general, handles),
            (elsewhere, number, False),
            (here, general, False),
        ):
            if good:
                assert complaining.find(casework, who, case).number == case
                continue
            with pytest.raises(RequestError, match=r"office\.(permission|scope)"):
                complaining.find(casework, who, case)
    for step in (complaining.answer, complaining.close):
        with pytest.raises(RequestError, match=r"office\.(permission|scope)"):
            step(house.office, elsewhere, number, "settled")
    with pytest.raises(RequestError, match=r"office\.(permission|scope)"):
        complaining.open_words(house.office, elsewhere, number)


def test_a_summary_of_a_person_or_without_bounds_does_not_leave(house: ComplaintHouse) -> None:
    number = house.complain("fees", "12140000000000019W")
    with pytest.raises(RequestError, match=r"complaint\.personal"):
        complaint_routing.pass_on(
            house.office, OPERATOR, number, Route.UNIT, summary="请回电 13800000000"
        )
    for summary in ("请核实" * 1400, "请核实\u202e"):
        with pytest.raises(InputError, match=r"register\.value"):
            complaint_routing.pass_on(house.office, OPERATOR, number, Route.UNIT, summary=summary)


def test_an_answer_is_no_longer_than_a_complaint(house: ComplaintHouse) -> None:
    number = house.complain()
    for text in ("答" * 4001, "示例\u202e"):
        with pytest.raises(InputError, match=r"register\.value"):
            complaining.answer(house.office, OPERATOR, number, text)
    complaining.answer(house.office, OPERATOR, number, "答" * 4000)
    house.say()
    assert house.case(number).state == State.ANSWERED


def test_the_last_day_for_an_answer_is_counted_from_the_day_it_is_handed_on(
    house: ComplaintHouse, tmp_path: Path
) -> None:
    raw = (resources.files("fenhe_hub") / SHIPPED).read_text(encoding="utf-8")
    rules = tmp_path / "rules.yaml"
    rules.write_text(raw.replace("days: null  ", "days: 5     "), encoding="utf-8")
    number, other = house.complain(), house.complain()
    complaint_routing.pass_on(house.office, OPERATOR, number, Route.AUTHORITY)
    assert house.case(number).due == ""
    house.hub = replace(house.hub, config=replace(house.hub.config, rules=str(rules)))
    house.now += DAY
    complaint_routing.pass_on(house.office, OPERATOR, other, Route.AUTHORITY)
    assert house.case(other).due == "2026-12-01"
