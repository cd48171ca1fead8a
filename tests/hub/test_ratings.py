"""Ratings of instruments: whole groups of users from outside, and never one of them alone."""

from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.index.ratings import FEWEST, Rated, rated
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.services import tell_services
from tests.hub.fake_node import instrument, service
from tests.hub.houses import Visitor, served
from tests.hub.provinces import Province, founded

RATINGS = st.lists(st.integers(1, 5), max_size=20)


@given(RATINGS)
def test_what_is_shown_stands_still_until_a_whole_group_has_come(ratings: list[int]) -> None:
    shown = rated(ratings)
    assert shown.count % FEWEST == 0 and 0 <= len(ratings) - shown.count < FEWEST
    assert shown == rated(ratings[: shown.count])
    assert not shown.count or 10 <= shown.average_tenths <= 50


def test_the_average_is_rounded_to_a_tenth() -> None:
    assert rated([5, 4, 4]) == Rated(3, 43)
    assert rated([5, 4, 4, 1, 1]) == Rated(3, 43)
    assert rated([1, 1]) == rated([]) == Rated(0, 0)


async def told(province: Province, visitor: Visitor, path: str) -> tuple[int | None, int | None]:
    with closing(open_index(province.hub.home.index)) as db:
        tell_services(province.hub.home, db)
    found = (await (await visitor.get(path)).json())["ratings"]
    assert found["fewest"] == FEWEST
    return found["count"], found["average_tenths"]


async def test_an_instrument_shows_what_users_from_outside_said(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        said = [("enterprise", 5), ("internal", 1), ("university", 4), ("tech_sme", 4)]
        for number, (user_class, rating) in enumerate(said[:3]):
            row = service(f"S-{number}", user_class=user_class, rating=rating)
            node.publish(row, log="usage")
        await province.sync()
        path = f"api/v1/resources/{node.uscc}/instrument/A-1"
        async with served(province.hub, province.now) as visitor:
            assert await told(province, visitor, path) == (None, None)
            user_class, rating = said[3]
            node.publish(service("S-9", user_class=user_class, rating=rating), log="usage")
            node.publish(service("S-10", user_class="enterprise"), log="usage")
            await province.sync()
            assert await told(province, visitor, path) == (3, 43)
            page = await visitor.get(f"r/{node.uscc}/instrument/A-1")
            assert '<strong class="num">4.3</strong>' in await page.text()
