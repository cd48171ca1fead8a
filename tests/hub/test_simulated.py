"""A province with planted breaches: a check finds just those, and does again only what moved."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.index.said import put_heads, put_quarantine
from fenhe_hub.index.services import mark_told, mark_untold, put_services, service_row
from fenhe_hub.index.tables import log_number, open_index
from fenhe_hub.judging.recheck import NOTHING_LAID
from fenhe_hub.rules.overlaid import Correction, Exemption, Subject
from fenhe_hub.rules.overlay import Overlays
from fenhe_hub.rules.usage_facts import Complaint
from tests.hub.simulated import (
    NOW,
    Province,
    Scale,
    build,
    check,
    found,
    rules_with_days,
    say_again,
)
from tests.hub.simulated_unit import TODAY, uscc

DAY = 86_400


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Built once; every test checks a copy of it."""
    file = tmp_path_factory.mktemp("simulated") / "index.sqlite"
    with closing(open_index(file)) as db:
        yield build(db, Scale(units=26, instruments=2, services=4))


@pytest.fixture
def province(template: Province, tmp_path: Path) -> Iterator[Province]:
    with closing(open_index(tmp_path / "index.sqlite")) as db:
        template.db.backup(db)
        yield replace(template, db=db, said=dict(template.said), sizes=dict(template.sizes))


def whole(province: Province) -> list[tuple[object, ...]]:
    return province.db.execute("SELECT * FROM finding ORDER BY 1, 2, 3, 4").fetchall()


def afresh(province: Province, overlays: Overlays = NOTHING_LAID) -> list[tuple[object, ...]]:
    """All findings as a check without any memory makes them."""
    for table in ("checked", "finding"):
        province.db.execute(f"DELETE FROM {table}")
    check(province, overlays=overlays)
    return whole(province)


def test_a_check_finds_exactly_what_was_planted(province: Province) -> None:
    checked = check(province)
    assert found(province) == province.expected
    assert (checked.units, checked.judged) == (26, 26)
    assert checked.counts["D3"]["overdue"] == 2
    assert all(f"D{number}" in checked.counts for number in range(1, 13))


def test_after_one_unit_spoke_only_that_unit_is_judged_anew(province: Province) -> None:
    first = check(province)
    assert check(province).judged == 0
    say_again(province, 26, function=None)
    second = check(province)
    assert second.judged == 1
    assert found(province) - province.expected == {
        (26, "D2", "instrument", "A-0000", "overdue"),
    }
    assert second.counts["D2"]["overdue"] == first.counts["D2"]["overdue"] + 1
    assert whole(province) == afresh(province)


def test_findings_turn_on_their_day_and_a_sign_of_life_to_the_second(province: Province) -> None:
    check(province)
    alive_at = NOW - 7200
    province.now = alive_at + DAY
    assert ("D12", "overdue") not in {(f[1], f[4]) for f in found(province) if f[0] == 26}
    assert check(province).judged == 26  # a day has begun
    assert check(province).judged == 0
    province.now += 1
    assert check(province).judged == 26 - 1  # all are silent now; one was before
    assert {f[0] for f in found(province) if f[1:3] == ("D12", "unit")} == set(range(1, 27))
    assert whole(province) == afresh(province)


def test_what_the_office_registers_is_judged_with_its_unit_alone(province: Province) -> None:
    check(province)
    said = province.said[20]
    late = Complaint("C-2026-0009", TODAY.replace(month=9))
    province.said[20] = replace(said, complaints=(*said.complaints, late))
    assert check(province).judged == 1
    assert (20, "D9", "complaint", "C-2026-0009", "overdue") in found(province)


def test_a_quarantine_a_change_of_rules_and_the_end_of_a_unit_are_seen(province: Province) -> None:
    check(province)
    put_quarantine(province.db, log_number(3, "catalogue", 1), True)
    assert check(province).judged == 1
    province.db.execute("UPDATE unit SET state = 'suspended' WHERE unit_no = 4")
    assert check(province).units == 25
    assert not province.db.execute("SELECT * FROM finding WHERE unit_no = 4").fetchall()
    stricter = replace(rules_with_days(), sha256="another")
    assert check(province, stricter).judged == 25


