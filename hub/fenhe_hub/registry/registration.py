"""How a unit stands in the registry, and which step leads where. Pure (feed §10, `reg`; ADR 0006).

    enrolled ⇄ suspended        nothing of it is shown, nothing taken, until it is resumed
    enrolled, suspended → moved        it is published elsewhere: another origin or another hub
    enrolled, suspended, moved → retired        it publishes no more

`moved` and `retired` name their successors where there are any: that is all a merger, a division or
a transfer needs, for the records themselves are published anew by whoever keeps them now. A step
that was a mistake is taken back by `resume`. A successor that could not be enrolled before is named
by the same step once more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from fenhe_hub.registry.enrolled import Enrolment
from fenhe_protocol.errors import InputError, Refused
from fenhe_protocol.privacy import find_personal

LONGEST_REASON = 200

_FROM: Mapping[str, frozenset[str]] = {
    "suspended": frozenset({"enrolled"}),
    "enrolled": frozenset({"suspended", "moved", "retired"}),
    "moved": frozenset({"enrolled", "suspended"}),
    "retired": frozenset({"enrolled", "suspended", "moved"}),
}


def registered_as(
    unit: Enrolment,
    state: str,
    *,
    reason: str,
    on: str,
    successors: Sequence[str] = (),
    others: Iterable[Enrolment] = (),
) -> Enrolment:
    """The unit in its new state since the date `on`; Refused `enrol.state`, `.unit`, `.reason`."""
    named = _names_later(unit, state, successors)
    if unit.state not in _FROM[state] and not named:
        wanted = ", ".join(sorted(_FROM[state]))
        raise Refused("enrol.state", where=unit.origin, expected=wanted, found=unit.state)
    if state == "enrolled":
        _check_alone(unit, others)
    _check_reason(reason)
    if unit.origin in successors:
        raise InputError("enrol.successor", where=unit.origin)
    since = unit.since if named else on
    return replace(unit, state=state, reason=reason, since=since, successors=tuple(successors))


def _names_later(unit: Enrolment, state: str, successors: Sequence[str]) -> bool:
    """Whether this only names who stands for a unit that is gone: of the same code, nobody else
    could be enrolled before it was.
    """
    gone = unit.state == state and state in ("moved", "retired")
    return gone and bool(successors) and set(successors) != set(unit.successors)


def _check_alone(unit: Enrolment, others: Iterable[Enrolment]) -> None:
    """One code, one unit that publishes: another may have taken its place meanwhile."""
    for other in others:
        # Who runs a hub may have a node as well.
        same = other.uscc == unit.uscc and other.is_hub == unit.is_hub
        if same and other.origin != unit.origin and other.is_live:
            raise Refused("enrol.unit", where=unit.uscc, found=other.origin)


def _check_reason(reason: str) -> None:
    """It is published: no persons, and one line that a page can show."""
    if not reason.strip() or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise InputError("enrol.reason", expected=f"1–{LONGEST_REASON} 字一行 one line of text")
    if find_personal({"reason": reason}):
        raise InputError("enrol.reason", expected="不含个人信息 no personal data")
