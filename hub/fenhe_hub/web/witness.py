"""A hub that also witnesses the logs of others, at `<hub>/w` (feed §9): another cosigner, own key.

It is an ordinary witness in the folder `witness` of the hub's home, made and told whom to watch by
`fenhe witness`; where there is none, nothing is answered here.
"""

from aiohttp import web

from fenhe_client.witness.service import Witness
from fenhe_client.witness.web import make_app
from fenhe_hub.web.serving import Serving
from fenhe_hub.witnessing.own import own_witness


def add_witness_room(app: web.Application, serving: Serving) -> None:
    """Answer for the hub's own witness, if it has one."""
    if (home := own_witness(serving.hub)) is not None:
        room = make_app(Witness(home), serving.now)
        app.add_subapp(f"{serving.hub.config.path}/w", room)
