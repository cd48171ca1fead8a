"""`/imports/words`: the unit's own words for codes, said once and known in all of its lists."""

from fenhe_node.console.asking import Answer, Asked, GoTo, Page, Routes
from fenhe_node.store import Store, own_words
from fenhe_protocol.errors import RequestError
from fenhe_protocol.schema_fields import Field

_FIELDS = (
    ("service_record", "user_class"),
    ("service_record", "way"),
    ("service_record", "direction"),
    ("instrument", "status"),
    ("instrument", "general_or_special"),
)
_EMPTY_LINES = 3


def show(asked: Asked) -> Answer:
    """The words of every field that units call by names of their own."""
    with Store.open(asked.console.home.store) as store:
        known = own_words.own_words(store)
    tables = [
        {
            "kind": kind,
            "field": (found := asked.console.schemas.kind(kind).field(name)),
            "title": asked.console.schemas.kind(kind).title_zh,
            "codes": _codes(found),
            "words": list(known.get((kind, name), {}).items()),
        }
        for kind, name in _FIELDS
    ]
    return Page("console/words.html", {"tables": tables, "empty_lines": _EMPTY_LINES})


def save(asked: Asked) -> Answer:
    """Take the words of one field as the form says them."""
    kind, name = asked.form.text("kind"), asked.form.text("field")
    if (kind, name) not in _FIELDS:
        raise RequestError("request.absent", status=404, found=name)
    field = asked.console.schemas.kind(kind).field(name)
    codes = {str(code): code for code, _ in _codes(field)}
    written, chosen = asked.form.all("word"), asked.form.all("code")
    words = {
        word.strip(): codes[code]
        for word, code in zip(written, chosen, strict=False)
        if word.strip() and code in codes
    }
    with Store.open(asked.console.home.store) as store:
        own_words.put_words(store, kind, name, words)
    return GoTo("/imports/words", f"已保存 {field.title_zh}: {len(words)} 个叫法; saved")


def _codes(field: Field) -> list[tuple[str | int, str]]:
    found = field.schema.get("enum", ())
    return [(code, field.labels[code].zh if code in field.labels else str(code)) for code in found]


ROUTES: Routes = (("GET", "/imports/words", show), ("POST", "/imports/words", save))
