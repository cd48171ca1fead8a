"""Which rows are records and which are empty, totals or notes. Start at `why_skipped`."""

from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.rows import Why, why_no_record
from fenhe_client.sheets.table import Row
from fenhe_node.mapping.model import Mapping


def why_skipped(
    row: Row,
    headers: tuple[Header, ...],
    mapping: Mapping,
    naming: frozenset[int],
) -> Why | None:
    """Say why the row is no record; None if it is one. `naming`: columns of the id and the name."""
    why = why_no_record(row, headers, naming)
    return why or _by_mapping({h.name: row.cell(h.column).text.strip() for h in headers}, mapping)


def _by_mapping(texts: dict[str, str], mapping: Mapping) -> Why | None:
    skipped = [
        f"{name} {texts[name]}"
        for name, words in mapping.skip_where.items()
        if texts.get(name) in words
    ]
    skipped += [name for name, words in mapping.only_where.items() if texts.get(name) not in words]
    if skipped:
        return Why(f"按映射跳过: {skipped[0]}", f"skipped by the mapping: {skipped[0]}")
    for name in mapping.wait_for:
        if mapping.says_nothing(name, texts.get(name, "")):
            return Why(f"尚未结束, 等“{name}”填上再收", f"held back until {name} is filled")
    return None
