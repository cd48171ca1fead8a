"""What a visit came to, in words for the operator, and what to do; the codes stay beside them."""

from collections.abc import Mapping

from fenhe_hub.agenda.planner import Outcome
from fenhe_protocol.error_texts import TEXTS

WORDS: Mapping[Outcome, str] = {
    Outcome.NEW: "还没去过",
    Outcome.GROWN: "有新增",
    Outcome.UNCHANGED: "无变化",
    Outcome.OLDER: "给的是旧的",
    Outcome.DEFER: "没取到",
    Outcome.REFUSE: "未通过验证",
    Outcome.QUARANTINE: "已隔离",
}
_CALL = "给单位打电话：节点开着吗、从外网打得开吗"
_TO_DO: Mapping[Outcome, str] = {
    Outcome.OLDER: "反复出现时，请单位清缓存、查负载均衡",
    Outcome.DEFER: f"会自动重试；一直不好，{_CALL}",
    Outcome.REFUSE: "把代码和位置告诉单位，请它恢复原来的文件；改好后自动继续",
    Outcome.QUARANTINE: "打电话问单位是不是回滚过机器；见“隔离与证据”",
}
_BY_CODE: Mapping[str, str] = {
    "fetch.connect": f"连不上：{_CALL}，防火墙放行本平台了吗",
    "fetch.tls": "证书不可信或已到期：请单位换证书",
    "fetch.address": "这是内网地址：登记时没有允许内网，或请单位改用公网地址",
    "fetch.status": "对方的网页服务器答了错误：请单位看网页服务器的日志",
    "fetch.timeout": "太慢：请单位查带宽和机器",
    "fetch.slow": "太慢：请单位查带宽和机器",
    "fetch.absent": "地址上没有这个文件：请单位看网页目录是不是放对了",
    "fetch.denied": "对方不认本平台的请求密钥：请单位在节点上信任本平台（trust）",
    "fetch.redirect": "地址被转到别处：打电话核对，地址变了要用新的根文档公布",
    "root.": "单位换过密钥或地址：打电话核对，再在登记册里“立即读取新的根文档”",
    "key.": "密钥有问题：打电话核对，再在登记册里“立即读取新的根文档”",
    "push.": "由单位推送的：请它看自己的 fenhe-node status",
}


def told(outcome: str, code: str, *more: str) -> str:
    """`没取到 defer: fetch.connect 无法连接 …`; `more` is a place or a remark, empty if none."""
    said = f"{WORDS[Outcome(outcome)]} {outcome}"
    why = " ".join(filter(None, (code, code_text(code), *more)))
    return f"{said}: {why}" if why else said


def code_text(code: str) -> str:
    """What a code says in Chinese; empty for one that this version does not know."""
    return TEXTS[code].zh if code in TEXTS else ""


def to_do(outcome: str, code: str) -> str:
    """What an operator does about it; empty where there is nothing to do."""
    known = _TO_DO.get(Outcome(outcome), "")
    if not known or outcome == Outcome.QUARANTINE:
        return known
    return next((text for begin, text in _BY_CODE.items() if code.startswith(begin)), known)
