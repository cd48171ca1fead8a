"""The network between two hosts goes and comes back: what was signed meanwhile still arrives.

The unit lives in a network namespace of its own whose one way out is to its hub.
"""

from pathlib import Path

from deploy.demo.outbound import Outlet, inside, why_not
from tests.federation.province import province_in
from tests.federation.push_house import NAME, found_pusher, mirrored, stage
from tests.node.homes import instrument
from tests.wanting import wanting

NO_WAY_OUT = ["unshare", "-rn"]  # a namespace without any network


def test_what_is_published_while_the_network_is_cut_arrives_once_it_is_back(
    tmp_path: Path,
) -> None:
    if reason := why_not():
        wanting("namespace", f"no network namespace here: {reason}")
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        found_pusher(province)
        stage(province, [instrument("A-1")])
        port = int(province.url("hub").rpartition(":")[2])
        publish = ("fenhe-node", "--home", str(province.home(NAME)), "publish", "--no-wait")
        alone = province.programs.answer(*publish, before=NO_WAY_OUT, allowed=(0, 1, 4))
        assert alone["leaves"]["catalogue"] == 1
        assert all(each["receipt"] is None and each["error"] for each in alone["pushed"])
        assert set(mirrored(province).values()) == {(0, 0)}
        with Outlet(port) as outlet:
            again = province.programs.answer(*publish, before=inside(outlet.way, port))
        assert all(each["receipt"] is not None for each in again["pushed"])
        assert mirrored(province)["catalogue"] == (3, 3)
