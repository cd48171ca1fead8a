"""`trust … --gateway`: seal to a gateway's key, once its fingerprint was compared."""

import asyncio
from pathlib import Path

from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import RootsRead
from fenhe_node.hubs.gateway_trust import enrol_gateway
from fenhe_node.node import Node
from fenhe_node.operations.options import now
from fenhe_node.publishing.sealing import take_digests
from fenhe_node.report import Exit, Report
from fenhe_node.store import Store
from fenhe_node.store.sealing import count_to_seal, forget_gateway, gateway
from fenhe_protocol.errors import SetupError
from fenhe_protocol.record import SEALED_TIER
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.seal import seal_key_id

NO_GATEWAY = (
    "用户和项目信息留在本单位: 未登记国家平台网关; what is about users stays here: "
    "no gateway is enrolled (fenhe-node trust … --gateway)"
)


def trust_gateway(node: Node, source: str, fingerprint: str) -> Report:
    """Believe a gateway, and say how much will be sealed to it."""
    if SEALED_TIER not in node.config.hub_tiers:
        # The hub could not hold what is sealed, and so would cosign nothing any more.
        raise SetupError(
            "gateway.hub-tiers", where="hub_tiers", expected='["hub", "nat"]',
            found=", ".join(node.config.hub_tiers),
        )  # fmt: skip
    found = asyncio.run(_enrol(node, source, fingerprint))
    document = found.document
    with Store.open(node.home.store) as store:
        take_digests(store, SchemaSet.load())
        count = count_to_seal(store)
    assert document.seal is not None
    facts = {
        "origin": document.origin,
        "root_document": document.n,
        "seal": seal_key_id(document.seal),
        "records_to_seal": count,
        "refused_next": found.refused.problem() if found.refused else None,
    }
    text = (
        f"已登记网关 gateway enrolled: {document.origin} (根文档 root document {document.n})\n"
        f"下次发布起, {count} 条记录的用户和项目信息密封上报, 只有该网关能打开; "
        "省平台和其他人都打不开; sealed from the next publish on"
    )
    if found.refused:
        return Report(
            f"{text}\n下一份根文档不可信 the next one: {found.refused}", facts, Exit.IN_PART
        )
    return Report(text, facts)


def forget(node: Node, fingerprint: str) -> Report:
    """Seal nothing any more; what was sealed before stays in the log."""
    with Store.open(node.home.store) as store:
        known = gateway(store)
        ours = known is not None and known.fingerprint == fingerprint
        if ours:
            forget_gateway(store)
    origins = [known.origin] if known and ours else []
    text = f"不再密封给 no longer sealed to: {', '.join(origins) or '—'}"
    return Report(text, {"forgotten": origins}, Exit.DONE if ours else Exit.COULD_NOT)


async def _enrol(node: Node, source: str, fingerprint: str) -> RootsRead:
    place = source.rstrip("/") if "://" in source else Path(source)
    async with Web() as web:
        return await enrol_gateway(web, node.home, place, fingerprint, now())
