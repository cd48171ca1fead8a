"""Whom to visit next."""

from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.agenda.planner import HOUR, Agenda, Outcome, Pace, Turn, due_at, root_is_due

PACE = Pace(interval=300, longest=6 * HOUR, for_each_host=2, at_once=4, doubted=1)
NOW = 1_795_392_065


def turn(origin: str, host: str = "", **known: object) -> Turn:
    return Turn(origin, host or origin, **known)  # type: ignore[arg-type]


def test_a_new_log_is_due_at_once() -> None:
    assert due_at(turn("a"), PACE, "seed") <= NOW


def test_a_good_visit_is_followed_after_the_interval_with_jitter() -> None:
    after = due_at(turn("a", visited_at=NOW, outcome=Outcome.UNCHANGED), PACE, "seed") - NOW
    assert 270 <= after <= 330


def test_the_jitter_follows_from_the_seed() -> None:
    visited = turn("a", visited_at=NOW, outcome=Outcome.UNCHANGED)
    assert due_at(visited, PACE, "one") == due_at(visited, PACE, "one")
    assert len({due_at(visited, PACE, seed) for seed in "abcdefgh"}) > 1


@given(st.integers(0, 200))
def test_failures_wait_longer_and_never_for_ever(failures: int) -> None:
    failed = turn("a", visited_at=NOW, outcome=Outcome.REFUSE, failures=failures)
    assert NOW + 270 <= due_at(failed, PACE, "s") <= NOW + PACE.longest * 110 // 100


def test_a_visit_that_ended_at_its_budget_goes_on_at_once() -> None:
    cut = turn("a", visited_at=NOW, outcome=Outcome.DEFER, failures=0, more=True)
    assert due_at(cut, PACE, "s") == NOW


def test_a_node_that_asks_for_patience_gets_it() -> None:
    asked = turn("a", visited_at=NOW, outcome=Outcome.DEFER, failures=1, retry_after=3600)
    assert due_at(asked, PACE, "s") >= NOW + 3600


def test_whether_a_quarantine_has_ended_is_asked_in_the_plain_rhythm() -> None:
    known = turn("a", visited_at=NOW, outcome=Outcome.QUARANTINE, failures=9)
    assert NOW < due_at(known, PACE, "s") <= NOW + 2 * PACE.interval


def test_one_host_gets_no_more_than_its_share() -> None:
    agenda = Agenda([*(turn(f"crowd{n}", "one") for n in range(50)), turn("b")], PACE, "s")
    taken = agenda.take(NOW)
    assert sum(each.host == "one" for each in taken) == 2
    assert "b" in {each.origin for each in taken}


def test_a_parked_log_follows_when_its_host_is_free() -> None:
    agenda = Agenda([turn(f"crowd{n}", "one") for n in range(5)], PACE, "s")
    seen: list[str] = []
    while taken := agenda.take(NOW):
        assert len(taken) <= 2
        for each in taken:
            seen.append(each.origin)
            agenda.put(turn(each.origin, "one", visited_at=NOW, outcome=Outcome.UNCHANGED))
    assert sorted(seen) == [f"crowd{n}" for n in range(5)]


def test_no_log_is_visited_twice_at_once() -> None:
    agenda = Agenda([turn("a")], PACE, "s")
    assert [each.origin for each in agenda.take(NOW)] == ["a"]
    agenda.hint("a", NOW)
    assert agenda.take(NOW) == []


def test_a_hint_brings_a_log_forward() -> None:
    agenda = Agenda([turn("a", visited_at=NOW, outcome=Outcome.UNCHANGED)], PACE, "s")
    assert agenda.take(NOW + 1) == []
    agenda.hint("a", NOW + 1)
    assert [each.origin for each in agenda.take(NOW + 1)] == ["a"]


def test_a_dropped_log_is_not_visited() -> None:
    agenda = Agenda([turn("a"), turn("b")], PACE, "s")
    agenda.drop("a")
    assert [each.origin for each in agenda.take(NOW)] == ["b"]
    assert len(agenda) == 1


STEPS = st.tuples(st.sampled_from("abcdef"), st.sampled_from(["take", "put", "fail", "hint"]))


@given(st.lists(STEPS))
def test_limits_hold_whatever_happens(steps: list[tuple[str, str]]) -> None:
    agenda = Agenda([turn(name, "one" if name < "d" else "two") for name in "abcdef"], PACE, "s")
    busy: dict[str, Turn] = {}
    for clock, (name, step) in enumerate(steps, NOW):
        if step == "hint":
            agenda.hint(name, clock)
        elif step in ("put", "fail") and name in busy:
            ended = turn(name, busy.pop(name).host, failures=int(step == "fail"))
            agenda.put(ended, at=clock)
        elif step == "take":
            for each in agenda.take(clock):
                assert each.origin not in busy
                busy[each.origin] = each
        hosts = [each.host for each in busy.values()]
        doubted = [each.host for each in busy.values() if each.is_doubted]
        assert len(hosts) - len(doubted) <= PACE.at_once
        assert len(doubted) <= PACE.doubted
        assert all(hosts.count(host) <= 2 and doubted.count(host) <= 1 for host in hosts)
    assert _visited_in_the_end(agenda, busy) == set("abcdef")


def _visited_in_the_end(agenda: Agenda, busy: dict[str, Turn]) -> set[str]:
    """Who is under way or comes to it, when every visit ends."""
    seen = set(busy)
    for _ in "abcdef":
        for origin in list(busy):
            agenda.put(busy.pop(origin), at=NOW + HOUR)
        busy |= {each.origin: each for each in agenda.take(NOW + HOUR - 1)}
        seen |= busy.keys()
    return seen


def test_root_documents_are_looked_for_daily_or_when_nobody_signed() -> None:
    assert root_is_due(NOW - 24 * HOUR, NOW, unsigned=False)
    assert not root_is_due(NOW - HOUR, NOW, unsigned=False)
    assert root_is_due(NOW - HOUR, NOW, unsigned=True)
    assert not root_is_due(NOW - 599, NOW, unsigned=True)
    assert root_is_due(NOW + HOUR, NOW, unsigned=False)  # the clock was set back


def test_a_clock_set_back_makes_nobody_wait_for_it() -> None:
    later = turn("a", visited_at=NOW + 10**6, outcome=Outcome.UNCHANGED)
    agenda = Agenda([later], PACE, "s")
    assert agenda.take(NOW) == []
    agenda.rewind(NOW)
    assert [each.origin for each in agenda.take(NOW)] == ["a"]
