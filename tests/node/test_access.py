import pytest

from fenhe_node.access import IMMUTABLE, asked


@pytest.mark.parametrize(
    ("path", "tree", "tier", "caching"),
    [
        ("root/1", "public", "pub", IMMUTABLE),
        ("catalogue/checkpoint", "public", "pub", "no-cache"),
        ("catalogue/tile/0/000", "public", "pub", IMMUTABLE),
        ("catalogue/tile/0/x001/234.p/5", "public", "pub", IMMUTABLE),
        ("catalogue/tile/entries/000.p/255", "public", "pub", IMMUTABLE),
        ("catalogue/body/pub/000", "public", "pub", "no-cache"),
        ("catalogue.2/body/pub/000", "public", "pub", "no-cache"),
        ("catalogue/body/hub/000", "held", "hub", "private, no-cache"),
        ("catalogue/body/nat/000", "held", "nat", "private, no-cache"),
        ("usage/checkpoint", "held", "hub", "private, no-cache"),
        ("usage/tile/0/000", "held", "hub", f"private, {IMMUTABLE}"),
        ("usage/tile/entries/000", "held", "hub", f"private, {IMMUTABLE}"),
        ("usage/body/pub/000", "held", "hub", "private, no-cache"),
        ("usage/body/nat/000", "held", "nat", "private, no-cache"),
        ("usage.2/checkpoint", "held", "hub", "private, no-cache"),
    ],
)
def test_a_file_is_public_only_if_everyone_may_read_it(
    path: str, tree: str, tier: str, caching: str
) -> None:
    file = asked(path)
    assert file is not None
    assert (file.tree, file.tier, file.cache_control) == (tree, tier, caching)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "root/0",
        "root/01",
        "root/1/",
        "root/../keys/log.seed",
        "config.yaml",
        "keys/log.seed",
        "catalogue",
        "catalogue/",
        "catalogue//checkpoint",
        "catalogue/../usage/checkpoint",
        "catalogue.1/checkpoint",
        "catalogue.1a/checkpoint",
        "catalogue/checkpoint.tmp",
        "catalogue/tile/0/000.p/256",
        "catalogue/tile/64/000",
        "catalogue/tile/0/1",
        "catalogue/body/node/000",
        "catalogue/body/pub/000.p/3",
        "fed/checkpoint",
        "usagelog/checkpoint",
        "catalogue/body/pub/٠٠٠",
    ],
)
def test_nothing_but_files_of_a_feed_can_be_asked_for(path: str) -> None:
    assert asked(path) is None
