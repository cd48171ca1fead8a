"""A hub above others comes back from another hub: what came by hubs comes by them again."""

import shutil
from pathlib import Path

from fenhe_hub.operations.restore import bring_back
from tests.hub.fake_node import instrument
from tests.hub.houses import reopened
from tests.hub.levels import federation
from tests.hub.other_hub import other_hub


async def test_a_hub_above_others_is_restored_with_what_lies_beneath(tmp_path: Path) -> None:
    async with federation(tmp_path) as made:
        county, province = await made.hub("county"), await made.hub("province")
        beneath, own, hidden = [await made.node(level) for level in (county, province, county)]
        for node in made.nodes:
            node.publish(instrument(f"A-{node.number}"))
        await made.settle()
        await made.enrol(province, county)
        await province.sync()
        await county.register(hidden.origin, "suspended")
        await province.sync()
        home = province.hub.home.path
        copy = shutil.copytree(
            home, tmp_path / "copy", ignore=shutil.ignore_patterns("head.sqlite", "*.lock")
        )
        backup = {name: (home / name).read_bytes() for name in ("config.yaml",)}
        keys = shutil.copytree(home / "keys", tmp_path / "keys")
        roots = shutil.copytree(home / "public/root", tmp_path / "roots")
        shutil.rmtree(home)
        home.mkdir()
        shutil.copytree(keys, home / "keys")
        shutil.copytree(roots, home / "public/root")
        for name in ("held", "mirror", "inbox", "evidence"):
            (home / name).mkdir()
        for name, raw in backup.items():
            (home / name).write_bytes(raw)
        province.hub = reopened(province.hub)
        async with other_hub(copy, province.hub.fed_origin) as source:
            made.now += 60
            await bring_back(province.hub, lambda: made.now, source, [])
        assert province.records() >= {(beneath.origin, "A-1"), (own.origin, "A-2")}
        assert province.said("reg")[hidden.origin]["state"] == "suspended"
        beneath.publish(instrument("A-9"))
        await county.sync()
        await province.sync()
        assert (beneath.origin, "A-9") in province.records()