def test_a_receipt_that_fed_tells_of_later_has_all_units_judged_anew(province: Province) -> None:
    check(province)
    body = f'{{"first":"2026-01-05","unit":"{uscc(1)}"}}'
    province.db.execute(
        "INSERT INTO said VALUES ('rcp', 'u1.example/fenhe/catalogue#1', 1, 1, 'pub', ?)", [body]
    )
    assert check(province).judged == 26


def test_an_exemption_is_shown_and_counted_with_the_findings_it_covers(province: Province) -> None:
    granted = Exemption(Subject(uscc(1), "D1"), "示例科技厅", "示例", "示例1号", TODAY)
    told = Overlays(exemptions=(granted,))
    first = check(province)
    for judged in (0, 26):
        checked = check(province, overlays=told)
        assert checked.judged == judged
        assert checked.counts["D1"]["exempt"] == 1
        assert checked.counts["D1"].get("overdue", 0) == first.counts["D1"]["overdue"] - 1
        province.db.execute("DELETE FROM checked")


def test_whatever_happens_in_between_a_check_comes_to_what_a_first_one_would(
    province: Province,
) -> None:
    dice, laid = random.Random(20261123), [Overlays()]
    happenings: list[Callable[[], object]] = [
        lambda: say_again(province, dice.randint(1, 26), function=dice.choice([None, "示例"])),
        lambda: put_quarantine(province.db, log_number(dice.randint(1, 26), "usage", 1), True),
        lambda: put_heads(province.db, log_number(dice.randint(1, 26), "usage", 1), [(9, NOW)]),
        lambda: province.db.execute(
            "UPDATE unit SET state = ? WHERE unit_no = ?",
            (dice.choice(["enrolled", "suspended"]), dice.randint(1, 26)),
        ),
        lambda: province.db.execute("INSERT INTO beat SELECT 1, count(*), ? FROM beat", [NOW]),
        lambda: laid.append(corrected(dice.choice(["", "D1", "D2"]))),
        lambda: laid.append(Overlays()),
    ]
    for _ in range(8):
        for happening in dice.sample(happenings, 3):
            happening()
        province.now += dice.choice([60, 3600, DAY])
        check(province, overlays=laid[-1])
        assert whole(province) == afresh(province, laid[-1])


def corrected(rule: str) -> Overlays:
    """What one rule, or all of them, found is withdrawn, and one unit is exempt until tomorrow."""
    granted = Exemption(Subject(uscc(2)), "示例科技厅", "示例", "示例1号", TODAY, TODAY)
    taken_back = Correction(rules_with_days().sha256, "示例：期限算错", TODAY, "K-2026-0001", rule)
    return Overlays((granted,), (), (taken_back,))


def test_services_that_are_told_after_a_check_are_judged_at_the_next(province: Province) -> None:
    log_no, leaf = log_number(26, "usage", 1), 3
    mark_untold(province.db, log_no, leaf, leaf + 1)  # indexed between telling and judging
    check(province)
    fields = {"id": "S-late", "instrument": "A-0000", "effective_minutes": 999_999}
    times = {"started_at": "2026-10-10T09:00:00+08:00", "ended_at": "2026-10-10T10:00:00+08:00"}
    put_services(province.db, [service_row(26, log_no, leaf, fields | times)])
    mark_told(province.db, log_no, leaf, leaf + 1)
    assert check(province).judged == 1
    assert whole(province) == afresh(province)


def test_a_unit_that_cannot_be_judged_holds_up_no_other(
    province: Province, caplog: pytest.LogCaptureFixture
) -> None:
    check(province)
    before = province.db.execute("SELECT count(*) FROM finding WHERE unit_no = 7").fetchone()
    broken = '{"kind":"instrument","accepted_on":"no day"}'
    province.db.execute("UPDATE resource SET pub = ? WHERE unit_no = 7", [broken])
    province.now += DAY
    with pytest.raises(ValueError, match="no day"):
        check(province)
    assert "unit 7 cannot be judged" in caplog.text
    after = province.db.execute("SELECT count(*) FROM finding WHERE unit_no = 7").fetchone()
    assert after == before
    known = province.db.execute("SELECT key FROM checked WHERE unit_no <> 7").fetchall()
    assert len(set(known)) == 25
    with pytest.raises(ValueError, match="no day"):
        check(province)
    assert known == province.db.execute("SELECT key FROM checked WHERE unit_no <> 7").fetchall()
