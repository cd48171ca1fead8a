"""What is wrong with what the hub's office is asked to do."""

from fenhe_protocol.error_texts.text import Text

OFFICE: dict[str, Text] = {
    "office.long": Text(
        "内容太长，平台日志一条放不下；请写短些，或分几次办",
        "Too long for one line of the hub's log: say less, or do it in parts",
    ),
    "office.permission": Text(
        "这个账号的角色不能做这件事", "The role of this account does not permit it"
    ),
    "office.scope": Text(
        "这个单位不归该账号所属的部门管", "The unit is not in the scope of this account's authority"
    ),
}
