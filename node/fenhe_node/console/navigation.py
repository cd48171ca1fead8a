"""The console's tabs, in their order. One shows as soon as a page answers at its path."""

from fenhe_client.console.door import Section

SECTIONS = (
    Section("/", "今天", "Today"),
    Section("/records", "记录", "Records"),
    Section("/imports", "导入", "Imports"),
    Section("/tiers", "分级", "Who sees what"),
    Section("/publish", "发布", "Publish"),
    Section("/fees", "收费", "Fees"),
    Section("/usage", "使用", "Usage"),
    Section("/outcomes", "成果", "Outcomes"),
    Section("/requests", "服务申请", "Requests"),
    Section("/keys", "密钥与备份", "Keys, backup"),
    Section("/help", "帮助", "Help"),
)
