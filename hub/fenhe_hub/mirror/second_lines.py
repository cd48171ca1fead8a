"""What the hub asks of its units' second lines, by keys that the operator enrolled (feed §5)."""

from dataclasses import replace

from fenhe_client.keys.second_signing import second_line
from fenhe_hub.home import Home
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_protocol.errors import FenheError, Refused, SetupError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.second_line import SecondLine, parse_second_key, second_name


def second_line_of(unit: Enrolment) -> SecondLine | None:
    """None where no key is enrolled; SetupError where the file names a wrong one, or no library.

    What cannot be verified here is never taken for good: the visit ends, and says why.
    """
    if not unit.sm2:
        return None
    return second_line(tuple(_key(unit, text) for text in unit.sm2), required=unit.sm2_required)


def second_wished(unit: Enrolment) -> SecondLine | None:
    """The same where a note without the line is no fault: it may be older than the enrolment."""
    second = second_line_of(unit)
    return replace(second, required=False) if second else None


def check_second_key(origin: str, text: str) -> VerifierKey:
    """The key as a unit handed it over; Refused `key.form`, or `sm2.name` for another unit's."""
    key = parse_second_key(text)
    if key.name != second_name(origin):
        raise Refused("sm2.name", where=origin, expected=second_name(origin), found=key.name)
    return key


def _key(unit: Enrolment, text: str) -> VerifierKey:
    try:
        return check_second_key(unit.origin, text)
    except Refused as error:
        raise SetupError(
            "setup.value", where=f"registry.yaml: {unit.origin} sm2", found=str(error)
        ) from error


def how_seconded(home: Home, unit: Enrolment, origin: str) -> str:
    """How the verified head of a log stands: `signed`, `unsigned`, or the code of what is wrong.

    Empty where no key is enrolled or nothing was verified yet.
    """
    note = MirrorLog(home, origin).verified() if unit.sm2 else None
    if note is None:
        return ""
    try:
        second = second_wished(unit)
        return "signed" if second and second.check(parse_note(note)) else "unsigned"
    except FenheError as error:
        return error.code
