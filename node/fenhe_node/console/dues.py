"""What somebody at the unit has to do today, the worst first. Pure; `today` gathers the facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from fenhe_node.store.findings import KeptFinding
from fenhe_node.store.notices import KeptNotice, KeptRefusal

BAD, DUE, SOON = 0, 1, 2
JOBS = {
    "heartbeat": "心跳（表示本单位在线）",
    "sweep": "清理过时文件",
    "trust": "核对省平台的密钥",
    "receipts": "取回执",
    "check-files": "逐个核对文件",
    "push": "推送到省平台",
    "witness": "请见证人联署",
    "publish": "定时发布",
    "retention": "到期删除",
    "backup": "备份",
    "sources": "从数据来源收集",
    "requests": "删除到期的服务申请",
    "mail": "发邮件",
    "calendars": "读取预约系统的忙闲",
    "export-site": "导出静态网页",
}
STATES = {"overdue": "逾期", "due": "待办", "provisional": "暂定", "unknown": "无法判断"}
REFUSED = {
    "schema": "内容不合规范",
    "privacy": "含有个人信息",
    "size": "内容太长",
    "empty": "没有可以发布的内容",
    "unit": "单位代码不是本单位",
    "envelope": "各级正文说的不是同一条",
    "json": "格式不对",
    "log": "放错了日志",
}
MEND = {
    "schema": "按“应为”改好这一项，再发布",
    "privacy": "删去姓名、电话、身份证号等个人信息，再发布；已发布的用手册“彻底删除”抹去",
    "unit": "单位代码须是本单位的统一社会信用代码",
    "body-mismatch": "本机文件与签名不符：从备份拷回，或打电话给省平台",
    "no-body": "省平台没取到正文：看看推送或网络，过一会儿再看",
}


@dataclass(frozen=True)
class Due:
    """One thing to do: how urgent, what, where on the console, what to do about it."""

    level: int
    text: str
    link: str = ""
    todo: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of the unit; dates are texts, as `2026-11-23`."""

    today: str
    trusted: bool
    pending: int
    vanished: int
    refused_rows: Sequence[tuple[int, str, int]]  # import number, file, rows
    refusals: Sequence[tuple[KeptRefusal, str, str]]  # with the record's name and link
    notices: Sequence[KeptNotice]
    alarms: Sequence[str]
    missed: Sequence[str]
    failed: Mapping[str, str]  # job: why
    damaged: int
    without_receipt: int
    requests: int = 0  # that wait for the unit
    letters: int = 0  # that could not be mailed
    unit_lacks: Sequence[str] = field(default_factory=tuple)  # titles of fields
    unit_form: str = "/records?kind=unit"
    findings: Sequence[KeptFinding] = field(default_factory=tuple)


def dues(facts: Facts) -> list[Due]:
    """Everything there is to do."""
    return sorted(_all(facts), key=lambda due: due.level)


def _all(facts: Facts) -> Iterator[Due]:
    for text in facts.alarms:
        yield Due(BAD, text, "/help#alarm", "打电话给省平台核对")
    if facts.damaged:
        yield Due(
            BAD, f"{facts.damaged} 个文件损坏，没能自己修好", "/help#damaged", "从备份恢复这些文件"
        )
    yield from _of_notices(facts)
    yield from _of_findings(facts.findings)
    for refusal, name, link in facts.refusals:
        yield _of_refusal(refusal, name, link)
    for number, file, rows in facts.refused_rows:
        yield Due(
            DUE, f"“{file}”有 {rows} 行没有导入", f"/imports/{number}", "改好标出的格子再导入"
        )
    for job in facts.missed:
        yield Due(DUE, f"该做而没做：{JOBS.get(job, job)}", "#jobs", "节点可能停过，看下次是否正常")
    for job, why in facts.failed.items():
        yield Due(DUE, f"没做成：{JOBS.get(job, job)}（{why}）", "#jobs")
    yield from _of_requests(facts)
    yield from _of_records(facts)


def notice_link(notice: KeptNotice) -> str:
    """Where a notice is read and answered."""
    return f"/notices/one?{urlencode({'hub': notice.hub, 'number': notice.number})}"


def _of_notices(facts: Facts) -> Iterator[Due]:
    for notice in facts.notices:
        if notice.reply:
            continue
        late = bool(notice.answer_by) and notice.answer_by < facts.today
        by = f"，{'已过' if late else ''}答复期限 {notice.answer_by}" if notice.answer_by else ""
        level = BAD if late else DUE
        yield Due(
            level, f"省平台通知 {notice.number} 还没答复{by}", notice_link(notice), "点开答复"
        )


def _of_findings(findings: Sequence[KeptFinding]) -> Iterator[Due]:
    """One line for each rule and state: a hundred instruments may lack the same."""
    groups: dict[tuple[str, str], list[KeptFinding]] = {}
    for each in findings:
        groups.setdefault((each.rule, each.state), []).append(each)
    for (rule, state), group in groups.items():
        first = min((each.due for each in group if each.due), default="")
        by = f"，最早期限 {first}" if first else ""
        what = f"{STATES.get(state, state)} {len(group)} 项"
        level = BAD if state == "overdue" else DUE if state == "due" else SOON
        name = group[0].rule_name or rule
        yield Due(level, f"{name}：{what}{by}", f"/findings#{rule}", group[0].todo)


def _of_refusal(refusal: KeptRefusal, name: str, link: str) -> Due:
    sides = [f"应为 {refusal.expected}"] if refusal.expected else []
    sides += [f"实为 {refusal.found}"] if refusal.found else []
    said = REFUSED.get(refusal.code, refusal.code)
    text = f"省平台退回：{name}（{'；'.join([said, *sides])}）"
    return Due(DUE, text, link, MEND.get(refusal.code, "按省平台说的改好，再发布"))


def _of_requests(facts: Facts) -> Iterator[Due]:
    if facts.requests:
        text = f"{facts.requests} 份服务申请等着办理"
        yield Due(DUE, text, "/requests", "受理、排期或答复")
    if facts.letters:
        text = f"{facts.letters} 封邮件没有发出"
        yield Due(DUE, text, "/requests", "另行联系申请人，核对发信设置")


def _of_records(facts: Facts) -> Iterator[Due]:
    if not facts.trusted:
        yield Due(DUE, "还没有信任省平台，发布的内容没有人来取", "/help#hub", "一次即可，见帮助")
    if facts.pending:
        yield Due(DUE, f"{facts.pending} 条改动等着发布", "/publish", "看一遍，点发布")
    if facts.vanished:
        link = "/records?kind=instrument&state=vanished"
        yield Due(SOON, f"{facts.vanished} 条记录清单里没有了，仍在公开", link, "删除或补回清单")
    if facts.unit_lacks:
        lacks = "、".join(facts.unit_lacks)
        yield Due(SOON, f"单位信息还缺：{lacks}", facts.unit_form, "补上再发布")
    if facts.without_receipt and facts.trusted:
        text = f"{facts.without_receipt} 条已发布的记录还没有回执"
        yield Due(SOON, text, "/publish", "一般几分钟内就有；过一小时仍没有，看上面的提示")
