"""Values that can be right and seldom are: taken as written, and said with their cell. Pure.

A price list in yuan into which ten thousands were written, or the other way round, breaks no rule
of the contract; only its size tells.
"""

from collections.abc import Iterator, Sequence

from fenhe_client.sheets.problems import Problem
from fenhe_node.staging.drafts import Draft

_LEAST_YUAN, _MOST_YUAN = 1_000, 500_000_000
_VALUE = "value_yuan"


def doubts(draft: Draft) -> Iterator[Problem]:
    """What a person should look at once; nothing is refused for it."""
    value = draft.record.get(_VALUE)
    if draft.kind != "instrument" or not isinstance(value, int):
        return
    if 0 < value < _LEAST_YUAN or value > _MOST_YUAN:
        meant = "万元写到了元的列里" if value < _LEAST_YUAN else "元写到了万元的列里"
        yield Problem(
            "value.unlikely",
            f"按表头的单位是 {value:,} 元, 是不是{meant}? 已照表头收下, 请核对",
            f"{value:,} yuan by the header's unit: yuan and ten thousands mixed up? taken as it is",
            found=_written(draft),
            field=_VALUE,
            place=draft.place(_VALUE),
            kind=draft.kind,
            record_id=draft.id,
            blocking=False,
        )


def ids_alike(drafts: Sequence[Draft]) -> Iterator[Problem]:
    """Ids that differ in nothing but capitals: two records, as written, or one typed twice."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        other = first.setdefault(draft.id.casefold(), draft)
        if other.id != draft.id:
            row = other.readings[0].row.number
            yield Problem(
                "id.alike",
                f"与第 {row} 行的编号只有大小写不同: 是不是同一个? 已按两个收下, 请核对",
                f"differs from the id of row {row} only in capitals: the same? taken as two",
                found=draft.id,
                field="id",
                place=draft.place("id"),
                kind=draft.kind,
                record_id=draft.id,
                blocking=False,
            )


def _written(draft: Draft) -> str:
    """The cell as it stands."""
    reading = draft.readings[0]
    header = reading.headers.get(_VALUE)
    return reading.row.cell(header.column).text.strip() if header else ""
