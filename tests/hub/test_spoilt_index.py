"""Somebody who can write to the hub's index shows what he likes, and can prove none of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.proof import verify_proof
from tests.hub.fake_node import instrument
from tests.hub.houses import served
from tests.hub.provinces import founded

LOG = "u1.example/fenhe/catalogue"


async def test_what_is_falsified_in_the_index_proves_nothing_and_goes_with_a_rebuild(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        node, hub = province.nodes[0], province.hub
        node.publish(instrument("A-1"))
        await province.sync_and_say()
        true = province.dump()
        with closing(sqlite3.connect(hub.home.index)) as db, db:
            db.execute("UPDATE resource SET pub = replace(pub, '示例仪器', '伪造仪器')")
        assert province.dump() != true
        async with served(hub, province.now) as visitor:
            shown = await (await visitor.get("api/v1/resources")).text()
            proof = await (await visitor.get(f"api/v1/proof?origin={LOG}&index=0")).read()
        assert "伪造仪器A-1" in shown
        proven = verify_proof(proof, origin=LOG, keys=[KeyRange(node.log_key.public)])
        assert "示例仪器A-1" in proven.bodies["pub"].decode()
        rebuild(hub)
        assert province.dump() == true
