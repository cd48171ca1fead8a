"""Accounts made, changed and ended, each as an act. Start at `make_account`.

The last administrator can neither be ended nor become something else: nobody else could make one.
"""

from datetime import date

from fenhe_client.console import passwords
from fenhe_hub.casework.accounts import Account, account, accounts
from fenhe_hub.casework.authorities import authority
from fenhe_hub.casework.book import Casework
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission, Role
from fenhe_hub.office.staff import Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError


def make_account(
    office: Office, who: Staff, name: str, role: str, number: str, password: str
) -> None:
    """Let somebody work here, by this password; "" is none. InputError `account.*`, `console.*`."""
    name = passwords.normal(name.strip())
    if password:
        passwords.check(name, password)
    with office.turn() as casework:
        if account(casework.db, name) is not None:
            raise InputError("account.known", found=name)
        if not name or len(name) > 64 or not name.isprintable() or name == "hub":
            raise InputError("console.name", expected="1–64", found=name)
        details = _details(office, casework, role, number)
        who.check(Permission.MANAGE)
        _forget(office, name)  # of a former account of this name that was ended half
        office.do(casework, who, Permission.MANAGE, "account.made", name, details)
        if password:
            _set(office, name, password)


def change_account(office: Office, who: Staff, name: str, role: str, number: str) -> None:
    """Give it another role or authority; whoever is signed in by it has to sign in again."""
    with office.turn() as casework:
        known = _known(casework, name)
        if role != Role.ADMINISTRATOR or number:
            _keep_one_administrator(casework, known)
        details = _details(office, casework, role, number)
        office.do(casework, who, Permission.MANAGE, "account.changed", known.name, details)


def end_account(office: Office, who: Staff, name: str) -> None:
    """Let nobody come in by it any more; what it did stays."""
    with office.turn() as casework:
        known = _known(casework, name)
        _keep_one_administrator(casework, known)
        office.do(casework, who, Permission.MANAGE, "account.ended", known.name)
        _forget(office, known.name)


def set_password(office: Office, who: Staff, name: str, password: str) -> None:
    """Give an account another password: one's own, or anybody's where one manages accounts."""
    passwords.check(name, password)
    with office.turn() as casework:
        known = _known(casework, name)
        asked = Permission.SEE if known.name == who.account else Permission.MANAGE
        office.do(casework, who, asked, "account.password_set", known.name)
        _set(office, known.name, password)


def _set(office: Office, name: str, password: str) -> None:
    passwords.set_password(office.hub.home.passwords, name, password)


def _forget(office: Office, name: str) -> None:
    file = office.hub.home.passwords
    if name in passwords.accounts(file):
        passwords.remove(file, name)


def _known(casework: Casework, name: str) -> Account:
    found = account(casework.db, passwords.normal(name))
    if found is None:
        raise InputError("account.absent", found=name)
    return found


def _details(office: Office, casework: Casework, role: str, number: str) -> dict[str, str]:
    if role not in list(Role):
        raise InputError("account.role", expected=", ".join(Role), found=role)
    if number:
        today = date.fromisoformat(date_at(office.clock()))
        found = authority(casework.db, number)
        if found is None or not found.is_valid(today):
            raise InputError("account.authority", found=number)
    return {"role": role, "authority": number}


def _keep_one_administrator(casework: Casework, known: Account) -> None:
    if not _administers(known):
        return
    if sum(map(_administers, accounts(casework.db))) < 2:
        raise InputError("account.last", found=known.name)


def _administers(found: Account) -> bool:
    living = found.ended_at is None and not found.authority
    return living and found.role == Role.ADMINISTRATOR
