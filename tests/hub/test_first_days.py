"""Since when a record counts as delivered: by all its leaves, whatever log they stand in."""

from contextlib import closing
from datetime import date
from pathlib import Path

from fenhe_hub.index.facts import gather_units
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.bodies import body_reader
from fenhe_protocol.encoding import date_at
from tests.hub.epochs import end_catalogue
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded

DAY = 86_400


def first_days(province: Province) -> dict[str, date | None]:
    with closing(open_index(province.hub.home.index)) as db:
        units = [unit for _, unit in gather_units(db, body_reader(province.hub.home))]
    return {each.id: each.first_delivered_on for unit in units for each in unit.resources}


async def test_a_new_epoch_of_the_log_resets_no_day(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        node = province.nodes[0]
        node.publish(instrument("A-1"), instrument("A-2"))
        await province.sync()
        first = date.fromisoformat(date_at(province.now))
        end_catalogue(node)
        await province.sync(40 * DAY)
        node.publish(instrument("A-1", function="已改正"), log="catalogue.2")
        await province.sync(DAY)
        assert first_days(province) == {"A-1": first, "A-2": first}
