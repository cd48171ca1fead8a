"""A letter of which an act says that it waits is queued again where it lies in no queue."""

from pathlib import Path

from fenhe_client.mailing.queue import SENT
from fenhe_hub.casework.notices import notice
from fenhe_hub.mailing.outgoing import Outgoing
from fenhe_hub.office import measures
from fenhe_hub.office.mail_outcomes import note_all
from fenhe_hub.office.noticing import queue_again, send_by_mail
from tests.hub.dying import killed_before, mail_notice
from tests.hub.index_rows import NOW
from tests.hub.measure_house import (
    DECIDER,
    OPERATOR,
    PAPER,
    RECTIFY,
    MeasureOffice,
    measure_office,
)
from tests.hub.sample_records import UNIVERSITY

ADDRESS = "office@example.org"


def letters(house: MeasureOffice) -> list[str]:
    with Outgoing.open(house.hub.home) as outgoing:
        return [each.to_address for each in outgoing.of(UNIVERSITY)]


def states(house: MeasureOffice, number: str) -> list[str]:
    with house.office.casework() as casework:
        found = notice(casework.db, number)
    assert found is not None
    return [each.state for each in found.mailings]


async def test_a_letter_killed_between_act_and_queue_goes_out_once(tmp_path: Path) -> None:
    house = measure_office(tmp_path)
    number = measures.decide(
        house.office, DECIDER, measures.propose(house.office, OPERATOR, RECTIFY), PAPER
    )
    await killed_before("letter", mail_notice, house.hub.home.path, NOW, number, ADDRESS)
    assert (letters(house), states(house, number)) == ([], ["queued"])
    assert (queue_again(house.office), queue_again(house.office)) == (1, 0)
    assert letters(house) == [ADDRESS]
    settle(house)
    assert note_all(house.office) == 1
    assert states(house, number) == ["queued", "accepted"]
    assert queue_again(house.office) == 0
    house.now += 60  # to the same address once more: the first letter is not taken for it
    await killed_before("letter", mail_notice, house.hub.home.path, house.now, number, ADDRESS)
    assert queue_again(house.office) == 1
    assert letters(house) == [ADDRESS, ADDRESS]


def test_a_letter_that_was_never_sent_or_lies_there_is_left_alone(tmp_path: Path) -> None:
    house = measure_office(tmp_path)
    number = measures.decide(
        house.office, DECIDER, measures.propose(house.office, OPERATOR, RECTIFY), PAPER
    )
    assert queue_again(house.office) == 0
    send_by_mail(house.office, OPERATOR, number, ADDRESS)
    assert queue_again(house.office) == 0
    settle(house)
    assert queue_again(house.office) == 0  # settled, and not noted yet
    assert letters(house) == [ADDRESS]


def settle(house: MeasureOffice) -> None:
    """The mail server takes what waits."""
    with Outgoing.open(house.hub.home) as outgoing:
        for each in outgoing.due(house.now):
            outgoing.settle(each.number, SENT, attempts=1, now=house.now, trouble="")
