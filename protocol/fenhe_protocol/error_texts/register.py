"""What is wrong with what is entered into the office's registers."""

from fenhe_protocol.error_texts.text import Text

REGISTER: dict[str, Text] = {
    "register.absent": Text("没有这个编号", "There is nothing of this number"),
    "register.classified": Text(
        "涉密事项不进入本系统, 连“已豁免”也不显示: 由单位以“涉密”为由删除记录",
        "What is classified appears nowhere, not even as exempt: its unit deletes the record",
    ),
    "register.known": Text("已经办过了", "This has been done already"),
    "register.list": Text("清单里没有认出要用的列", "The list has no columns that are needed"),
    "register.personal": Text(
        "含个人信息, 不予保存: 写单位、科室和文号, 不写姓名和手机号",
        "Holds personal data and is not kept: write offices and documents, no names",
    ),
    "register.state": Text("按现在的状态不能这样办", "Not possible as things stand"),
    "register.value": Text("这一项没有填对", "This is not as it must be"),
}
