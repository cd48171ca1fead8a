"""The console's tabs, in their order. One shows to whoever may open the page at its path."""

from fenhe_client.console.door import Section

SECTIONS = (
    Section("/", "今天", "Today"),
    Section("/units", "单位", "Units", also=("/unit",)),
    Section("/findings", "发现", "Findings", also=("/finding",)),
    Section("/exemptions", "豁免与异议", "Exemptions"),
    Section("/measures", "措施", "Measures"),
    Section("/notices", "通知", "Notices"),
    Section("/complaints", "投诉", "Complaints"),
    Section("/reports", "报告", "Reports"),
    Section("/charts", "图表", "Charts"),
    Section("/obliged", "应报单位", "Obliged"),
    Section("/reviews", "评议与评价", "Reviews"),
    Section("/enrolment", "登记", "Enrolment"),
    Section("/harvest", "汇集", "Harvest"),
    Section("/quarantine", "隔离与证据", "Quarantine"),
    Section("/forwarding", "上报", "Forwarding"),
    Section("/rules", "规则", "Rules"),
    Section("/authorities", "主管部门", "Authorities"),
    Section("/accounts", "账号", "Accounts"),
    Section("/audit", "日志", "Audit log"),
    Section("/settings", "设置", "Settings"),
)
