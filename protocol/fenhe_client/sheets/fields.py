"""Read a small YAML file of fields (`service_office: {landline: …}`) as a sheet 字段 | 值.

It is for what a unit says once about itself. Values are taken as written, so that 010-… stays text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from fenhe_client.sheets.table import Cell, CellType, Row, Sheet
from fenhe_client.yaml_text import compose_yaml
from fenhe_protocol.errors import InputError


@dataclass(frozen=True)
class FieldsFile:
    """A Source over the bytes of one YAML file."""

    name: str
    raw: bytes

    def read(self) -> Sequence[Sheet]:
        """Read the one sheet; a row's number is its line. InputError `source.fields`."""
        try:
            root = compose_yaml(self.raw)
        except yaml.YAMLError as error:
            raise InputError("source.fields", where=self.name, found=str(error)) from error
        rows = [Row(0, (_text("字段"), _text("值")))]
        rows += [
            Row(line, (_text(path), _text(value))) for path, value, line in self._fields("", root)
        ]
        return (Sheet("", tuple(rows)),)

    def notes(self) -> Sequence[str]:
        """Nothing had to be guessed."""
        return ()

    def _fields(self, path: str, node: yaml.Node | None) -> Iterator[tuple[str, str, int]]:
        if isinstance(node, yaml.MappingNode) and _plain([key for key, _ in node.value]):
            for key, value in node.value:
                head = f"{path}." if path else ""
                yield from self._fields(f"{head}{key.value}", value)
        elif path and isinstance(node, yaml.ScalarNode):
            yield path, node.value, node.start_mark.line + 1
        elif path and isinstance(node, yaml.SequenceNode) and _plain(node.value):
            texts = "、".join(item.value for item in node.value)
            yield path, texts, node.start_mark.line + 1
        else:
            line = node.start_mark.line + 1 if node else 1
            raise InputError(
                "source.fields",
                where=f"{self.name} · 第 {line} 行 line {line}",
                expected="字段: 值; field: value",
            )


def _plain(nodes: Sequence[yaml.Node]) -> bool:
    return all(isinstance(each, yaml.ScalarNode) for each in nodes)


def _text(text: str) -> Cell:
    return Cell(text, CellType.TEXT)
