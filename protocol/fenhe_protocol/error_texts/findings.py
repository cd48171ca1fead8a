"""What goes wrong with the proof of a finding: making it at the hub, judging it anywhere."""

from fenhe_protocol.error_texts.text import Text

FINDINGS: dict[str, Text] = {
    "finding.absent": Text(
        "没有这条认定，可能已变化，先重新检查",
        "There is no such finding: it may have changed, judge again first",
    ),
    "finding.body": Text(
        "出示的正文与条目的承诺不符", "A body that is shown is not the one its leaf commits to"
    ),
    "finding.closed": Text(
        "没有出示的正文与所列理由对不上",
        "The bodies that are not shown are not just those for which a reason is given",
    ),
    "finding.ended": Text(
        "日志超过了单位根文档规定的终点",
        "The log goes beyond where the unit's root documents end it",
    ),
    "finding.form": Text("不是规定格式的认定证明文件", "Not a finding's file of the form"),
    "finding.large": Text("证明文件太大，做不出来", "The file would be too large to be made"),
    "finding.log": Text("这一段不是省平台自己的日志", "This part is not of the hub's own log"),
    "finding.name": Text("认定的编号不对", "Not the name of a finding"),
    "finding.order": Text("条目、检查点或日志的次序不对", "Leaves, heads or logs are out of order"),
    "finding.roots": Text(
        "缺少省平台或单位的根文档", "The root documents of hub or unit are lacking"
    ),
    "finding.rules": Text(
        "所附规则集不是省平台日志公告过的那一份",
        "The rule set is not the one that the hub's log announced",
    ),
    "finding.tree": Text(
        "条目与签名的树根不符，有条目被改动、增加或去掉",
        "The leaves do not come to the signed root: one was changed, added or taken away",
    ),
    "finding.unit": Text(
        "单位的根文档与省平台的登记不符",
        "The unit's root documents are not those that the hub registered",
    ),
    "finding.unregistered": Text(
        "省平台的日志里没有出示该单位的登记",
        "No registration of the unit in the hub's log is shown",
    ),
    "finding.unsaid": Text(
        "省平台的日志还没有公告，发布后再做",
        "The hub's log does not say it yet: make it after the next publish",
    ),
    "finding.word": Text("省平台日志里的一条读不懂", "A word of the hub's log cannot be read"),
}
