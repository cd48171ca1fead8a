"""Which units come by the hubs beneath, on which ways, and how each stands. Pure (feed §10).

A unit has one state, whichever way it came. Start at `judge`: it takes what the registry, our own
`fed` and each lower hub's `fed` say, and refuses

    a hub     whose units would lie too deep, or whose `fed` names us: a loop (all it says)
    a `reg`   that says too little, collides with a name, or contradicts what was known before

What a refused hub or `reg` says counts for nothing, and what it brought before stays as it was.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenhe_hub.below.names import Names
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_protocol.fed import DEEPEST, Registration

LIVE = ("enrolled", "suspended")
VIA = "via"  # names in a `reg` the hubs by which a unit comes to who says it
_FED = re.compile(r"fed(\.[0-9]+)?")
_ENDED = ("suspended", "moved", "retired")
_REMARKS = {"reason": str, "since": str, "successors": list}


@dataclass(frozen=True, slots=True)
class Way:
    """One way on which a unit comes: the hub beneath, and how the unit stands there."""

    hub: str
    state: str


@dataclass(frozen=True, slots=True)
class LowerHub:
    """An enrolled hub: how deep it lies, and why nothing that it says counts, if so."""

    unit: Enrolment
    depth: int
    code: str = ""
    found: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is believed."""
        return self.unit.is_enrolled and not self.code


@dataclass(frozen=True, slots=True)
class Beneath:
    """A unit that a lower hub names; one that is enrolled here too has a direct way besides."""

    told: Registration
    ways: tuple[Way, ...]
    state: str
    remarks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def enrolment(self) -> Enrolment:
        """As if it were enrolled here; it is never visited itself."""
        told = self.told
        return Enrolment(
            origin=told.origin,
            uscc=told.uscc,
            root1=told.root1,
            url=told.url,
            root_url=told.url,
            state=self.state,
            depth=told.depth,
            learned=True,
        )


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A `reg` or `rcp` of a lower hub that is refused."""

    hub: str
    origin: str
    code: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Below:
    """All that comes from beneath: hubs and units by origin, and what was refused."""

    hubs: Mapping[str, LowerHub] = field(default_factory=dict)
    units: Mapping[str, Beneath] = field(default_factory=dict)
    refused: tuple[NotTaken, ...] = ()

    def state_of(self, unit: Enrolment) -> str:
        """How an enrolled unit stands, whichever way it came."""
        found = self.units.get(unit.origin)
        return found.state if found else unit.state


@dataclass(frozen=True, slots=True)
class Facts:
    """What is judged. `above` are the origins of hubs that read us; `said` our own last `reg`."""

    origin: str
    registry: Sequence[Enrolment]
    told: Mapping[str, Sequence[Registration]]  # by the origin of the hub that says it
    said: Sequence[Registration] = ()
    above: Collection[str] = ()


def judge(facts: Facts) -> Below:
    """Judge all that the hubs beneath say."""
    hubs = {
        unit.origin: judge_hub(unit, facts.told.get(unit.origin, ()), facts)
        for unit in facts.registry
        if unit.is_hub and not unit.learned
    }
    known, refused = _Known(facts), list[NotTaken]()
    ways: dict[str, list[tuple[Way, Registration]]] = {}
    for hub in hubs.values():
        for told in () if hub.code else facts.told.get(hub.unit.origin, ()):
            if (problem := known.problem(hub.unit.origin, told)) is not None:
                refused.append(problem)
                continue
            known.take(told)
            ways.setdefault(told.origin, []).append((Way(hub.unit.origin, told.state), told))
    own = {unit.origin: unit for unit in facts.registry}
    units = {origin: _unit(own.get(origin), found, hubs) for origin, found in ways.items()}
    return Below(hubs, units, tuple(refused))


def judge_hub(unit: Enrolment, told: Sequence[Registration], facts: Facts) -> LowerHub:
    """How deep a hub lies, and whether it names us or one above us: then it is a loop."""
    live = [each for each in told if each.state in LIVE]
    unheard = unit.depth - 1  # as it was enrolled, until its `fed` is read
    depth = 1 + max((each.depth for each in live), default=0 if told else unheard)
    ours = {facts.origin, *facts.above, unit.origin}
    loops = [each.origin for each in live if _stem(each.origin) in ours]
    if loops:
        found = min(loops, key=lambda origin: _stem(origin) != facts.origin)
        return LowerHub(unit, min(depth, DEEPEST), "below.loop", found)
    if depth > DEEPEST:
        return LowerHub(unit, DEEPEST, "below.depth", f"depth {depth}")
    return LowerHub(unit, depth)


def _stem(origin: str) -> str:
    """The hub's own origin, where somebody names its `fed`."""
    hub, _, log = origin.rpartition("/")
    return hub if hub and _FED.fullmatch(log) else origin


