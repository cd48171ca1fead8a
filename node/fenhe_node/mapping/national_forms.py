"""What the national platform's forms and units' lists call the fields of all other kinds.

Every title of a schema is known besides (`suggestion`); here stand the ids, which have no title of
their own, and the headers of the platform's center.xls and device.xls. As in `synonyms`.
"""

Synonyms = tuple[tuple[str, tuple[str, ...]], ...]

_NUMBER = ("编号", "编码", "id")
_OFFICE: Synonyms = (
    ("service_office.landline", ("电话", "联系人电话", "座机", "办公电话")),
    ("service_office.address", ("通讯地址",)),
    ("service_office.postcode", ("邮政编码", "邮编")),
    ("contact_person.name", ("联系人",)),
    ("contact_person.mail", ("电子邮箱", "联系人邮箱")),
    ("contact_person.unit_name", ("联系人单位",)),
    ("contact_person.position", ("联系人职务",)),
)
_PLACE: Synonyms = (
    ("location.province", ("安放地址-省份", "安放地址-省")),
    ("location.city", ("安放地址-城市", "安放地址-市")),
    ("location.county", ("安放地址-区县",)),
    ("location.street", ("安放地址-街道",)),
)
_CENTRE: Synonyms = (
    ("id", ("所在单位中心编号", *_NUMBER)),
    ("nrii_no", ("中心编号",)),
    ("name_zh", ("仪器中心名称", "中心名称", "名称")),
    ("value_yuan", ("仪器总原值", "仪器总值")),
    ("home_page", ("仪器中心网址", "中心网址")),
    ("service_content", ("中心简介", "服务内容")),
    *_PLACE,
    *_OFFICE,
)
_INSTALLATION: Synonyms = (
    ("id", ("所属单位科学装置编号", "装置编号", *_NUMBER)),
    ("nrii_no", ("设施编号",)),
    ("name_zh", ("装置名称", "设施名称", "名称")),
    ("name_short", ("英文简称",)),
    ("home_page", ("装置网站网址", "装置网址")),
    ("value_yuan", ("建设经费",)),
    ("accepted_on", ("验收通过日期",)),
    ("science_centre", ("科学技术中心",)),
    ("service_content", ("服务内容",)),
    ("user_notice", ("对外开放共享规定",)),
    ("supporting_unit", ("依托单位",)),
    ("approval_authority", ("批复部门",)),
    ("video_url", ("科普视频网址",)),
    ("construction", ("建设情况",)),
    ("category", ("设施类别",)),
    ("domestic_users", ("国内主要单位用户",)),
    ("foreign_users", ("国外主要单位用户",)),
    ("achievement", ("支撑国家重大科研任务、产生经济社会效益、国际合作成果等",)),
    *(
        (f"{person}.{member}", (f"{title}-{word}",))
        for person, title in (("chief_scientist", "首席科学家"), ("operation_head", "运行负责人"))
        for member, word in (
            ("name", "姓名"),
            ("phone", "电话"),
            ("mail", "邮箱"),
            ("unit_name", "单位"),
        )
    ),
    ("chief_scientist.position", ("首席科学家-职位", "首席科学家-职务")),
    ("operation_head.position", ("运行负责人-职务", "运行负责人-职位")),
    ("layout_photo", ("布局图下载网址",)),
    ("key_part_photo", ("关键部件图下载网址",)),
    ("experiment_photo", ("实验操作图下载网址",)),
    ("organisation_rules_url", ("组织管理制度下载网址",)),
    ("opening_rules_url", ("开放收费制度下载网址",)),
    ("application_rules_url", ("设施申请制度下载网址",)),
    *_PLACE,
    *_OFFICE,
)

FORMS: dict[str, Synonyms] = {
    "centre": _CENTRE,
    "installation": _INSTALLATION,
    "service_unit": (
        ("id", ("服务单元编号", *_NUMBER)),
        ("name_zh", ("服务单元名称",)),
        *_PLACE,
        *_OFFICE,
    ),
    "base": (("id", ("基地编号", *_NUMBER)), *_PLACE, *_OFFICE),
    "platform": (("id", ("平台编号", *_NUMBER)), *_OFFICE),
    "platform_resource": (("id", ("资源编号", *_NUMBER)), *_OFFICE),
    "purchase_plan": (("id", ("计划编号", *_NUMBER)),),
    "outcome": (("id", ("成果编号", *_NUMBER)),),
    "unit_year": (("id", ("年度编号", *_NUMBER)),),
    "notice_reply": (("id", ("通知编号", *_NUMBER)),),
    "feedback_reply": (("id", ("意见编号", *_NUMBER)),),
}
