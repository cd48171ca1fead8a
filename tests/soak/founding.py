"""The hub's home at the beginning of the story: units enrolled, settings for a soak.

A registry is a file of all units, written anew with each enrolment; here it is written once.
"""

from collections.abc import Iterable
from pathlib import Path

from fenhe_client.keys.roots import keep_roots, stored_roots
from fenhe_client.stored.files import ROOT
from fenhe_hub.config import write_config
from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.mirror.roots import root_files
from fenhe_hub.operations.setup import init_hub
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_protocol.root_document import open_first
from tests.hub.houses import HUB_ORIGIN, HUB_USCC
from tests.soak.publisher import Publisher

URL = "http://127.0.0.1:1"
SETTINGS = {"publish_seconds": 0, "advise_seconds": 0, "patience_seconds": 1}


class _WrittenOnce(Registry):
    def _write(self) -> None:
        """Later."""

    def write(self) -> None:
        super()._write()


def found(home: Path, units: Iterable[Publisher], now: int, visit_seconds: int) -> Hub:
    """A hub that knows these units, and has said so."""
    init_hub(home, HUB_ORIGIN, URL, HUB_USCC, now=now)
    settings = {**SETTINGS, "visit_seconds": visit_seconds}
    write_config(home / "config.yaml", {"origin": HUB_ORIGIN, "public_url": URL, **settings})
    hub = open_hub(home)
    registry = _WrittenOnce(hub.home.registry_file)
    for unit in units:
        raw = stored_roots(unit.files(ROOT))[0]
        root = open_first(raw, fingerprint=unit.fingerprint, allow_loopback_http=True)
        keep_roots(root_files(hub.home, root.origin), [root])
        enrolment = Enrolment(
            origin=root.origin,
            uscc=root.unit,
            root1=unit.fingerprint,
            url=unit.url,
            root_url=root.url,
            allow_private=True,
        )
        registry.add(enrolment, hub.origin)
    registry.write()
    with FedRound(hub) as fed:
        fed.publish(now)
    return hub
