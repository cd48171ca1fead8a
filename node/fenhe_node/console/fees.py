"""`/fees`: the fee standards as lines, those out of force too, and which instruments have none."""

from fenhe_node.console.asking import Answer, Asked, Page, Routes
from fenhe_node.pages.prices import prices
from fenhe_node.published import Published
from fenhe_node.store import Store, records
from fenhe_protocol.encoding import date_at

KIND = "fee_standard"
_LISTED = 200


def show(asked: Asked) -> Answer:
    """Every standard with its lines, and the instruments that name none."""
    console = asked.console
    with Store.open(console.home.store) as store:
        living = [r for r in records.every(store, kind=KIND) if not r.deleted]
        instruments = [r for r in records.every(store, kind="instrument") if not r.deleted]
    schema = console.schemas.kind(KIND).schema
    today = date_at(asked.now, console.offset)
    uses: dict[str, int] = {}
    for each in instruments:
        for id in each.record.get("fee_standards", ()):
            uses[id] = uses.get(id, 0) + 1
    known = {each.id for each in living}
    without = [
        (each.id, str(each.record.get("name_zh", "")))
        for each in instruments
        if not known.intersection(each.record.get("fee_standards", ()))
    ]
    standards = [
        {
            "id": each.id,
            "name": str(each.record.get("name_zh", "")) or each.id,
            "lines": prices(schema, [Published(KIND, each.id, 0, each.record, b"")], today),
            "uses": uses.get(each.id, 0),
        }
        for each in living
    ]
    context = {
        "standards": standards,
        "without": without[:_LISTED],
        "without_all": len(without),
        "unknown": sorted(uses.keys() - known),
    }
    return Page("console/fees.html", context)


ROUTES: Routes = (("GET", "/fees", show),)
