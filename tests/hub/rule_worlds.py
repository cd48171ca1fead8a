"""Units as a rule may meet them, and what can happen to one: hypothesis strategies.

@given(worlds())                     # facts of one unit, whatever they are
disclosed_more(unit, draw)           # the same unit after it has said more, today
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from fenhe_hub.rules.facts import (
    LogFacts,
    Moment,
    Outage,
    Probe,
    Refusal,
    ResourceFacts,
    Review,
    Submission,
    UnitFacts,
)
from fenhe_hub.rules.usage_facts import Complaint, Doubt, Evaluation, InstrumentUse, Report, Use

USCC = "12140000000000019W"
LOG = "u1.example/fenhe/catalogue"
TODAY = date(2026, 11, 23)
NOW = 1_795_392_065
MOMENT = Moment(NOW, TODAY)
HOUR = 3600

COMPLETE: Mapping[str, Any] = {
    "name_zh": "示例仪器",
    "model": "EX-400",
    "technical_specification": "400 MHz",
    "function": "测定结构",
    "class_code": "010601",
    "service_content": "氢谱",
    "user_notice": "提前预约",
    "fee_text": "300元/小时",
    "type": "other",
    "research_fields": ["化学"],
    "description": "示例",
    "access_url": "https://u1.example/a",
    "opening_plan": "验收后向社会开放",
    "credited": True,
    "share_mode": "external",
}
REGIMES = {f"regime_{name}": {"title": "办法"} for name in ("opening", "operation", "maintenance")}
REGIMES["regime_use"] = {"title": "办法"}
DOUBTS = ("unnamed", "unpriced", "overlap", "future")
KINDS = ("instrument", "instrument", "installation", "base", "purchase_plan", "outcome", "centre")


def duty(value: int = 350_000) -> dict[str, Any]:
    """What makes of an instrument a duty."""
    return {"value_yuan": value, "estimated_yuan": value, "funds": ["local"]}


VOLUNTARY = {"value_yuan": 350_000, "estimated_yuan": 350_000, "funds": ["own"]}
ANY: tuple[dict[str, Any], ...] = (
    duty(),
    duty(199_999),
    duty(2_000_000),
    VOLUNTARY,
    {},
    {"funds": ["local"]},
)
"""What the hub's tier of a record may say of its money."""


def worlds(money: Sequence[Mapping[str, Any]] = ANY) -> st.SearchStrategy[UnitFacts]:
    """One unit with everything its rules look at, in whatever state, made of a number."""
    return st.integers(0, 2**48).map(lambda seed: _World(seed, money).unit())


class _World:
    """Throws the dice; much faster than a strategy of its own for each of them."""

    def __init__(self, seed: int, money: Sequence[Mapping[str, Any]]) -> None:
        self._dice, self._money = Random(seed), money

    def unit(self) -> UnitFacts:
        made = tuple(self._resource(number) for number in range(self._dice.randint(0, 4)))
        ids = [each.id for each in made]
        regimes = {name: REGIMES[name] for name in self._some(sorted(REGIMES))}
        record = ResourceFacts("unit", USCC, LOG, regimes, {})
        return UnitFacts(
            uscc=USCC,
            name="示例大学",
            enrolled_on=self._day(),
            rhythm_hours=self._dice.choice((24, 168)),
            unit_record=self._dice.choice((None, record, record)),
            resources=made,
            summarised=frozenset(self._some(ids)),
            refusals=tuple(Refusal(LOG, 7, "pub", "privacy", d) for d in self._days(1)),
            logs=self._logs(),
            reviews=tuple(Review("1", id_, self._day(), self._coin()) for id_ in self._some(ids)),
            probes=tuple(self._probe(id_) for id_ in self._some(ids)),
            declared={b: self._dice.randint(0, 3) for b in self._some(["from_20", "from_50"])},
            usage={id_: self._use() for id_ in self._some(ids)},
            evaluations=tuple(Evaluation(2025, self._result(), d) for d in self._days(1)),
            complaints=tuple(self._complaint(day) for day in self._days(1)),
        )

    def _coin(self) -> bool:
        return self._dice.random() < 0.5

    def _some(self, of: Sequence[str]) -> list[str]:
        return [each for each in of if self._coin()]

    def _day(self) -> date:
        return TODAY - timedelta(days=self._dice.randint(0, self._dice.choice((5, 60, 900))))

    def _days(self, most: int) -> list[date]:
        return sorted(self._day() for _ in range(self._dice.randint(0, most)))

    def _result(self) -> str:
        return self._dice.choice(("good", "poor"))

    def _resource(self, number: int) -> ResourceFacts:
        """One record, and what was said of it; what came last may not be delivered."""
        public = {name: COMPLETE[name] for name in self._some(sorted(COMPLETE))}
        if self._coin():
            public["accepted_on"] = self._day().isoformat()
        if self._coin():
            public["general_or_special"] = self._dice.choice(("general", "special"))
        days: list[date | None] = [*self._days(3)]
        days += [None] * self._dice.randint(0 if days else 1, 1)
        leaves = tuple(
            Submission(index, public if index == len(days) - 1 else {"name_zh": "示例"}, day)
            for index, day in enumerate(days)
        )
        kind, money = self._dice.choice(KINDS), self._dice.choice(self._money)
        return ResourceFacts(kind, f"R-{number}", LOG, public, money, leaves)

    def _logs(self) -> tuple[LogFacts, ...]:
        if self._coin():
            return ()
        alive_at = self._dice.choice((None, NOW - self._dice.randint(0, 400) * HOUR))
        return (LogFacts(LOG, 3, alive_at, 3, self._dice.randint(0, 2), self._coin()),)

    def _probe(self, id_: str) -> Probe:
        url = "https://u1.example/book"
        since = self._dice.choice((None, self._day()))
        return Probe("instrument", id_, "booking_url", url, since)

    def _complaint(self, handed: date) -> Complaint:
        return Complaint("C-2026-0001", handed, self._dice.choice((None, self._day())))

    def _use(self) -> InstrumentUse:
        day, quarter = self._day(), self._dice.randint(2026 * 4, 2026 * 4 + 2)
        told = {"effective_minutes": self._dice.choice((120, 6_000, 600_000))}
        period = f"{quarter // 4}-Q{quarter % 4 + 1}"
        report = Report("S-1", period, LOG, 3, day, day, told)
        use = Use(quarter, 2, 120, 60, 1000, LOG, 4, day, day)
        doubts = [Doubt(what, 1, LOG, 5, day) for what in self._some(DOUBTS)]
        return InstrumentUse((report,), (use,) if self._coin() else (), tuple(doubts))


