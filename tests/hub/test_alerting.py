"""One alarm a cause, one letter where there is news, and an alarm where letters do not arrive."""

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.alerting.causes import PATIENCE_SECONDS, Trouble, alarms
from fenhe_hub.alerting.daily import digest_is_due, send_digest
from fenhe_hub.alerting.delivery import LONGEST_WAIT_SECONDS, undelivered
from fenhe_hub.alerting.digest import Late, State, compose
from fenhe_hub.hub import Hub
from fenhe_hub.index.findings import replace_findings
from fenhe_hub.index.tables import open_index
from fenhe_hub.mailing.outgoing import Letter, Outgoing, post
from fenhe_hub.mailing.settings import MailSettings
from fenhe_hub.rules import finding
from tests.hub.fake_node import START as NOW
from tests.hub.houses import new_hub, served
from tests.hub.provinces import Province, founded

OLD = NOW - PATIENCE_SECONDS - 1
DAY = 86_400


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        yield province


def down(number: int, host: str = "host.example.org") -> Trouble:
    unit = f"u{number:02}"
    url, log = f"https://{host}/{unit}", f"{unit}.example/catalogue"
    return Trouble(unit, f"示例单位{number}", url, log, Outcome.DEFER, "fetch.connect", OLD)


def mailing(hub: Hub) -> Hub:
    mail = MailSettings(
        host="127.0.0.1",
        port=9,
        security="none",
        sender="hub@example.org",
        operators=("office@example.org",),
    )
    return replace(hub, config=replace(hub.config, mail=mail))


def test_a_host_that_is_down_with_forty_units_is_one_alarm() -> None:
    (alarm,) = alarms(map(down, range(40)), NOW)
    assert (alarm.place, len(alarm.units), alarm.since) == ("host.example.org", 40, OLD)
    assert len(alarms([down(1), down(2, "other.example.org")], NOW)) == 2


def test_a_fork_is_an_alarm_at_once_and_a_short_silence_is_none() -> None:
    fork = replace(down(1), outcome=Outcome.QUARANTINE, code="log.forked", seen_at=NOW)
    (alarm,) = alarms([fork, replace(down(2), seen_at=NOW)], NOW)
    assert alarm.place == fork.log


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab"), st.sampled_from("xy"))))
def test_every_trouble_is_in_just_one_alarm(told: list[tuple[int, str, str]]) -> None:
    found = [replace(down(n, host), code=code) for n, host, code in told]
    made = alarms(found, NOW)
    assert len({alarm.key for alarm in made}) == len(made)
    suffering = {(a.code, a.place, unit) for a in made for unit, _ in a.units}
    assert suffering == {(each.code, each.host, each.unit) for each in found}


def test_the_letter_says_who_is_late_why_and_since_when_and_goes_out_only_with_news() -> None:
    late = Late("u01", "示例大学", (("D1", "新购新建及时报送", 3, "2026-11-20"),), "2026-11-01 N-1")
    state = State(alarms(map(down, range(40)), NOW), [late])
    letter = compose(state, "", origin="hub.example", url="https://hub.example", now=NOW)
    assert letter is not None and letter.subject.endswith("1 处故障，1 个单位逾期")
    for said in (
        "示例大学",
        "D1 新购新建及时报送：3 项",
        "2026-11-20",
        "2026-11-01 N-1",
        "等 40 个单位",
    ):
        assert said in letter.body
    assert not compose(state, state.said(), origin="o", url="u", now=NOW + DAY)
    gone = compose(State(), state.said(), origin="o", url="u", now=NOW)
    assert gone is not None and "消除 2 项" in gone.body


def test_the_digest_is_due_once_a_day_from_its_hour_on() -> None:
    assert digest_is_due(0, 8, NOW) and not digest_is_due(0, 9, NOW)  # 08:01 at UTC+8
    assert not digest_is_due(NOW, 8, NOW + 3600) and digest_is_due(NOW, 8, NOW + DAY)


async def test_late_units_are_told_to_the_operators_once(province: Province) -> None:
    await province.sync()
    hub = mailing(province.hub)
    with closing(open_index(hub.home.index)) as db:
        overdue = finding.Finding(
            "D1", finding.State.OVERDUE, "instrument", "A-1", since=date(2026, 11, 20)
        )
        replace_findings(db, [(1, overdue)])
    letter = send_digest(hub, province.now)
    assert letter is not None and province.nodes[0].uscc in letter.body
    assert send_digest(hub, province.now + DAY) is None
    with Outgoing.open(hub.home) as outgoing:
        assert [each.to_address for each in outgoing.of("digest")] == ["office@example.org"]


async def test_letters_that_do_not_arrive_are_told_where_no_letter_is_needed(
    tmp_path: Path,
) -> None:
    hub = mailing(new_hub(tmp_path / "hub"))
    assert not undelivered(hub.home, hub.config.mail, NOW)
    assert undelivered(hub.home, MailSettings(operators=("a@example.org",)), NOW)
    post(hub.home, Letter("office@example.org", "x", "y"), NOW)
    open_index(hub.home.index).close()
    later = NOW + LONGEST_WAIT_SECONDS + 1
    assert not undelivered(hub.home, hub.config.mail, later - 1)
    async with served(hub, later) as visitor:
        health = await visitor.get("healthz")
        assert health.status == 503 and "发不出去" in (await health.json())["mail"]
        metrics = await (await visitor.get("metrics")).text()
    assert "fenhe_hub_alarms_undelivered 1.0" in metrics
    assert 'fenhe_hub_letters{state="waiting"} 1.0' in metrics
