"""The node's configuration: `config.yaml` as a frozen value. The only place that reads that file.

Unknown keys are refused by name; `init` writes every key with its default and one line why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from fenhe_client.keys import signing_settings
from fenhe_client.log_lines import LogForm, log_form
from fenhe_client.settings_file import load_settings, set_line
from fenhe_client.witness.settings import WitnessSettings
from fenhe_node.settings.backup import BackupSettings
from fenhe_node.settings.mail import MailSettings
from fenhe_node.settings.orders import OrderSettings
from fenhe_node.settings.site import SiteSettings
from fenhe_node.settings.soap_intake import SoapIntakeSettings
from fenhe_node.settings.sources import SourceSettings, check_names
from fenhe_protocol.settings import render_settings, setting

PushPolicy = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class NodeConfig:
    """Everything an operator can set; the names are the keys of the file."""

    unit_name: str = setting(zh="单位全称，与登记证书一致", en="the unit's full name as registered")
    uscc: str = setting(
        zh="统一社会信用代码；登记后不可更改", en="unified social credit code; never changes"
    )
    origin: str = setting(
        zh="本单位数据源的名称，不是网址；登记后不可更改",
        en="the name of this unit's feed, not an address; never changes once enrolled",
    )
    public_url: str = setting(
        default="",
        zh="外界访问本节点的网址；空则为 https://<origin>",
        en="the address at which others reach this node; https://<origin> if empty",
    )
    hub: str = setting(default="", zh="省平台网址", en="the address of the province's hub")
    listen: str = setting(
        default="127.0.0.1:8640",
        zh="本机监听地址；由 Web 服务器转发时不必改；空则不监听，全部推送给省平台",
        en="where serve listens; fine as it is behind a web server; empty: nowhere, all is pushed",
    )
    console: str = setting(
        default="127.0.0.1:8641",
        zh="管理台监听地址；默认只有本机能打开；换成别的地址须先用 password 设口令；空则不开",
        en="where the console listens; this machine alone by default, elsewhere only with sign-in"
        " (`password`); empty: none",
    )
    push: PushPolicy = setting(
        default="auto",
        zh="推送：auto 先通知省平台来取，取不到就推送；always 总是推送；never 从不",
        en="auto: tell the hub, and send all if it does not come; always: send all; never: neither",
    )
    publish_at: str = setting(
        default="",
        zh='定时发布，crontab 五段写法，如 "30 2 * * *"；空则只手动发布',
        en='when to publish by itself, as five crontab fields ("30 2 * * *"); empty: only by hand',
    )
    hub_tiers: tuple[str, ...] = setting(
        default=("hub", "nat"),
        zh="已信任的省平台可读的级别：hub 和 nat（密封，省平台打不开）",
        en="the tiers that a trusted hub may read: hub, and nat, which is sealed even to the hub",
    )
    fewest_users: int = setting(
        default=3,
        zh="使用情况中，用户少于此数的格子不公布",
        en="cells of usage summaries with fewer users than this are withheld",
    )
    retention_years: dict[str, int] = setting(
        default_factory=dict,
        zh="保存几年，过期自动彻底删除，如 {service_record: 5}；空则不删",
        en="years kept, by kind, before being erased, as {service_record: 5}; empty: for ever",
    )
    witnesses: tuple[WitnessSettings, ...] = setting(
        default=(),
        zh="别人运行的见证人；省平台停机时，以它的时间为报送日期的证据",
        en="witnesses run by others; their times count when the hub was away",
    )
    site: SiteSettings = setting(
        default_factory=SiteSettings, zh="公共网页的样子", en="the looks of the public pages"
    )
    orders: OrderSettings = setting(
        default_factory=OrderSettings,
        zh="公共网页上的服务申请",
        en="service requests on the public pages",
    )
    mail: MailSettings = setting(default_factory=MailSettings, zh="发邮件", en="how mail goes out")
    backup: BackupSettings = setting(
        default_factory=BackupSettings, zh="自动备份", en="copies of this folder, by themselves"
    )
    soap_intake: SoapIntakeSettings = setting(
        default_factory=SoapIntakeSettings,
        zh="单位已有系统按国家平台接口报到本节点",
        en="systems that report to the national platform, pointed here instead",
    )
    sources: tuple[SourceSettings, ...] = setting(
        default=(),
        zh="自动取数的来源：文件、监视的文件夹、NEMO、数据库",
        en="lists that come by themselves: files, a watched folder, NEMO, databases",
    )
    least_free_mib: int = setting(
        default=256, zh="磁盘剩余低于此值，自检即不通过", en="free disk below this is unhealthy"
    )
    log_form: LogForm = log_form()
    root_sign_command: str = signing_settings.root_sign_command()
    sm2: bool = signing_settings.sm2()
    sm2_sign_command: str = signing_settings.sm2_sign_command()
    utc_offset_minutes: int = setting(
        default=480, zh="本地时间与 UTC 相差的分钟数", en="minutes from UTC to local time"
    )

    def __post_init__(self) -> None:
        """Judge what a type cannot; ValueError names the key."""
        if not set(self.hub_tiers) <= {"hub", "nat"}:
            raise ValueError(f"hub_tiers: hub, nat; found {', '.join(self.hub_tiers)}")
        if not 1 <= self.fewest_users <= 1000:
            raise ValueError(f"fewest_users: 1 to 1000; found {self.fewest_users}")
        if not -1439 <= self.utc_offset_minutes <= 1439:
            raise ValueError(f"utc_offset_minutes: -1439 to 1439; found {self.utc_offset_minutes}")
        if any(years < 1 for years in self.retention_years.values()):
            raise ValueError("retention_years: at least 1")
        if self.publish_at and len(self.publish_at.split()) != 5:
            raise ValueError(f"publish_at: five fields; found {self.publish_at!r}")
        check_names(self.sources)
        if self.listen:
            split_listen(self.listen)
        if self.console:
            split_listen(self.console, "console")

    @property
    def address(self) -> str:
        """The unit's public address without a slash at the end."""
        return (self.public_url or f"https://{self.origin}").rstrip("/")

    @property
    def base(self) -> str:
        """The path of the public address: empty, or `/u/…`."""
        return urlsplit(self.address).path.rstrip("/")

    @property
    def public_host(self) -> str:
        """Scheme and host of the public address, to which a request's path is added."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


def split_listen(text: str, key: str = "listen") -> tuple[str, int]:
    """`127.0.0.1:8640` and `[::1]:8640` as host and port; ValueError."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"{key}: HOST:PORT; found {text!r}")
    return host.strip("[]"), int(port)


def load_config(file: Path) -> NodeConfig:
    """Read `config.yaml`; SetupError names the key or the line that is wrong."""
    return load_settings(NodeConfig, file)


def follow_address(file: Path, old: str, new: str) -> None:
    """Let the file name the address that is now signed, where it named the old one."""
    if old != new and load_config(file).address == old:
        set_line(file, "public_url", new)


def render_config(given: Mapping[str, Any]) -> str:
    """Write a file with every key, its reason and its default or the value given."""
    return render_settings(NodeConfig, given)
