"""`config.yaml`: read once at start, every key known, every default written out by `init`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from fenhe_client.fetching.listening import parse_listen
from fenhe_client.keys import signing_settings
from fenhe_client.log_lines import LogForm, log_form
from fenhe_client.settings_file import load_settings, set_line
from fenhe_client.witness.settings import WitnessSettings
from fenhe_hub.agenda.planner import Pace
from fenhe_hub.feedback.settings import ComplaintSettings
from fenhe_hub.mailing.settings import MailSettings
from fenhe_hub.sign_on.settings import SignOnSettings
from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.limits import BLOCK, Limits
from fenhe_protocol.settings import render_settings, setting

_LIMITS = Limits()
_WEEK_HOURS = 168

Tier = Literal["hub", "nat"]
Fund = Literal["central", "local", "own", "other"]


@dataclass(frozen=True)
class ReaderSettings:
    """Who else may read what is held: a supervisor, an auditor, a hub above."""

    name: str = setting(zh="读者名称，只用于记录", en="who it is, for the log")
    key: str = setting(
        zh="对方的请求公钥（base64，32字节），当面核对",
        en="its public request key (base64 of 32 bytes), compared in person",
    )
    tiers: tuple[Tier, ...] = setting(default=("hub",), zh="可读的层级", en="the tiers it may read")
    units: tuple[str, ...] | None = setting(
        default=None, zh="可读的单位来源；空为全部", en="the unit origins it may read; null is all"
    )

    def __post_init__(self) -> None:
        b64_decode(self.key, size=32)

    @property
    def public(self) -> bytes:
        """The raw 32 bytes of the key."""
        return b64_decode(self.key, size=32)


@dataclass(frozen=True)
class HubConfig:
    """Everything an operator may set."""

    origin: str = setting(
        zh="省平台的来源名称，永不改变", en="the hub's origin: a name, fixed for ever"
    )
    public_url: str = setting(
        zh="外界访问本平台的地址，签名请求按它核对",
        en="the address under which others reach this hub; signed requests are checked against it",
    )
    interval_seconds: int = setting(
        default=300, zh="多久看一次每个单位", en="how often each log is visited"
    )
    longest_seconds: int = setting(
        default=21_600, zh="失败后最长间隔", en="the longest pause after failures"
    )
    at_once: int = setting(
        default=32,
        zh="同时访问多少个日志；上次失败的另有 64 个位置",
        en="logs visited at once; those that failed at their last visit have 64 places besides",
    )
    for_each_host: int = setting(
        default=4, zh="同一主机同时访问多少个", en="logs visited at once on one host"
    )
    patience_seconds: int = setting(
        default=5,
        zh="一次访问超过多久就让位，别的单位不等它",
        en="after how long a visit stands aside, so that nobody waits for it",
    )
    visit_seconds: int = setting(
        default=int(_LIMITS.visit_seconds), zh="一次访问的时限", en="deadline of one visit"
    )
    visit_mib: int = setting(
        default=_LIMITS.visit_bytes >> 20, zh="一次访问最多读多少MiB", en="MiB read in one visit"
    )
    visit_leaves: int = setting(
        default=_LIMITS.visit_leaves, zh="一次访问最多多少条", en="leaves read in one visit"
    )
    day_leaves: int = setting(
        default=_LIMITS.day_leaves, zh="每个日志每天最多多少条", en="leaves a day and log"
    )
    publish_seconds: int = setting(
        default=10,
        zh="自身日志两次发布的最短间隔（协议要求10秒；只在测试中改小）",
        en="least seconds between two publishes of fed (the protocol says 10; less only in tests)",
    )
    advise_seconds: int = setting(
        default=60, zh="同一日志两次通告的最短间隔", en="least seconds between two `adv` of a log"
    )
    check_seconds: int = setting(
        default=3600, zh="多久重算一次规则；0为不算", en="how often rules are judged; 0: never"
    )
    probe_hours: int = setting(
        default=0,
        zh="每隔几小时从外部看一次各单位公布的预约和服务网址、制度文件（D12）；0为不看",
        en="hours between two looks from outside at each booking page and document that units name"
        " (D12); 0: never",
    )
    forward_seconds: int = setting(
        default=0, zh="多久上报一次国家平台；0为不报", en="how often to forward; 0: never"
    )
    rules: str = setting(
        default="",
        zh="规则集文件；空为按决定施行的，没有决定时为自带的",
        en="the rule set's file; empty: the one that was decided, else the shipped one",
    )
    workdays: str = setting(
        default="",
        zh="工作日历文件，添加新公布的年份；空为目录下的workdays.yaml（可以没有）",
        en="a file of working days that adds years as they are announced; empty: workdays.yaml of"
        " the home, which need not be there",
    )
    national_wsdl: str = setting(
        default="", zh="国家平台接口的WSDL地址；空为不报", en="address of the WSDL; empty: never"
    )
    national_approval: bool = setting(
        default=True,
        zh="上报前须主管部门审核（国科发基〔2017〕289号第11条）",
        en="the competent authority approves before upload",
    )
    national_line_yuan: int = setting(
        default=500_000, zh="国家平台的价值线（元）", en="least value in yuan that is forwarded"
    )
    national_funds: tuple[Fund, ...] = setting(
        default=("central", "local"), zh="须报的经费来源", en="sources of funds that are forwarded"
    )
    national_seconds: int = setting(
        default=30, zh="调用国家平台一次的时限", en="deadline of one call to the platform"
    )
    least_free_mib: int = setting(
        default=1024, zh="磁盘剩余低于此值即告警", en="free disk below this is unhealthy"
    )
    inbox_mib: int = setting(
        default=1024,
        zh="每个单位推送来的条目最多暂存多少MiB",
        en="MiB of pushed entries that wait for each unit at most",
    )
    inboxes_mib: int = setting(
        default=16384,
        zh="所有单位推送来的条目总共最多暂存多少MiB",
        en="MiB of pushed entries that wait for all units together at most",
    )
    console: str = setting(
        default="127.0.0.1:8643",
        zh="管理台监听地址；默认只有本机能打开，都要登录；空则不开",
        en="where the console listens, this machine alone by default; everybody signs in; empty:"
        " none",
    )
    contact_office: str = setting(
        default="",
        zh="受理部门，印在邀请单上",
        en="the office that units call, printed on invitations",
    )
    contact_phone: str = setting(
        default="",
        zh="受理部门的座机，印在邀请单上",
        en="its landline, printed on invitations",
    )
    sign_on: SignOnSettings = setting(
        default_factory=SignOnSettings,
        zh="管理台的统一身份登录（OpenID Connect）",
        en="signing in to the console by OpenID Connect",
    )
    log_form: LogForm = log_form()
    root_sign_command: str = signing_settings.root_sign_command()
    sm2: bool = signing_settings.sm2()
    sm2_sign_command: str = signing_settings.sm2_sign_command()
    readers: tuple[ReaderSettings, ...] = setting(
        default=(), zh="其他可读受限层级的读者", en="other readers of the held tiers"
    )
    mail: MailSettings = setting(default_factory=MailSettings, zh="发邮件", en="how mail goes out")
    complaints: ComplaintSettings = setting(
        default_factory=ComplaintSettings,
        zh="公众的投诉与反馈",
        en="complaints and feedback of the public",
    )

    witnesses: tuple[WitnessSettings, ...] = setting(
        default=(),
        zh="别人运行的见证人，本平台签回执后请其联署",
        en="witnesses run by others, asked to cosign what this hub has cosigned",
    )
    witness_seconds: int = setting(
        default=10, zh="多久问一次见证人；0为不问", en="how often witnesses are asked; 0: never"
    )

    def __post_init__(self) -> None:
        if any(each.verifier.name.startswith(f"{self.origin}/") for each in self.witnesses):
            raise ValueError("witnesses: 由别人运行; run by somebody else")
        if self.console:
            parse_listen(self.console)
        for name in (
            *("interval_seconds", "at_once", "for_each_host", "patience_seconds"),
            *("visit_seconds", "visit_mib"),
        ):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} < 1")
        if min(self.visit_leaves, self.day_leaves) < BLOCK:
            raise ValueError(f"visit_leaves, day_leaves: at least {BLOCK}, one bundle")
        if not 0 <= self.probe_hours <= _WEEK_HOURS:
            raise ValueError(f"probe_hours: 0 to {_WEEK_HOURS}")
        if not self.public_url.startswith(("https://", "http://")):
            raise ValueError("public_url: https://…")

    @property
    def pace(self) -> Pace:
        """What the planner needs."""
        return Pace(
            interval=self.interval_seconds,
            longest=self.longest_seconds,
            for_each_host=self.for_each_host,
            at_once=self.at_once,
            patience=self.patience_seconds,
        )

    @property
    def limits(self) -> Limits:
        """The reader's limits (feed §12)."""
        return Limits(
            visit_seconds=self.visit_seconds,
            visit_bytes=self.visit_mib << 20,
            visit_leaves=self.visit_leaves,
            day_leaves=self.day_leaves,
        )

    @property
    def public_host(self) -> str:
        """Scheme and host of the public address: what stands before every path that is signed."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """The path below which everything is served, without slash at the end."""
        return urlsplit(self.public_url).path.rstrip("/")


def load_config(file: Path) -> HubConfig:
    """Read the file; SetupError names the key that is wrong."""
    return load_settings(HubConfig, file)


def follow_address(file: Path, old: str, new: str) -> None:
    """Let the file name the address that is now signed, where it named the old one."""
    if old != new and load_config(file).public_url.rstrip("/") == old:
        set_line(file, "public_url", new)


def write_config(file: Path, given: Mapping[str, Any]) -> None:
    """Write every key with its reason; `given` are the ones without default."""
    file.write_text(render_settings(HubConfig, given), encoding="utf-8")
