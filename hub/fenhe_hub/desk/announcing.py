"""A year's working days, entered on the day on which the State Council announces them."""

from collections.abc import Sequence

import yaml

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.hub import Hub
from fenhe_hub.judging.working_days import parse_years, read_years
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.errors import InputError, RequestError, SetupError
from fenhe_protocol.fed import Act


def announce_year(
    office: Office,
    who: Staff,
    year: str,
    *,
    notice: str,
    dated: str,
    holidays: Sequence[str],
    makeup: Sequence[str],
) -> Act:
    """Count by this calendar from the next check on; InputError names the day that is wrong.

    `holidays` are all days off, `makeup` the Saturdays and Sundays that are worked: `10-01`, or
    `2026-12-31` where one lies in the year before. RequestError 409 where a file of the
    operator's own is configured: that one is edited where it lies.
    """
    who.check(Permission.SET_UP)
    home = office.hub.home
    if office.hub.config.workdays:
        raise RequestError("register.state", status=409, found=office.hub.config.workdays)
    told = {
        "notice": entered.words(notice, "notice"),
        "dated": entered.day(dated, "dated"),
        "holidays": [*holidays],
        "makeup": [*makeup],
    }
    with office.turn() as casework:
        known = dict(read_years(home.workdays)) if home.workdays.is_file() else {}
        known[year.strip()] = told
        text = yaml.safe_dump(known, allow_unicode=True, sort_keys=True).encode()
        try:
            parse_years(text, year)
        except SetupError as error:
            raise InputError(
                "register.value", where=year, expected=error.expected, found=error.found
            ) from error
        deed = Deed("workdays.announced", year.strip(), told)
        with office.doing(casework, who, Permission.SET_UP, deed) as act:
            replace_files(Disk(), {home.workdays: text})
    return act


def is_announced(hub: Hub, act: Act) -> bool:
    """Whether a year that was begun to be entered stands in the file as it was told."""
    home = hub.home
    known = dict(read_years(home.workdays)) if home.workdays.is_file() else {}
    return known.get(act.subject) == dict(act.details)
