"""What our own `fed` says of what lies beneath, so that who reads us need read nobody else.

Units that come by lower hubs have their `reg` here too, and what a lower hub orders to be erased
(`era`) or says of an identity's earliest receipt (`rcp`) is said again: who reads us obeys it, and
so do we, as we obey our own words (feed §10). Nothing is queued: what is owed is the difference.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from fenhe_hub.below.copies import Mirrored
from fenhe_hub.below.first_dates import FirstDates
from fenhe_hub.below.judging import VIA, Below, NotTaken
from fenhe_hub.home import Home
from fenhe_hub.index.said import said_of
from fenhe_hub.index.words import words_of
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_protocol.errors import PublisherError, StoreError
from fenhe_protocol.fed import EraseOrder, FirstReceipt, Place, Registration


def standing(unit: Enrolment, url: str, below: Below) -> Registration:
    """The `reg` of an enrolled unit or hub, as it stands by all that is known."""
    lower, beneath = below.hubs.get(unit.origin), below.units.get(unit.origin)
    depth = lower.depth if lower else unit.depth
    state = beneath.state if beneath else unit.state
    remarks = dict(beneath.remarks if beneath else unit.remarks)
    if unit.learned:
        remarks[VIA] = [way.hub for way in beneath.ways] if beneath else []
    return Registration(unit.origin, state, unit.uscc, url, unit.root1, depth, remarks)


def registrations(home: Home, below: Below, known: set[str]) -> Iterator[Registration]:
    """The `reg` of the units beneath but for `known`; of those whose root documents are here."""
    for origin, beneath in below.units.items():
        if origin in known:
            continue
        told = beneath.told
        try:
            url = current_root(home, origin, told.root1).url
        except (StoreError, PublisherError):
            continue  # its root documents are still to be read: `taking_up`
        ext = {**beneath.remarks, VIA: [way.hub for way in beneath.ways]}
        yield replace(told, state=beneath.state, url=url, ext=ext)


def owed_orders(
    db: sqlite3.Connection, below: Below, mirrors: dict[str, Mirrored]
) -> Iterator[EraseOrder]:
    """The `era` of lower hubs that are still to be said here, each of a leaf that we hold."""
    for _, word in _said_beneath(db, below, mirrors, EraseOrder.kind):
        if isinstance(word, EraseOrder):
            said = said_of(db, EraseOrder.kind, word.place.text)
            if not set(word.tiers) <= set(said["tiers"] if said else ()):
                yield word


def owed_first_receipts(
    db: sqlite3.Connection, below: Below, mirrors: dict[str, Mirrored], bounds: FirstDates
) -> tuple[list[FirstReceipt], list[NotTaken]]:
    """The `rcp` of lower hubs that name an earlier day than we have said; of several the first.

    Beside them those that name a day which cannot be.
    """
    owed: dict[Place, FirstReceipt] = {}
    refused: list[NotTaken] = []
    for at, word in _said_beneath(db, below, mirrors, FirstReceipt.kind):
        if not isinstance(word, FirstReceipt):
            continue
        said = said_of(db, FirstReceipt.kind, word.place.text)
        known = owed.get(word.place) or (FirstReceipt(word.place, said["first"]) if said else None)
        if known is not None and word.first >= known.first:
            continue
        if (problem := bounds.problem(at, word)) is not None:
            refused.append(problem)
        else:
            owed[word.place] = word
    return list(owed.values()), refused


def _said_beneath(
    db: sqlite3.Connection, below: Below, mirrors: dict[str, Mirrored], kind: str
) -> Iterator[tuple[Mirrored, EraseOrder | FirstReceipt]]:
    """The words of one kind about leaves that we hold, of units that come by the hub that says it.

    A hub has a say over nobody else's units.
    """
    for mirrored in mirrors.values():
        for heard in words_of(db, mirrored.number, kind):
            if not isinstance(heard.word, EraseOrder | FirstReceipt):
                continue
            place = heard.word.place
            unit = below.units.get(place.origin.rpartition("/")[0])
            names_it = unit is not None and any(w.hub == mirrored.hub.origin for w in unit.ways)
            if names_it and _is_held(db, place):
                yield mirrored, heard.word


def _is_held(db: sqlite3.Connection, place: Place) -> bool:
    found = db.execute("SELECT indexed FROM main.log WHERE origin = ?", [place.origin]).fetchone()
    return found is not None and place.index < found[0]
