"""Who is enrolled, and by what right. Start at `Registry`, the operator's file `registry.yaml`.

What the federation may know of a unit stands in `fed` (`reg`); this file keeps what no log says:
the address the operator gave, whether it may be a private one, and units whose `reg` is still to be
published. `check_origin` holds new names apart from all others (feed §1).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_origin, get_type_hints

import yaml

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.yaml_text import read_yaml
from fenhe_protocol.errors import Refused, SetupError

# In C where libyaml is there: ten times as fast.
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_MOST_BYTES = 64 * 1024 * 1024  # a hundred thousand units

STATES = ("enrolled", "suspended", "moved", "retired")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the operator decided for one unit."""

    origin: str
    uscc: str
    root1: str  # fingerprint, compared by a person
    url: str  # where the operator found it
    root_url: str  # what its root document said then; when that changes, the document leads
    allow_private: bool = False
    state: str = "enrolled"
    depth: int = 0
    pushes: bool = False  # cannot be reached: it sends all by itself
    reason: str = ""  # of its state, as published
    since: str = ""  # the date of that
    successors: tuple[str, ...] = ()  # origins that stand for it now
    learned: bool = False  # it comes by hubs beneath alone; here it only stands as it does
    sm2: tuple[str, ...] = ()  # verifier keys of its second lines (feed §5)
    sm2_required: bool = False  # without a good second line nothing is taken

    def address(self, current_url: str) -> str:
        """Where to fetch: as enrolled, until the unit's root document names another address."""
        return self.url if current_url == self.root_url else current_url

    @property
    def visited(self) -> bool:
        """Whether the hub still comes."""
        return self.is_enrolled and not self.pushes and not self.learned

    @property
    def is_hub(self) -> bool:
        """Whether it is another hub, whose log is `fed`."""
        return self.depth > 0

    @property
    def is_enrolled(self) -> bool:
        """Whether what it says counts, whoever comes to whom."""
        return self.state == "enrolled"

    @property
    def is_live(self) -> bool:
        """Whether it may publish for its code, now or when it is resumed."""
        return self.state in ("enrolled", "suspended")

    @property
    def remarks(self) -> dict[str, Any]:
        """Reason, date and successors as they are said in `reg`, under `ext`."""
        said = {"reason": self.reason, "since": self.since, "successors": list(self.successors)}
        return {name: value for name, value in said.items() if value}


NOBODY: Mapping[str, Enrolment] = MappingProxyType({})


class Registry:
    """The enrolments in the order in which they were made."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._units = {each.origin: each for each in _read(file)}

    def __iter__(self) -> Iterator[Enrolment]:
        return iter(tuple(self._units.values()))

    def __len__(self) -> int:
        return len(self._units)

    def get(self, origin: str) -> Enrolment | None:
        """The enrolment of a unit origin."""
        return self._units.get(origin)

    def check(
        self, new: Enrolment, hub_origin: str, beneath: Mapping[str, Enrolment] = NOBODY
    ) -> None:
        """Refused `enrol.*` where this unit may not be enrolled beside the others.

        `beneath` are those that come by hubs beneath, by origin; the registry goes first.
        """
        everyone = {**beneath, **self._units}
        others = [each for each in everyone.values() if each.origin != new.origin]
        check_origin(new.origin, [hub_origin, *(each.origin for each in others)])
        live = (each for each in others if each.is_live and not each.is_hub)
        same = next((each for each in live if each.uscc == new.uscc), None)
        if same is not None and not new.is_hub:  # who runs a hub may have a node as well
            raise Refused("enrol.unit", where=new.uscc, found=same.origin)
        if (told := everyone.get(new.origin)) is not None and told.root1 != new.root1:
            raise Refused("enrol.again", where=new.origin, expected=told.root1, found=new.root1)
        known = self._units.get(new.origin)
        if known and not known.is_live:
            raise Refused(
                "enrol.state",
                where=new.origin,
                expected="enrolled, suspended",
                found=known.state,
                advice="fenhe-hub resume",
            )

    def add(
        self, new: Enrolment, hub_origin: str, beneath: Mapping[str, Enrolment] = NOBODY
    ) -> None:
        """Enrol a unit, or take its new address or permission; Refused `enrol.*`."""
        self.check(new, hub_origin, beneath)
        known = self._units.get(new.origin)
        self._units[new.origin] = _with_standing(new, known) if known else new
        self._write()

    def put(self, unit: Enrolment) -> None:
        """Keep the unit in another state."""
        self.put_all([unit])

    def put_all(self, units: Iterable[Enrolment]) -> None:
        """Keep units as they stand, whoever checked them, with one writing of the file."""
        self._units.update({unit.origin: unit for unit in units})
        self._write()

    def _write(self) -> None:
        units = [asdict(each) for each in self._units.values()]
        text = yaml.dump({"units": units}, Dumper=_DUMPER, allow_unicode=True, sort_keys=False)
        replace_files(Disk(), {self._file: text.encode()})


def _with_standing(new: Enrolment, known: Enrolment) -> Enrolment:
    """Take the new address or permission; how the unit stands, by which keys, stays."""
    kept = ("state", "reason", "since", "successors", "sm2", "sm2_required")
    return replace(new, **{name: getattr(known, name) for name in kept})


def check_origin(origin: str, others: Iterable[str]) -> None:
    """Refused `enrol.origin` if a name lies inside another, which would let one sign as the other.

    An origin's own log origins, cosigner name and `…/root` all begin with it and a slash, so one
    comparison in both directions covers them (feed §1).
    """
    for other in others:
        if f"{origin}/".startswith(f"{other}/") or f"{other}/".startswith(f"{origin}/"):
            raise Refused("enrol.origin", where=origin, found=other)


def _read(file: Path) -> tuple[Enrolment, ...]:
    try:
        known = file.stat()
    except FileNotFoundError:
        return ()
    return _parsed(file, known.st_mtime_ns, known.st_size)


def suspended(file: Path) -> frozenset[str]:
    """The origins of the units that are suspended."""
    return _suspended(_read(file))


@lru_cache(maxsize=4)
def _suspended(units: tuple[Enrolment, ...]) -> frozenset[str]:
    return frozenset(each.origin for each in units if each.state == "suspended")


@lru_cache(maxsize=4)
def _parsed(file: Path, changed_at: int, size: int) -> tuple[Enrolment, ...]:
    """The file as it is at this time, parsed once: YAML of many units takes long."""
    try:
        parsed = read_yaml(file, most=_MOST_BYTES)
        return tuple(_enrolment(each) for each in (parsed or {}).get("units") or [])
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise SetupError("setup.form", where=str(file), found=type(error).__name__) from error


_KINDS = {name: get_origin(hint) or hint for name, hint in get_type_hints(Enrolment).items()}


def _enrolment(value: Mapping[str, Any]) -> Enrolment:
    lists = {name: tuple(value.get(name) or ()) for name in ("successors", "sm2")}
    unit = Enrolment(**{**value, **lists})
    for name, kind in _KINDS.items():
        found = getattr(unit, name)
        if not isinstance(found, kind) or (kind is tuple and {*map(type, found)} - {str}):
            where = f"registry.yaml: {unit.origin} {name}"
            raise SetupError("setup.type", where=where, expected=kind.__name__, found=str(found))
    if unit.state not in STATES:
        raise SetupError("setup.type", where="registry.yaml: state", found=unit.state)
    return unit