def disclosed_more(unit: UnitFacts, which: set[str]) -> UnitFacts:
    """The unit after it has said more, today: nothing of what it said before is taken back."""
    if "record" in which:
        record = ResourceFacts("unit", USCC, LOG, REGIMES, {}, (Submission(8, REGIMES, TODAY),))
        unit = replace(unit, unit_record=record)
    if "fields" in which:
        unit = replace(unit, resources=tuple(map(_completed, unit.resources)))
    if "usage" in which:
        unit = _reported(unit)
    if "another" in which and unit.resources:
        again = replace(unit.resources[0], id="R-again")
        unit = replace(unit, resources=(*unit.resources, again))
    if "life" in which:
        logs = tuple(replace(log, alive_at=NOW, gaps=0) for log in unit.logs)
        unit = replace(unit, logs=logs or (LogFacts(LOG, 1, NOW, 1, 0, False),))
    if "answers" in which:
        probes = tuple(replace(each, failing_since=None) for each in unit.probes)
        answered = tuple(
            replace(each, answered_on=each.answered_on or TODAY) for each in unit.complaints
        )
        unit = replace(unit, probes=probes, complaints=answered)
    return unit


MORE = ("record", "fields", "usage", "another", "life", "answers")


def _completed(resource: ResourceFacts) -> ResourceFacts:
    public = {**COMPLETE, **resource.public}
    index = len(resource.submissions)
    # A later receipt covers all that stands before it.
    before = tuple(replace(s, delivered_on=s.delivered_on or TODAY) for s in resource.submissions)
    leaves = (*before, Submission(index, public, TODAY))
    return replace(resource, public=public, submissions=leaves)


def _reported(unit: UnitFacts) -> UnitFacts:
    """A summary of every quarter of two years for every record, each cell withheld."""
    summarised = unit.summarised | {each.id for each in unit.resources}
    periods = [f"{year}-Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)]
    usage = dict(unit.usage)
    for resource in unit.resources:
        use = usage.get(resource.id, InstrumentUse())
        known = {report.period for report in use.reports}
        more = tuple(
            Report(f"S-{period}", period, LOG, 9, TODAY, TODAY, {})
            for period in periods
            if period not in known
        )
        usage[resource.id] = replace(use, reports=(*use.reports, *more))
    return replace(unit, summarised=summarised, usage=usage)


outages = st.lists(
    st.builds(
        lambda ago, hours: Outage(NOW - ago * HOUR, NOW - ago * HOUR + hours * HOUR),
        st.integers(100, 5_000),
        st.integers(3, 90),
    ),
    max_size=2,
).map(tuple)


def later(moment: Moment, days: int) -> Moment:
    """So many days later, with the same outages."""
    on = moment.today + timedelta(days=days)
    return replace(moment, now=moment.now + days * 86_400, today=on)
