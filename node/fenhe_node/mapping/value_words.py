"""What units write in place of the codes, by kind and field."""

# As units write them; each that occurs is written into the suggested mapping, for the unit to see.
# A word that could mean two codes (校外) is not here.
_STATUS = {
    "在用": "normal",
    "完好": "normal",
    "良好": "normal",
    "正常使用": "normal",
    "正常运行": "normal",
    "闲置": "standby",
    "备用": "standby",
    "停用": "standby",
    "在修": "awaiting_repair",
    "维修": "awaiting_repair",
    "维修中": "awaiting_repair",
    "待维修": "awaiting_repair",
    "故障": "awaiting_repair",
    "拟报废": "awaiting_scrap",
}
_ORGANISATIONS = {
    "高校": "university",
    "大学": "university",
    "研究所": "institute",
    "科研单位": "institute",
    "科研机构": "institute",
    "公司": "enterprise",
}
_INSIDE = ("校内", "院内", "所内", "本校", "本院", "本所", "本单位", "单位内部", "内部", "内部用户")
VALUE_WORDS: dict[tuple[str, str], dict[str, str | int]] = {
    ("instrument", "status"): {**_STATUS},
    ("unit", "type"): {**_ORGANISATIONS, "医院": "hospital"},
    ("service_record", "user_class"): {**_ORGANISATIONS, **dict.fromkeys(_INSIDE, "internal")},
    ("service_record", "way"): {"委托": 3, "委托测试": 3, "委托检测": 3, "远程": 4},
}
