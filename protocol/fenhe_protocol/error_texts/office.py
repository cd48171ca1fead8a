"""What is wrong with what the hub's office is asked to do."""

from fenhe_protocol.error_texts.text import Text

OFFICE: dict[str, Text] = {
    "office.permission": Text(
        "这个账号的角色不能做这件事", "The role of this account does not permit it"
    ),
    "office.scope": Text(
        "这个单位不归该账号所属的部门管", "The unit is not in the scope of this account's authority"
    ),
}
