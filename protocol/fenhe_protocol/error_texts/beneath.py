"""What may be wrong with a hub beneath another, or with what it says of a unit (feed §10)."""

from fenhe_protocol.error_texts.text import Text

BENEATH: dict[str, Text] = {
    "below.conflict": Text(
        "下级平台所说的指纹或代码与已知的不同",
        "A hub beneath names another fingerprint or code than is known",
    ),
    "below.date": Text(
        "下级平台说的首次回执日期不可能：早于单位建立或在那里登记，或在将来",
        "A hub beneath names a first day that cannot be: before the unit was founded or registered"
        " there, or to come",
    ),
    "below.depth": Text("平台的层级太深", "The hub lies too deep"),
    "below.loop": Text(
        "该平台已直接或间接汇集本平台", "The hub reads this one already, or one above it"
    ),
    "below.name": Text(
        "下级平台所说的来源名称与已知的相冲突",
        "The origin that a hub beneath names collides with one that is known",
    ),
    "below.reg": Text("下级平台的登记不完整", "A registration of a hub beneath says too little"),
    "below.unit": Text(
        "该代码已由另一个来源发布", "Another origin publishes for that code already"
    ),
}
