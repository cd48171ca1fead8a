"""`/outcomes`: papers, patents, data that used a shared resource, and whether they say so."""

from fenhe_node.console.asking import Answer, Asked, Page, Routes
from fenhe_node.pages.wording import say
from fenhe_node.store import Store, records

KIND = "outcome"
_COLUMNS = ("title", "type", "published_on", "resources", "credited", "user_class", "consent")


def show(asked: Asked) -> Answer:
    """All of them, the latest first."""
    console = asked.console
    with Store.open(console.home.store) as store:
        found = [r for r in records.every(store, kind=KIND) if not r.deleted]
    kind = console.schemas.kind(KIND)
    properties = kind.schema["properties"]
    found.sort(key=lambda each: str(each.record.get("published_on", "")), reverse=True)
    rows = [
        (
            each.id,
            [
                say(properties[name], each.record[name], console.tables)
                if name in each.record
                else ""
                for name in _COLUMNS
            ],
        )
        for each in found
    ]
    titles = [kind.field(name).title_zh for name in _COLUMNS]
    return Page("console/outcomes.html", {"rows": rows, "titles": titles})


ROUTES: Routes = (("GET", "/outcomes", show),)
