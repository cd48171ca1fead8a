"""A photo for an instrument, a document for a regime of the unit: uploaded at their record."""

from fenhe_node.attaching.attach import REGIMES, attach_photo, attach_regime
from fenhe_node.console.asking import Answer, Asked, GoTo, Routes
from fenhe_node.console.record import address
from fenhe_node.console.records import hand_of
from fenhe_protocol.errors import RequestError

PATH = "/records/attach"
PHOTO = "photo"


def attach(asked: Asked) -> Answer:
    """Keep the file and name it in the record; public with the next publish."""
    node, form = asked.console.node, asked.form
    kind, id, place = asked.query.get("kind", ""), asked.query.get("id", ""), form.text("place")
    data = form.upload("file").path.read_bytes()
    hand = hand_of(asked)
    if (kind, place) == ("instrument", PHOTO):
        attach_photo(node.home, node.config.address, id, data, hand)
    elif kind == "unit" and place in REGIMES:
        title = form.text("title")
        attach_regime(node.home, node.config.address, place, data, hand, title=title)
    else:
        raise RequestError("request.absent", status=404, found=place)
    return GoTo(address(kind, id), "已收下，下次发布后对外可见")


ROUTES: Routes = (("POST", PATH, attach),)
