"""`/finding/{unit}/evidence`: the file that proves a finding, for whoever may see it."""

from fenhe_hub.console.asking import Answer, Asked, Download, GoTo, Reach, Route
from fenhe_hub.office.roles import Permission
from fenhe_hub.proving.finding import prove_finding
from fenhe_protocol.errors import InputError


def download(asked: Asked) -> Answer:
    """Made anew; where it cannot be made yet, why."""
    unit = asked.parts["unit"]
    rule, kind, id_ = (asked.query.get(name, "")[:256] for name in ("rule", "kind", "id"))
    try:
        with asked.console.index() as db:
            raw = prove_finding(asked.console.hub, db, f"{unit}/{rule}/{kind}/{id_}", asked.now)
    except InputError as error:
        return GoTo(f"/unit/{unit}", str(error), bad=True)
    return Download(raw, f"finding-{unit}-{rule}.json", "application/json")


ROUTES = (Route("GET", "/finding/{unit}/evidence", download, Permission.SEE, Reach.UNIT),)
