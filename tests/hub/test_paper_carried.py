"""What may still be decided of a unit without a node, and what of it its node is told later."""

from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.casework.course import Kind
from fenhe_hub.casework.notices import notices_to
from fenhe_hub.casework.obliged import Obliged
from fenhe_hub.index.tables import open_index
from fenhe_hub.office import measures, obliging
from fenhe_hub.office.carrying import carry_over
from fenhe_hub.office.letter_text import LONGEST
from fenhe_hub.office.noticing import send_by_mail
from fenhe_hub.office.proposal import Proposal
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.portal.atom import compose_atom
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError
from tests.hub.measure_house import OPERATOR, PAPER, SCIENTIST, MeasureOffice, measure_office
from tests.hub.sample_records import UNIVERSITY
from tests.hub.test_register import A

DAY = 86_400


def listed(house: MeasureOffice, days: int) -> None:
    """The unit on the register, due so many days from now."""
    due = date_at(house.now + days * DAY)
    told = Obliged(A, "示例单位", "institute", "", "", "", "yes", {}, due)
    obliging.list_units(house.office, THE_HUB, [told])


def proposed(house: MeasureOffice, kind: Kind, until: str = "", text: str = "") -> str:
    told = Proposal(A, kind, reason="示例：未接入", until=until, text=text)
    return measures.propose(house.office, OPERATOR, told)


def decided(house: MeasureOffice, kind: Kind, until: str = "", text: str = "") -> str:
    number = proposed(house, kind, until, text)
    measures.decide(house.office, SCIENTIST, number, PAPER)
    return number


def carried(house: MeasureOffice) -> int:
    with closing(open_index(house.hub.home.index)) as index:
        return carry_over(house.office, index)


def comes(house: MeasureOffice) -> None:
    """A node of the unit is enrolled."""
    house.sql("UPDATE unit SET uscc = ? WHERE uscc = ?", A, UNIVERSITY)


@pytest.mark.parametrize("how", ["later", "exempt"])
def test_a_unit_that_is_late_no_more_when_it_is_decided_gets_nothing(
    how: str, tmp_path: Path
) -> None:
    house = measure_office(tmp_path)
    listed(house, -3)
    number = proposed(house, Kind.CRITICISM)
    if how == "later":
        listed(house, 3)
    else:
        told = {"how": "exempt", "reason": "示例", "document": "示例函〔2026〕3号"}
        obliging.release(house.office, SCIENTIST, A, **told)
    with pytest.raises(RequestError, match=r"measure\.gone"):
        measures.decide(house.office, SCIENTIST, number, PAPER)


def test_a_node_is_told_what_stands_alone_and_one_that_cannot_be_said_holds_up_no_other(
    tmp_path: Path,
) -> None:
    house = measure_office(tmp_path)
    listed(house, -3)
    decided(house, Kind.NO_PURCHASE, date_at(house.now + DAY))  # over when the node comes
    decided(house, Kind.REMINDER, text="字" * LONGEST)  # no room for a word more
    stands = decided(house, Kind.CRITICISM)
    house.now += 5 * DAY
    assert carried(house) == 0
    comes(house)
    house.sql("UPDATE unit SET state = 'retired' WHERE uscc = ?", A)
    assert carried(house) == 0
    house.sql("UPDATE unit SET state = 'enrolled' WHERE uscc = ?", A)
    assert (carried(house), carried(house)) == (1, 0)
    with house.office.casework() as casework:
        told = [each.word.case for each in notices_to(casework.db, A) if each.word.to]
    assert told == [stands]


def test_words_that_were_erased_where_a_node_reads_them_are_shown_on_paper_no_more(
    tmp_path: Path,
) -> None:
    house = measure_office(tmp_path)
    listed(house, -3)
    decided(house, Kind.CRITICISM)
    other = decided(house, Kind.REMINDER)
    comes(house)
    assert carried(house) == 2
    with house.office.casework() as casework:
        found = notices_to(casework.db, A)
    erased = next(each.number for each in found if each.word.to and each.word.case != other)
    house.note("notice.erased", erased)
    with pytest.raises(RequestError, match=r"register\.state"):
        send_by_mail(house.office, OPERATOR, erased, "office@example.org")
    with house.office.casework() as casework:
        left = {each.word.case for each in notices_to(casework.db, A) if not each.is_erased}
    assert left == {other}


def test_a_measure_that_is_revoked_is_so_on_paper_too(tmp_path: Path) -> None:
    house = measure_office(tmp_path)
    listed(house, -3)
    number = decided(house, Kind.CRITICISM)
    comes(house)
    assert carried(house) == 1
    house.now += DAY
    measures.revoke(house.office, SCIENTIST, number, PAPER, "示例")
    with house.office.casework() as casework:
        found = [(house.measure(number), each) for each in notices_to(casework.db, A)]
    feed = compose_atom("hub.example/fenhe", "https://hub.example", found, {}).decode()
    assert feed.count("<title>［已撤销］") == 2 and feed.count("<entry>") == 3
