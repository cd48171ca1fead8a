"""One id in two sheets of one workbook: the same record once, or a fault of both. Pure.

Start at `settle_across`. Nobody can say which of two sheets is right; so where they differ both are
refused, each at its cell, and where they say the same the later row is skipped with that reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fenhe_client.sheets.problems import Problem
from fenhe_node.fates import Fate, RowFate
from fenhe_node.staging.drafts import Draft
from fenhe_node.staging.stage import Staging, by_row

Bilingual = tuple[str, str]


@dataclass
class _Sheet:
    """A staging, and what is left out of it."""

    staging: Staging
    gone: set[str] = field(default_factory=set)
    fates: dict[int, RowFate] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def leave_out(self, draft: Draft, where: Bilingual, *, same: bool) -> None:
        self.gone.add(draft.id)
        for reading in draft.readings:
            self.fates[reading.row.number] = _fate(reading.row.number, draft.id, same, where)
        if not same:
            self.problems.append(_doubled(draft, where))

    def settled(self) -> Staging:
        if not self.gone:
            return self.staging
        return _changed(self.staging, self.gone, self.fates, self.problems)


def settle_across(stagings: Sequence[Staging]) -> list[Staging]:
    """The stagings of the sheets of one file, so that each id stands in one of them."""
    sheets = [_Sheet(staging) for staging in stagings]
    found: dict[tuple[str, str], list[tuple[_Sheet, Draft]]] = {}
    for sheet in sheets:
        for draft in sheet.staging.kept:
            found.setdefault((draft.kind, draft.id), []).append((sheet, draft))
    for places in found.values():
        _settle(places)
    return [sheet.settled() for sheet in sheets]


def _settle(places: Sequence[tuple[_Sheet, Draft]]) -> None:
    first, second = places[0], places[min(1, len(places) - 1)]
    same = all(draft.record == first[1].record for _, draft in places)
    for place in places[1:] if same else places:
        other = second if place is first else first
        place[0].leave_out(place[1], _where(other[0].staging, other[1]), same=same)


def _where(staging: Staging, draft: Draft) -> Bilingual:
    row = draft.readings[0].row.number
    return f"“{staging.sheet}”第 {row} 行", f"row {row} of {staging.sheet}"


def _fate(row: int, id: str, same: bool, where: Bilingual) -> RowFate:
    if not same:
        return RowFate(row, Fate.REFUSED, id)
    return RowFate(row, Fate.SKIPPED, id, f"与{where[0]}相同", f"the same as {where[1]}")


def _doubled(draft: Draft, where: Bilingual) -> Problem:
    return Problem(
        "id.doubled",
        f"同一编号在{where[0]}, 内容不同: 改编号, 或只读其中一张表",
        f"{where[1]} has the same id and says something else: mend one, or read one of the sheets",
        found=draft.id,
        field="id",
        place=draft.place("id"),
        kind=draft.kind,
        record_id=draft.id,
    )


def _changed(
    staging: Staging, gone: set[str], fates: dict[int, RowFate], problems: list[Problem]
) -> Staging:
    return replace(
        staging,
        rows=tuple(
            replace(fates[row.row], cells=row.cells, key=row.key) if row.row in fates else row
            for row in staging.rows
        ),
        kept=tuple(draft for draft in staging.kept if draft.id not in gone),
        problems=by_row((*staging.problems, *problems)),
    )
