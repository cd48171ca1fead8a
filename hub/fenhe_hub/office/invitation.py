"""The invitation sheet of a unit: one page that prints, with all that its first hour needs. Pure.

Start at `Invitation`; the page is `templates/console/invitation.html` of the console. What a unit
compares by telephone stands here in groups, and is still read aloud: paper can be copied falsely.
"""

from dataclasses import dataclass

from fenhe_hub.casework.obliged import Obliged
from fenhe_protocol.terminal import grouped

BLANK = "________________"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who invites: the hub's address, name and fingerprint, and whom one calls there."""

    url: str
    origin: str
    fingerprint: str
    office: str = ""
    phone: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The fingerprint as it is read aloud, the groups of a line together."""
        words = grouped(self.fingerprint).split()
        return tuple(" ".join(words[at : at + 8]) for at in range(0, len(words), 8))


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the sheet of one unit says; what is not known is a line to fill in."""

    unit: Obliged
    sender: Sender
    day: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The unit's part: label and text."""
        return (
            ("单位全称", self.unit.name),
            ("统一社会信用代码", self.unit.uscc),
            ("主管部门", self.unit.authority or BLANK),
            ("联系部门", self.unit.office or BLANK),
            ("接入期限", self.unit.due_on or BLANK),
        )

    @property
    def hub_lines(self) -> tuple[tuple[str, str], ...]:
        """The hub's part, without its fingerprint."""
        return (
            ("省平台网址", self.sender.url),
            ("省平台名称", self.sender.origin),
            ("受理部门", self.sender.office or BLANK),
            ("电话", self.sender.phone or BLANK),
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the first hour; `command` is typed as it stands."""

    title: str
    text: str
    command: str = ""


STEPS: tuple[Step, ...] = (
    Step(
        "准备",
        "一台 Debian 12 服务器（1 核、256 MB，能上网，时间准）；单位登记证书；仪器清单"
        "（国家平台的 equipment.xls 原样即可，也可以是 .xlsx、CSV）。"
        "不要域名、证书，防火墙不用开口子。",
    ),
    Step("安装", "管理员身份运行，安装包向省平台要。", "apt install ./fenhe-node_*.deb"),
    Step(
        "向导",
        "一问一答，随时可停，再运行就接着做；喜欢用浏览器的加 --browser。",
        "fenhe-node setup",
    ),
    Step(
        "核对",
        "问到省平台网址，照本页填。屏幕上显示省平台的指纹时，打本页的电话，请对方念，逐组对照；"
        "不要只照本页对：纸可以是假的。",
    ),
    Step(
        "登记",
        "还在电话里，把本单位的指纹念给省平台，并交去 public/root/1 这个文件（没有秘密）。"
        "登记了，几秒钟就有回执；日期以回执为准。",
    ),
)
"""As in the quick start, `docs/zh-CN/quick-start.md`; a test holds the commands together."""
