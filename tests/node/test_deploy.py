from dataclasses import asdict, fields
from pathlib import Path

import yaml

from fenhe_node.config import NodeConfig, load_config, render_config

DEPLOY = Path(__file__).parents[2] / "deploy"
EXAMPLE = DEPLOY / "node.example.yaml"


def test_the_example_is_what_init_would_write_and_reads_back() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    given = yaml.safe_load(text)
    assert list(given) == [field.name for field in fields(NodeConfig)]
    config = load_config(EXAMPLE)
    assert text.partition("\n\n")[2] == render_config(asdict(config))
    assert config.base == "/fenhe"
