"""What the acts are called on pages; one that stands not here is shown by its own name."""

from collections.abc import Mapping

ACT_NAMES: Mapping[str, str] = {
    "account.made": "新设账号",
    "account.changed": "改账号角色或部门",
    "account.ended": "停用账号",
    "account.password_set": "设口令",
    "account.signed_in": "登录",
    "account.signed_out": "退出",
    "account.turned_away": "登录失败",
    "report.made": "编制报告",
    "authority.put": "登记主管部门",
    "authority.ended": "主管部门失效",
    "belonging.begun": "单位归入部门",
    "belonging.ended": "单位不再归部门",
    "obliged.listed": "列入应报单位",
    "obliged.invited": "邀请单位",
    "obliged.waiting": "单位等待登记",
    "obliged.released": "豁免或移出单位",
    "obliged.restored": "恢复应报单位",
    "exemption.asked": "提出豁免",
    "exemption.granted": "批准豁免",
    "exemption.refused": "不批准豁免",
    "exemption.revoked": "撤销豁免",
    "objection.raised": "登记异议",
    "objection.answered": "答复异议",
    "review.registered": "登记查重评议结论",
    "review.withdrawn": "撤回查重评议结论",
    "evaluation.registered": "登记评价结果",
    "evaluation.withdrawn": "撤回评价结果",
    "measure.proposed": "提出措施",
    "measure.withdrawn": "撤回建议",
    "measure.rejected": "不予采纳",
    "measure.decided": "决定措施",
    "measure.remarked": "记跟进情况",
    "measure.revoked": "撤销措施",
    "measure.closed": "办结措施",
    "notice.said": "发出通知",
    "notice.fetched": "节点取走通知",
    "notice.mailed": "邮寄通知",
    "complaint.received": "收到投诉",
    "complaint.words": "密封的内容",
    "complaint.added": "反映人补充",
    "complaint.unlocked": "打开投诉密钥",
    "complaint.opened": "打开投诉内容",
    "complaint.routed": "转交投诉",
    "complaint.taken_up": "开始办理投诉",
    "complaint.answered": "答复投诉",
    "complaint.closed": "办结投诉",
    "complaint.reopened": "重新办理投诉",
    "complaint.forgotten": "到期删除投诉内容",
}


def act_name(name: str) -> str:
    """What an act is called."""
    return ACT_NAMES.get(name, name)
