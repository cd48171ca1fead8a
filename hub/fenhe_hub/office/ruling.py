"""A rule set on its way into force: proposed by the operator, decided by document.

    propose ─► adopt | reject        by who decides for the province, or sets the hub up
            └► withdraw              by who proposes

What is decided lies in `rules-decided.yaml`, which counts from the next publish and check on: `fed`
names its hash then, and findings keep the set that made them. The act is the truth, and the file is
written from it (`bring_back`). Start at `propose`.
"""

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.casework import rule_proposals as kept
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.casework.rule_proposals import RuleProposal, Stage
from fenhe_hub.hub import Hub
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Document, decided_by
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_hub.rule_file import read_rules, rule_bytes
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError, SetupError


def read_typed(raw: bytes, where: str) -> RuleSet:
    """A set that somebody typed; InputError names the line and the key that is wrong."""
    try:
        raw.decode()
        return read_rules(raw, where)
    except SetupError as error:
        told = {"where": error.where, "expected": error.expected, "found": error.found}
        raise InputError(error.code, **told, advice=error.advice) from error
    except UnicodeDecodeError as error:
        raise InputError("rules.form", where=where, expected="UTF-8") from error


def propose(office: Office, who: Staff, raw: bytes, reason: str) -> str:
    """Propose a set and give its number; InputError `rules.*`, `register.*`, RequestError 409."""
    _check_reach(who)
    _check_free(office.hub)
    rules = read_typed(raw, "rules")
    said = entered.passage(reason, "reason")
    with office.turn() as casework:
        _check_news(office.hub, casework, raw, rules)
        year = int(date_at(office.clock())[:4])
        number = next_number(casework.db, "rule_proposal", "R", year)
        details = {"name": rules.name, "text": raw.decode(), "reason": said}
        office.do(casework, who, Permission.PROPOSE, "rules.proposed", number, details)
    return number


def _check_free(hub: Hub) -> None:
    """RequestError 409 where a file of the operator's own is configured: it goes before."""
    if hub.config.rules:
        raise RequestError("register.state", status=409, where="rules", found=hub.config.rules)


def _check_news(hub: Hub, casework: Casework, raw: bytes, rules: RuleSet) -> None:
    if rule_bytes(hub.rules_file) == raw:
        raise InputError("register.known", where=rules.name)
    for each in kept.proposals(casework.db):
        if each.state is Stage.PROPOSED and each.raw == raw:
            raise InputError("register.known", where=each.number)


def adopt(office: Office, who: Staff, number: str, document: Document) -> str:
    """Put a proposed set in force by a document; its SHA-256.

    RequestError 403, 404, 409 `register.state`; InputError where this version reads it not.
    """
    permission = _deciding(who)
    _check_free(office.hub)
    with office.turn() as casework:
        found = _waiting(casework, number)
        read_typed(found.raw, number)
        told = decided_by(casework, who, document, office.clock()).told() | {"sha256": found.sha256}
        office.do(casework, who, permission, "rules.adopted", number, told)
        _write_decided(office, casework)
    return found.sha256


def reject(office: Office, who: Staff, number: str, reason: str) -> None:
    """The authority does not follow the proposal."""
    _end(office, who, number, _deciding(who), "rules.rejected", reason)


def withdraw(office: Office, who: Staff, number: str, reason: str) -> None:
    """The operator takes the proposal back."""
    _check_reach(who)
    _end(office, who, number, Permission.PROPOSE, "rules.withdrawn", reason)


def _end(
    office: Office, who: Staff, number: str, permission: Permission, name: str, reason: str
) -> None:
    who.check(permission)
    said = entered.passage(reason, "reason")
    with office.turn() as casework:
        _waiting(casework, number)
        office.do(casework, who, permission, name, number, {"reason": said})


def may_decide(who: Staff) -> bool:
    """Whether this account puts rule sets in force."""
    return who.units is None and (who.may(Permission.DECIDE) or who.may(Permission.SET_UP))


def _deciding(who: Staff) -> Permission:
    """As what it decides; RequestError 403."""
    _check_reach(who)
    permission = Permission.SET_UP if who.may(Permission.SET_UP) else Permission.DECIDE
    who.check(permission)
    return permission


def _check_reach(who: Staff) -> None:
    """Rules hold for all units; RequestError 403 `office.scope`."""
    if who.units is not None:
        raise RequestError("office.scope", status=403, where="rules", found=who.authority)


def _waiting(casework: Casework, number: str) -> RuleProposal:
    found = kept.proposal(casework.db, number)
    if found is None:
        raise RequestError("register.absent", status=404, where=number)
    if found.state is not Stage.PROPOSED:
        raise RequestError("register.state", status=409, where=number, found=found.state)
    return found


def bring_back(office: Office) -> bool:
    """Write the set that was decided last where another lies, or none; whether it was written.

    Whoever was killed between act and file left the former set in force; a backup may hold none.
    """
    with office.turn() as casework:
        return _write_decided(office, casework)


def _write_decided(office: Office, casework: Casework) -> bool:
    file, found = office.hub.home.rules_decided, kept.last_adopted(casework.db)
    if found is None or (file.is_file() and file.read_bytes() == found.raw):
        return False
    replace_files(Disk(), {file: found.raw})
    return True
