"""Who may what, whoever it concerns: roles and permissions. Pure.

The operator prepares and proposes, an authority decides (rules.md); nobody does both, and whoever
makes accounts does neither.
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    DECIDER = "decider"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


ROLE_LABELS: Mapping[Role, tuple[str, str]] = {
    Role.VIEWER: ("查看", "viewer"),
    Role.OPERATOR: ("经办", "operator"),
    Role.DECIDER: ("审定", "decider"),
    Role.ADMINISTRATOR: ("系统管理", "administrator"),
    Role.AUDITOR: ("审计", "auditor"),
}


class Permission(StrEnum):
    """What a verb or a page asks for."""

    SEE = "see"  # units, findings, measures, reports; to export them
    PREPARE = "prepare"  # obliged units, invitations, reviews, evaluations, text of notices
    PROPOSE = "propose"  # measures, exemptions; to enter objections
    ENROL = "enrol"  # nodes in and out of the registry
    OPERATE = "operate"  # visits, quarantine, forwarding, mail
    DECIDE = "decide"  # measures, exemptions, corrections: by document, within a scope
    HANDLE = "handle"  # complaints, and who complained
    SET_UP = "set_up"  # authorities, rule sets, working days
    MANAGE = "manage"  # accounts
    AUDIT = "audit"  # what everybody did


PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.SEE}),
    Role.OPERATOR: frozenset(
        {
            Permission.SEE,
            Permission.PREPARE,
            Permission.PROPOSE,
            Permission.ENROL,
            Permission.OPERATE,
            Permission.HANDLE,
        }
    ),
    Role.DECIDER: frozenset({Permission.SEE, Permission.DECIDE, Permission.HANDLE}),
    Role.ADMINISTRATOR: frozenset(
        {Permission.SEE, Permission.SET_UP, Permission.MANAGE, Permission.AUDIT}
    ),
    Role.AUDITOR: frozenset({Permission.SEE, Permission.AUDIT}),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether an account of this role may do it, for units within its scope."""
    return permission in PERMISSIONS[role]
