"""What stands in a record, in words: every value by its field's labels, units and types. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_hub.api.labels import Pair, code_label
from fenhe_protocol.schema import Field, SchemaSet

YES, NO = Pair("是", "yes"), Pair("否", "no")
_FEN = 100
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """One value: its words, an address if it is one, and whether it needs room of its own."""

    label: Pair
    text: str
    english: str = ""
    href: str = ""
    long: bool = False


_LONG = 60
_PROSE = 1000  # a field that may be this long holds prose, and stands in full width


def shown_fields(kind: str, body: Mapping[str, Any], names: frozenset[str]) -> list[Shown]:
    """The public fields of a body that are in `names`, in the order of the schema."""
    fields = SchemaSet.load().kind(kind).of_tier("pub")
    chosen = [field for field in fields if field.name in names and field.name in body]
    return [each for field in chosen for each in _shown(field, body[field.name])]


def field_names(kind: str) -> tuple[str, ...]:
    """The public fields of a kind, in the order of the schema."""
    return tuple(field.name for field in SchemaSet.load().kind(kind).of_tier("pub"))


def _shown(field: Field, value: Any) -> Iterator[Shown]:
    label = Pair(field.title_zh, field.title_en)
    if field.type == "object" and field.name == "location":
        # The members come sorted by name; an address is read from the province down.
        parts = (value.get(member.name, "") for member in field.members)
        yield Shown(label, "".join(map(str, parts)))
    elif field.type == "object" and isinstance(value, Mapping):
        yield from _members(field, value)
    elif field.type == "list":
        texts = [plain(field.item, each) for each in value] if field.item else list(value)
        yield Shown(label, "、".join(text.zh for text in texts), long=len(texts) > 3)
    else:
        yield _single(label, plain(field, value), prose=(field.max_length or 0) >= _PROSE)


def _single(label: Pair, text: Pair, *, prose: bool = False) -> Shown:
    href = text.zh if text.zh.startswith(("http://", "https://")) else ""
    return Shown(label, text.zh, text.en, href, prose or len(text.zh) > _LONG)


def _members(field: Field, value: Mapping[str, Any]) -> Iterator[Shown]:
    """An object's members, each under the object's own title; a title with an address is one."""
    label = Pair(field.title_zh, field.title_en)
    if "title" in value:
        since = value.get("in_force_from")
        text = f"{value['title']}（{since} 起施行）" if since else str(value["title"])
        yield Shown(label, text, href=str(value.get("url", "")))
        return
    for member in field.members:
        if member.name in value:
            inner = Pair(f"{field.title_zh}·{member.title_zh}", member.title_en)
            yield _single(inner, plain(member, value[member.name]))


def plain(field: Field, value: Any) -> Pair:
    """One value in words."""
    if isinstance(value, bool):
        return YES if value else NO
    if field.table == "instrument-classes":
        return Pair(f"{code_label(field, value).zh}（{value}）", "")
    if field.type == "code" or field.table:
        return code_label(field, value)
    if isinstance(value, int):
        return Pair(amount(field, value), "")
    if isinstance(value, Mapping):
        return Pair(" ".join(_parts(field, value)), "")
    return Pair(str(value), "")


def _parts(field: Field, value: Mapping[str, Any]) -> Iterator[str]:
    """The members of a thing in the schema's order, and what this version does not know."""
    known = {member.name: member for member in field.members}
    yield from (plain(known[name], value[name]).zh for name in known if name in value)
    yield from (str(each) for name, each in value.items() if name not in known)


def amount(field: Field, value: int) -> str:
    """A number with its unit: fen as yuan, minutes as hours; one without a unit is a year."""
    if field.unit_zh == "分" and field.name.endswith("_fen"):
        return f"{yuan(value)} 元"
    if field.unit_zh == "分钟":
        return f"{hours(value)} 小时"
    return f"{value:,} {field.unit_zh}" if field.unit_zh else str(value)


def yuan(fen: int) -> str:
    """An amount of fen in yuan, without zeros that say nothing."""
    whole, rest = divmod(fen, _FEN)
    return f"{whole:,}.{rest:02}".removesuffix(".00") if rest else f"{whole:,}"


def hours(minutes: int) -> str:
    """Minutes as hours, rounded to a tenth."""
    tenths = (minutes * 10 + _MINUTES // 2) // _MINUTES
    return f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "")
