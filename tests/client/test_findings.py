"""What is counted again from a finding's file, and what people are told of it."""

from dataclasses import replace

import pytest

from fenhe_client.findings.reckoned import Reckoned, reckon
from fenhe_client.findings.told import members, told
from fenhe_protocol.encoding import parse_time
from fenhe_protocol.finding_proof import examine
from tests.protocol.found import NOW, Story

COUNTED = {"counted_from": "2026-10-09", "counted_days": "30", "counted_kind": "working"}
DUE = "2026-11-19"  # the make-up day of 10 October counts


def story(accepted: str = "2026-10-09", **claim: str) -> Story:
    made = Story()
    made.publish("A-1")
    made.publish("A-9", accepted_on=accepted)
    made.cosign(NOW)
    made.claim |= COUNTED | {"due": DUE} | claim
    return made


def reckoned(made: Story) -> Reckoned:
    return reckon(examine(made.file().encode()))


def test_working_days_are_counted_again_by_the_calendar() -> None:
    found = reckoned(story())
    assert found.recount is not None
    assert (found.recount.due.isoformat(), found.doubts) == (DUE, ())


@pytest.mark.parametrize(
    ("claim", "word"),
    [
        ({"due": "2026-11-18"}, "期限重算为 2026-11-19"),
        ({"made_at": "2026-11-19T09:00:00+08:00"}, "还没有过期限"),
        ({"rule": "D9"}, "没有规则 D9"),
        ({"since": "2026-11-18"}, "自 2026-11-18 起逾期"),
    ],
)
def test_what_contradicts_the_hub_is_told(claim: dict[str, str], word: str) -> None:
    doubts = reckoned(story(**claim)).doubts
    assert [word in doubt.zh for doubt in doubts] == [True]


def test_no_other_clock_is_taken_for_that_of_the_rule_set() -> None:
    shorter = reckoned(story(counted_days="10", due="2026-10-22"))
    assert ["规则集写的是 30 (working)" in each.zh for each in shorter.doubts] == [True]
    looser = reckoned(story(counted_kind="calendar", due="2026-11-08"))
    assert ["省平台数的是 30 (calendar)" in each.zh for each in looser.doubts] == [True]
    earlier = reckoned(story(accepted="2026-11-02"))
    assert ["没有一次是 2026-10-09" in each.zh for each in earlier.doubts] == [True]


def test_a_later_due_date_favours_the_unit_and_contradicts_nothing() -> None:
    seen = examine(story(due="2026-11-25").file().encode())
    assert not reckon(seen).doubts
    assert "对单位更宽" in told(seen, reckon(seen), is_compared=True)


def test_an_outage_over_the_end_of_the_due_day_moves_it() -> None:
    made = story(due="2026-11-20")
    end = parse_time("2026-11-19T23:59:59+08:00")
    made.beats = [end - 3600, end + 7200]
    found = reckoned(made)
    assert found.recount is not None and len(found.recount.moved_by) == 1
    assert (found.recount.due.isoformat(), found.doubts) == ("2026-11-20", ())


def test_calendar_days_and_what_cannot_be_counted() -> None:
    found = reckoned(story(rule="D2", counted_kind="calendar", due="2026-11-08"))
    assert found.recount is not None and not found.doubts
    assert reckoned(story(counted_days="")).recount is None
    assert reckoned(story(counted_from="9999-12-30")).recount is None


def test_rules_that_cannot_be_read_leave_the_rest_standing() -> None:
    made = examine(story().file().encode())
    found = reckon(replace(made, rules="- ["))
    assert not found.rule and len(found.doubts) == 1


def test_absence_after_the_last_head_before_the_due_day_is_said_to_be_open() -> None:
    said = {}
    for day, due in (("before", "2027-01-31"), ("after", "2026-11-19")):
        seen = examine(story(due=due).file().encode())
        said[day] = "还没有过完：" in told(seen, reckon(seen), is_compared=True)
    assert said == {"before": True, "after": False}


def test_a_program_gets_the_same_as_a_person() -> None:
    made = Story()
    made.publish("A-1")
    made.cosign(NOW)
    made.claim |= COUNTED | {"due": DUE}
    seen = examine(made.file().encode())
    said = members(seen, reckon(seen))
    shown = told(seen, reckon(seen), is_compared=False)
    for each in (*said["follows"], *said["does_not_follow"]):
        assert each["zh"] in shown and each["en"] in shown
    assert said["complete"] and not said["sightings"] and "从未有过 instrument/A-9" in shown
