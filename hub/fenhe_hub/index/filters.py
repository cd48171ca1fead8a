"""What hits are narrowed to: the filters of a search, and the conditions they make. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must have; None asks nothing. `class_code` may be its first 2 or 4 digits."""

    kinds: tuple[str, ...] = ()
    unit_no: int | None = None
    city: str | None = None
    class_code: str | None = None
    value_band: str | None = None
    status: str | None = None


_COLUMNS = {"kinds": "kind"}


def conditions(
    filters: Filters, columns: Collection[str] | None = None
) -> tuple[str, list[object]]:
    """A condition over these columns, or over all, with its values."""
    terms, values = ["1"], list[object]()
    for field in fields(Filters):
        column = _COLUMNS.get(field.name, field.name)
        value = getattr(filters, field.name)
        if value is None or value == () or (columns is not None and column not in columns):
            continue
        if field.name == "kinds":
            terms.append(f"+kind IN ({','.join('?' * len(value))})")
            values.extend(value)
        elif field.name == "class_code":
            terms.append("class_code >= ? AND class_code < ?")
            values.extend((value, f"{value}~"))
        else:
            terms.append(f"{column} = ?")
            values.append(value)
    return " AND ".join(terms), values
