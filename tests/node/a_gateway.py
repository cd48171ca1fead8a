"""A gateway as a node meets it: its keys, and a folder with its root documents."""

from pathlib import Path
from typing import Any

from fenhe_node.node import Node
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import compose_root, fingerprint, sign_root
from fenhe_protocol.seal import OpeningKey, open_body
from tests.node.homes import NOW, ORIGIN, lines

GATEWAY = "gateway.example/nrii"
GATEWAY_UNIT = "12140000000000019W"


class AGateway:
    """Keys from small numbers; `rotate` makes a new one and the next root document."""

    def __init__(self, folder: Path, number: int = 1, *, seals: bool = True) -> None:
        self.folder, self.number = folder, number
        self.root = SigningKey.from_seed(bytes([100 + number]) * 32)
        self.seals: list[OpeningKey] = []
        self.documents: list[bytes] = []
        self.rotate(seals=seals)

    def rotate(self, *, seals: bool = True) -> None:
        key = OpeningKey.from_seed(bytes([150 + self.number, len(self.seals)]) * 16)
        self.seals.append(key)
        before = self.documents[-1] if self.documents else None
        text = compose_root(
            origin=GATEWAY,
            unit=GATEWAY_UNIT,
            url="https://gateway.example/nrii",
            time=NOW,
            root=[self.root.public],
            logs=[],
            n=len(self.documents) + 1,
            prev=fingerprint(parse_note(before).text) if before else None,
            seal=key.public if seals else None,
        )
        self.documents.append(sign_root(text, GATEWAY, [self.root]))
        file = self.folder / "root" / str(len(self.documents))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.documents[-1])

    @property
    def fingerprint(self) -> str:
        return fingerprint(parse_note(self.documents[0]).text)

    def opened(self, node: Node, log: str, size: int) -> list[dict[str, Any]]:
        """What it reads in the sealed bodies of a node, in order."""
        keys = {key.id: key for key in self.seals}
        return [
            open_body(line.body, origin=f"{ORIGIN}/{log}", keys=keys).value
            for line in lines(node, log, "nat", size)
        ]
