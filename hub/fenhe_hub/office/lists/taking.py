"""What each kind of list does to its register. Start at `LISTS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.obliged import Obliged
from fenhe_hub.office import authorities, obliging, reviewing
from fenhe_hub.office.acting import Office
from fenhe_hub.office.lists import authority_list, decision_lists, obliged_list
from fenhe_hub.office.lists.columns import Form
from fenhe_hub.office.lists.reading import ListRead
from fenhe_hub.office.obliging import Listed
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff

Take = Callable[[Office, Staff, ListRead, str], Listed]
Foresee = Callable[[Casework, ListRead, str], Listed]


@dataclass(frozen=True)
class Taking:
    """A kind of list: what it asks for, how it is taken, and what taking it would do.

    The last argument of both is the deadline of rows that name none; only one list has deadlines.
    """

    form: Form
    permission: Permission
    take: Take
    foresee: Foresee | None = None
    has_deadline: bool = False


def _units(read: ListRead, due_on: str) -> list[Obliged]:
    return list(obliged_list.units(read, due_on))


def _take_units(office: Office, who: Staff, read: ListRead, due_on: str) -> Listed:
    return obliging.list_units(office, who, _units(read, due_on))


def _foresee_units(casework: Casework, read: ListRead, due_on: str) -> Listed:
    return obliging.compare(casework, _units(read, due_on))


def _acting(name: str, office: Office, who: Staff, read: ListRead, due_on: str) -> Listed:
    match name:
        case "authorities":
            told = authority_list.authorities(read)
            acts = authorities.put_authorities(office, who, told, read.file)
        case "belongings":
            acts = authorities.assign(office, who, authority_list.belongings(read), read.file)
        case "reviews":
            acts = reviewing.register_reviews(office, who, decision_lists.reviews(read))
        case _:
            acts = reviewing.register_evaluations(office, who, decision_lists.evaluations(read))
    done = tuple(act.subject for act in acts)
    return Listed(done, (), ("",) * (len(read.rows) - len(done)))


def _of(form: Form, permission: Permission) -> Taking:
    return Taking(form, permission, partial(_acting, form.name))


LISTS: Mapping[str, Taking] = {
    taking.form.name: taking
    for taking in (
        Taking(
            obliged_list.OBLIGED,
            Permission.PREPARE,
            _take_units,
            _foresee_units,
            has_deadline=True,
        ),
        _of(authority_list.AUTHORITIES, Permission.SET_UP),
        _of(authority_list.BELONGINGS, Permission.SET_UP),
        _of(decision_lists.REVIEWS, Permission.PREPARE),
        _of(decision_lists.EVALUATIONS, Permission.PREPARE),
    )
}
