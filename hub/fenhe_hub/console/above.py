"""`/above`: hubs above that may read what is held here, and those beneath that we read.

What `fenhe-hub trust` does in the shell: the fingerprint is typed as it was compared, never shown
to be agreed to.
"""

import asyncio

from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.registry import page_of
from fenhe_hub.desk.trusting import forget_above, trust_above
from fenhe_hub.office.roles import Permission
from fenhe_hub.registry.above import TIERS, above_us
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.errors import InputError
from fenhe_protocol.terminal import grouped

TIER_NAMES = {"hub": "供平台读取的（hub）", "nat": "密封给国家平台的（nat）"}


def show(asked: Asked) -> Answer:
    """Both directions, and the forms."""
    home = asked.console.hub.home
    beneath = [each for each in Registry(home.registry_file) if each.is_hub and not each.learned]
    context = {
        "above": [(each, grouped(each.root1)) for each in above_us(home)],
        "beneath": [(each, page_of(each.origin)) for each in beneath],
        "tiers": TIER_NAMES,
        "mine": grouped(asked.console.hub.fingerprint),
        "may": staff_of(asked).may(Permission.SET_UP),
    }
    return Page("console/above.html", context)


async def trust(asked: Asked) -> Answer:
    """Let a hub above read, by the fingerprint that was compared."""
    form, who = asked.form, await asyncio.to_thread(staff_of, asked)
    url = form.text("url").rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise InputError("register.value", where="url", expected="https://…", found=url[:80])
    tiers = tuple(each for each in TIERS if each in form.all("tier"))
    mark = read_fingerprint(form.text("fingerprint"), where="fingerprint")
    read = await trust_above(asked.console.office, who, url, mark, tiers)
    if read.refused is not None:
        return GoTo("/above", f"已允许，但下一份根文档不可信：{read.refused}", bad=True)
    return GoTo("/above", f"已允许 {read.document.origin} 读取")


def forget(asked: Asked) -> Answer:
    """Let it read no longer."""
    mark = read_fingerprint(asked.form.text("fingerprint"), where="fingerprint")
    gone = forget_above(asked.console.office, staff_of(asked), mark)
    return GoTo("/above", f"不再允许 {'、'.join(gone)}" if gone else "没有这一家", bad=not gone)


ROUTES = (
    Route("GET", "/above", show, Permission.SEE, Reach.PROVINCE),
    Route("POST", "/above", trust, Permission.SET_UP, Reach.PROVINCE),
    Route("POST", "/above/forget", forget, Permission.SET_UP, Reach.PROVINCE),
)
