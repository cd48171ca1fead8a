"""Sealed words are erased in time or by law: from log, index and tables; the proofs hold."""

import threading
from pathlib import Path

import pytest

from fenhe_client.checking.pace import Pace
from fenhe_client.keys import wrapping
from fenhe_hub.casework import complaints
from fenhe_hub.casework.complaint_acts import HANDLERS
from fenhe_hub.cli import main
from fenhe_hub.fed.forgetting import forget, words_at
from fenhe_hub.fed.taking_back import TakenBack, take_back
from fenhe_hub.feedback.subjects import State
from fenhe_hub.ingest.scour import scour
from fenhe_hub.office import complaining
from fenhe_hub.read_only import read_only
from fenhe_hub.self_check.check import check_files
from fenhe_protocol.errors import FenheError
from fenhe_protocol.fed import Place
from tests.hub.complaint_house import (
    NAME,
    OPERATOR,
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


async def test_sealed_words_are_erased_when_their_time_is_over_and_every_proof_holds(
    house: ComplaintHouse,
) -> None:
    number, other = house.complain(), house.complain()
    complaining.answer(house.office, OPERATOR, number, "示例答复")
    complaining.close(house.office, OPERATOR, number, "settled")
    house.say()
    with house.office.casework() as casework:
        (sealed, *_) = complaints.words_of(casework.db, number, HANDLERS)
        (kept,) = complaints.words_of(casework.db, other, HANDLERS)
    here = str(sealed.sealed["sealed"]).encode()
    assert any(here in raw for _, raw in house.bytes_of_home())
    house.now += 1096 * DAY - 3600
    assert forget(house.office) == 0
    house.now += DAY
    assert forget(house.office) == 1
    house.say()
    assert forget(house.office) == 0
    assert house.case(number).forgotten_at is not None
    assert scour(house.hub)
    assert [file for file, raw in house.bytes_of_home() if here in raw] == []
    assert any(str(kept.sealed["sealed"]).encode() in raw for _, raw in house.bytes_of_home())
    house.hub.home.casework.unlink()
    assert house.case(number).state == State.CLOSED
    with house.office.casework() as casework:
        assert complaints.words_of(casework.db, number, HANDLERS) == []
    assert not (await check_files(house.hub, lambda: house.now, PACE)).findings
    with pytest.raises(FenheError, match=r"complaint\.state"):
        complaining.answer(house.office, OPERATOR, number, NAME)


def test_words_that_the_law_wants_gone_go_at_once_from_log_and_tables(
    house: ComplaintHouse,
) -> None:
    number = house.complain()
    house.say()
    with house.office.casework() as casework:
        (words,) = complaints.words_of(casework.db, number, HANDLERS)
    places = {
        Place(house.hub.fed_origin, index): words_at(
            house.hub, [Place(house.hub.fed_origin, index)]
        )
        for index in range(4)
    }
    (place,) = [place for place, acts in places.items() if acts == [words.act]]
    others = [place.text for place, acts in places.items() if acts and acts != [words.act]]
    home = ["--home", str(house.hub.home.path), "erase"]
    assert main([*home, *others, "--reason", "law"]) == 3  # what the case stands on stays
    assert main([*home, place.text, "--reason", "law"]) == 0
    here = str(words.sealed["sealed"]).encode()
    assert [file for file, raw in house.bytes_of_home() if here in raw] == []
    assert house.case(number).forgotten_at is not None
    assert house.case(number).state == State.RECEIVED


def test_an_erasure_that_was_cut_behind_the_log_is_finished(house: ComplaintHouse) -> None:
    number = house.complain()
    complaining.close(house.office, OPERATOR, number, "abuse")
    house.say()
    house.now += 1100 * DAY
    with house.office.casework() as casework:
        (words,) = complaints.words_of(casework.db, number, HANDLERS)
    with read_only(house.hub.home.index) as index:
        (at,) = index.execute("SELECT idx FROM said WHERE id = ?", [words.act]).fetchone()
    place = Place(house.hub.fed_origin, at)
    assert isinstance(take_back(house.hub, [place], "retention", house.now), TakenBack)
    assert house.case(number).forgotten_at is None
    assert forget(house.office) == 1
    assert house.case(number).forgotten_at is not None


def test_what_is_erased_is_not_said_again_after_a_publish_that_was_cut(
    house: ComplaintHouse,
) -> None:
    house.complain()
    kept = house.hub.home.waiting.read_bytes()
    house.say()
    house.hub.home.waiting.write_bytes(kept)  # as if it was killed before it let go of them
    with read_only(house.hub.home.index) as index:
        ((act, at),) = index.execute("SELECT id, idx FROM said WHERE id LIKE 'C-%/%'").fetchall()
    place = Place(house.hub.fed_origin, at)
    assert isinstance(take_back(house.hub, [place], "law", house.now + 60), TakenBack)
    house.now += 60
    house.say()
    with read_only(house.hub.home.index) as index:
        assert index.execute("SELECT idx FROM said WHERE id = ?", [act]).fetchall() == []