class _Known:
    """Who is known so far: the registry first, then what we have said, then newcomers in order."""

    def __init__(self, facts: Facts) -> None:
        self._roots = {each.origin: (each.root1, each.uscc) for each in facts.said}
        self._roots |= {each.origin: (each.root1, each.uscc) for each in facts.registry}
        self._names = Names([facts.origin, *self._roots])
        self._codes: dict[str, str] = {}
        for said in facts.said:
            if said.state in LIVE and not said.depth:
                self._codes[said.uscc] = said.origin
        for unit in facts.registry:
            if unit.is_live and not unit.is_hub:
                self._codes[unit.uscc] = unit.origin

    def problem(self, hub: str, told: Registration) -> NotTaken | None:
        """Why this `reg` is refused, if it is."""
        root1, uscc = self._roots.get(told.origin, (told.root1, told.uscc))
        if not (told.root1 and told.uscc and told.url):
            return NotTaken(hub, told.origin, "below.reg", "uscc, url, root1")
        if told.root1 != root1:
            return NotTaken(hub, told.origin, "below.conflict", root1, told.root1)
        if told.uscc != uscc:
            return NotTaken(hub, told.origin, "below.conflict", uscc, told.uscc)
        if told.origin not in self._roots and (other := self._names.collision(told.origin)):
            return NotTaken(hub, told.origin, "below.name", found=other)
        holder = self._codes.get(told.uscc, told.origin)
        if holder != told.origin and told.state in LIVE and not told.depth:
            return NotTaken(hub, told.origin, "below.unit", holder, told.uscc)
        return None

    def take(self, told: Registration) -> None:
        """It is known from now on."""
        if told.origin not in self._roots:
            self._roots[told.origin] = (told.root1, told.uscc)
            self._names.add(told.origin)
        if told.state in LIVE and not told.depth:
            self._codes.setdefault(told.uscc, told.origin)


def _unit(
    own: Enrolment | None,
    found: Sequence[tuple[Way, Registration]],
    hubs: Mapping[str, LowerHub],
) -> Beneath:
    ways = tuple(way for way, _ in found)
    told = max((each for _, each in found), key=lambda each: each.depth)
    for state, remarks in _claims(own, found, hubs):
        return Beneath(told, ways, state, remarks)
    raise AssertionError("a way has a state")


def _claims(
    own: Enrolment | None,
    found: Sequence[tuple[Way, Registration]],
    hubs: Mapping[str, LowerHub],
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What may be said of its state, the strongest first."""
    heard = [(way.state, told) for way, told in found if hubs[way.hub].is_open]
    if own is not None and own.state == "suspended":
        yield own.state, own.remarks
    yield from (_said(told) for state, told in heard if state == "suspended")
    if own is not None and own.state == "retired":
        yield own.state, own.remarks
    if own is not None and own.is_enrolled and not own.learned:
        yield own.state, own.remarks
    for wanted in ("enrolled", "moved", "retired"):
        yield from (_said(told) for state, told in heard if state == wanted)
    if own is not None and not own.learned:
        yield own.state, own.remarks
    # It came by hubs alone of which none is enrolled any more: it stands as they do.
    closed = [hubs[way.hub].unit for way, _ in found]
    for wanted in _ENDED:
        yield from ((hub.state, hub.remarks) for hub in closed if hub.state == wanted)


def _said(told: Registration) -> tuple[str, Mapping[str, Any]]:
    """The state, and what of its remarks is of the form that we say ourselves."""
    remarks = {
        name: told.ext[name]
        for name, form in _REMARKS.items()
        if isinstance(told.ext.get(name), form)
    }
    return told.state, remarks
