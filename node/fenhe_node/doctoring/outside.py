"""What is judged of a node and those it has to do with: clocks, addresses, hubs, mail. Pure."""

from collections.abc import Iterator

from fenhe_node.doctoring.facts import OTHER, Address, Facts, HubSeen
from fenhe_node.doctoring.finding import Finding, State

DAY = 86_400
SLOW_CLOCK_SECONDS = 30
WRONG_CLOCK_SECONDS = 300  # beyond it requests are refused (feed §8)
CERTIFICATE_DAYS = 14


_NTP = "打开 NTP: timedatectl set-ntp true; let NTP set this machine's clock"


def clock(facts: Facts) -> Iterator[Finding]:
    """Ours beside those of hubs and witnesses."""
    subject = "时钟 clock"
    if not facts.clocks:
        yield Finding(subject, State.UNKNOWN, "没有可比的; nobody's to compare it with")
        return
    most = max(facts.clocks, key=lambda each: abs(each.ours - each.theirs))
    off = most.ours - most.theirs
    told = f"与 {most.who} 相差 {off:+d} 秒; {off:+d} s from {most.who}"
    if abs(off) >= WRONG_CLOCK_SECONDS:
        yield Finding(subject, State.BAD, told, _NTP)
    elif abs(off) >= SLOW_CLOCK_SECONDS:
        yield Finding(subject, State.LOOK, told, _NTP)
    else:
        yield Finding(subject, State.GOOD, told)


def certificate(facts: Facts) -> Iterator[Finding]:
    """How long others will believe the address."""
    subject, address = "证书 certificate", facts.address
    if address is None or not address.url.startswith("https:"):
        return
    if address.certificate_trouble:
        advice = "更新证书, 用完整的证书链; renew it, and serve the whole chain"
        yield Finding(subject, State.BAD, address.certificate_trouble, advice)
    elif address.certificate_until is not None:
        days = (address.certificate_until - facts.now) // DAY
        told = f"还有 {days} 天到期; {days} days left"
        if days >= CERTIFICATE_DAYS:
            yield Finding(subject, State.GOOD, told)
        else:
            state = State.LOOK if days >= 0 else State.BAD
            yield Finding(subject, state, told, "续期; renew it: certbot renew")


def proxy(facts: Facts) -> Iterator[Finding]:
    """A proxy that the environment names is not used: the hub has to be reached directly."""
    subject = "代理 proxy"
    if not facts.proxies:
        yield Finding(subject, State.GOOD, "没有设置; none is set")
        return
    named = ", ".join(f"{name}={value}" for name, value in sorted(facts.proxies.items()))
    asked = facts.hubs or ()
    if any(each.trouble for each in asked):
        advice = (
            "本程序不经代理: 请网络中心放行到省平台的 https;"
            " this program uses no proxy: have https to the hub let through"
        )
        yield Finding(subject, State.LOOK, named, advice)
    else:
        yield Finding(subject, State.GOOD, f"{named}: 不用 not used")


def reachable(facts: Facts) -> Iterator[Finding]:
    """Whether our own address leads to us, as far as that can be seen from inside."""
    subject, address = "公开网址 public address", facts.address
    if address is None:
        return
    if not address.listens:
        yield Finding(subject, State.GOOD, "只推送; nothing has to reach this node")
    elif address.trouble:
        told = f"{address.url}: {address.trouble} {address.found}".rstrip()
        yield Finding(subject, State.BAD, told, _address_advice(address, served=facts.served))
    else:
        yield Finding(subject, State.GOOD, address.url)


def _address_advice(address: Address, *, served: bool) -> str:
    if not served:
        return "systemctl start fenhe-node"
    if address.trouble == OTHER:
        return (
            "域名或转发指向了别的服务: 核对解析和 nginx;"
            " the name or the proxy leads to something else: look at DNS and nginx"
        )
    if address.trouble == "fetch.tls":
        return "见证书一行; see the line on the certificate"
    return (
        '查防火墙、域名解析和 nginx; 外网确实到不了就改为只推送 (listen: "");'
        " look at firewall, DNS and nginx; where nothing can come in, let it push only"
    )


def hub_out(facts: Facts) -> Iterator[Finding]:
    """Whether each trusted hub answers us."""
    if not facts.trusted:
        yield Finding(
            "省平台 hub",
            State.LOOK,
            "尚未信任任何一个; none is trusted yet",
            "电话核对指纹后 fenhe-node trust; compare fingerprints by telephone, then trust",
        )
    for hub in facts.hubs or ():
        subject = f"到省平台 to {hub.origin}"
        if hub.trouble:
            yield Finding(subject, State.BAD, hub.trouble, _hub_advice(hub))
        else:
            yield Finding(subject, State.GOOD, f"{hub.url} 有应答 answers")


def _hub_advice(hub: HubSeen) -> str:
    if "fetch." not in hub.trouble:
        return "照所说的办, 或打电话给省平台; do as it says, or call the hub's operator"
    return (
        f"在本机试 curl -I {hub.url}/root/1; 不通就查防火墙、代理、解析;"
        " where that fails it is the firewall, a proxy or DNS"
    )


def hub_in(facts: Facts) -> Iterator[Finding]:
    """What each hub says of its last visit to us."""
    for hub in facts.hubs or ():
        subject = f"来自省平台 from {hub.origin}"
        if hub.visit_trouble:
            yield Finding(subject, State.BAD, hub.visit_trouble, hub.visit_advice)
        elif hub.visited_at:
            hours = max(0, facts.now - hub.visited_at) // 3600
            yield Finding(subject, State.GOOD, f"{hours} 小时前取到; read {hours} h ago")
        elif not hub.trouble:
            yield Finding(subject, State.UNKNOWN, "还没有来过; has not come yet")


def mirror(facts: Facts) -> Iterator[Finding]:
    """Whether hubs hold what was signed, and all that is stored here is as it was signed."""
    for alarm in facts.alarms:
        yield Finding("镜像 mirror", State.BAD, alarm, "fenhe-node status")
    for hub in facts.hubs or ():
        for log, (ours, held) in hub.behind.items():
            told = f"{hub.origin} {log}: {held}/{ours}"
            advice = "等它来取, 一小时不动再看 status; wait for its visit, then see status"
            yield Finding("镜像 mirror", State.LOOK, told, advice)
        if not hub.behind and not hub.trouble and not facts.alarms:
            yield Finding("镜像 mirror", State.GOOD, f"{hub.origin} 全有 holds everything")


def mail(facts: Facts) -> Iterator[Finding]:
    """Whether letters go out."""
    subject, seen = "邮件 mail", facts.mail
    if seen is None:
        return
    if seen.trouble:
        advice = "核对 config.yaml 的 mail; look at `mail` in config.yaml"
        yield Finding(subject, State.BAD, f"{seen.host}: {seen.trouble}", advice)
    elif seen.failed:
        told = f"{seen.failed} 封没有发出; {seen.failed} letters were given up"
        yield Finding(subject, State.LOOK, told, "在管理台看是哪些; see which in the console")
    else:
        yield Finding(subject, State.GOOD, f"{seen.host}, 待发 waiting {seen.waiting}")
