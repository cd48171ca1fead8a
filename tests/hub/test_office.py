"""The office's acts: durable before they are told, said in the hub's log, the tables from them."""

from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.casework import accounts, journal
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.config import ReaderSettings
from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import PERMISSIONS, Permission, Role
from fenhe_hub.office.staff import THE_HUB, Staff
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import RequestError
from fenhe_protocol.fed import Act
from fenhe_protocol.keys import SigningKey
from tests.hub.fake_node import START
from tests.hub.houses import new_hub, served

OPERATOR = Staff("operator1", Role.OPERATOR)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return new_hub(tmp_path / "hub")


def make_account(hub: Hub, name: str = "示例", role: str = "viewer") -> Act:
    office = Office(hub, lambda: START)
    with office.turn() as casework:
        return office.do(casework, THE_HUB, Permission.MANAGE, "account.made", name, {"role": role})


def say(hub: Hub, now: int = START) -> dict[str, int]:
    with FedRound(hub) as fed:
        return fed.publish(now).words


def test_an_act_waits_until_it_is_said_and_is_said_once(hub: Hub) -> None:
    make_account(hub)
    make_account(hub, "示例二")
    with Waiting.open(hub.home) as waiting:
        assert waiting.count() == 2
    assert say(hub)["act"] == 2
    with Waiting.open(hub.home) as waiting:
        assert waiting.count() == 0
    assert "act" not in say(hub, START + 20)


def test_the_tables_are_the_same_when_they_are_made_again(hub: Hub) -> None:
    told = [make_account(hub), make_account(hub, "示例二", "auditor")]
    say(hub)
    told.append(make_account(hub, role="operator"))  # waits
    with open_casework(hub.home) as casework:
        before = [accounts.accounts(casework.db), list(journal.acts(casework.db))]
    hub.home.casework.unlink()
    with open_casework(hub.home) as casework:
        assert [accounts.accounts(casework.db), list(journal.acts(casework.db))] == before
    assert before[1] == told[::-1]


def test_an_act_that_was_kept_and_not_folded_is_found(hub: Hub) -> None:
    act = Act("20261123T101530-00000000", START, "hub", "account.made", "示例", {"role": "viewer"})
    with Waiting.open(hub.home) as waiting:
        waiting.add([act])
    with open_casework(hub.home) as casework:
        assert accounts.account(casework.db, "示例") is not None


def test_what_could_not_be_said_in_one_line_is_not_done_and_keeps_nothing_else_back(
    hub: Hub,
) -> None:
    office = Office(hub, lambda: START)
    with office.turn() as casework:
        for length in (262_100, 4_000_000):
            with pytest.raises(RequestError, match=r"office\.long"):
                office.do(casework, OPERATOR, Permission.SEE, "a.b", "x", {"reason": "a" * length})
        assert list(journal.acts(casework.db)) == []
        office.do(casework, OPERATOR, Permission.SEE, "a.b", "x", {"reason": "a" * 261_800})
    assert say(hub)["act"] == 1


def test_what_the_tables_cannot_take_is_not_done(hub: Hub) -> None:
    office = Office(hub, lambda: START)
    with office.turn() as casework, pytest.raises(AttributeError):
        told = {"kind": "reminder", "item": "no object"}
        office.do(casework, THE_HUB, Permission.SEE, "measure.proposed", "x", told)
    make_account(hub)  # nobody is kept from acting by it
    with open_casework(hub.home) as casework:
        assert [act.name for act in journal.acts(casework.db)] == ["account.made"]


def test_what_does_not_fit_the_role_or_the_scope_is_refused_and_leaves_no_trace(hub: Hub) -> None:
    office = Office(hub, lambda: START)
    here = Staff("decider1", Role.DECIDER, frozenset({"A"}))
    with office.turn() as casework:
        with pytest.raises(RequestError, match=r"office\.permission"):
            office.do(casework, OPERATOR, Permission.DECIDE, "exemption.granted", unit="A")
        with pytest.raises(RequestError, match=r"office\.scope"):
            office.do(casework, here, Permission.DECIDE, "exemption.granted", unit="B")
        assert list(journal.acts(casework.db)) == []
        act = office.do(casework, here, Permission.DECIDE, "exemption.granted", unit="A")
        assert list(journal.acts(casework.db, unit="A")) == [act]


def test_nobody_both_proposes_and_decides_or_makes_accounts_and_decides() -> None:
    for role, permissions in PERMISSIONS.items():
        assert not permissions >= {Permission.PROPOSE, Permission.DECIDE}, role
        assert not permissions >= {Permission.MANAGE, Permission.DECIDE}, role
    assert PERMISSIONS[Role.AUDITOR] == {Permission.SEE, Permission.AUDIT}


async def test_the_body_of_an_act_is_given_to_nobody(hub: Hub) -> None:
    auditor = SigningKey.from_seed(b"r" * 32)
    readers = (ReaderSettings("auditor", b64_encode(auditor.public)),)
    hub = replace(hub, config=replace(hub.config, readers=readers))
    make_account(hub)
    say(hub)
    assert hub.fed_files().read("body/to/000") is not None
    async with served(hub) as visitor:
        assert (await visitor.get("fed/body/to/000")).status == 401
        assert (await visitor.get("fed/body/to/000", auditor)).status == 404


def test_an_index_that_is_being_made_keeps_nobody_from_acting(hub: Hub) -> None:
    hub.home.index.touch()  # as another process has it before its tables are there
    make_account(hub)
    with open_casework(hub.home) as casework:
        assert accounts.account(casework.db, "示例") is not None
