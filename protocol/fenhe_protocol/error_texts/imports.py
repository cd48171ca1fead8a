"""Texts of what can go wrong with files that are given to the console, and with entries there."""

from fenhe_protocol.error_texts.text import Text

IMPORTS: dict[str, Text] = {
    "import.busy": Text(
        "另一份清单正在导入: 等它完成, 或先停止它",
        "Another list is being imported: wait for it, or stop it first",
    ),
    "import.full": Text(
        "等待导入的文件太多: 先收下或放弃一些",
        "Too many files wait to be imported: take some in or drop them first",
    ),
    "import.gone": Text(
        "这个文件已不在这里 (收下、放弃或过期): 重新上传",
        "This file is no longer here (taken in, dropped or too old): upload it again",
    ),
    "import.stopped": Text("已停止, 什么也没有改变", "Stopped; nothing was changed"),
    "usage.reason": Text(
        "更正要写明原因", "A correction needs a reason, which is kept with what it was before"
    ),
}
