"""A page of the portal as a test reads it: its tags, its words, and what it links to."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.hub.mouth import Client

HTML = {"Accept": "text/html"}
VOID = {"meta", "link", "input", "br", "img", "hr"}


@dataclass
class Page(HTMLParser):
    """What a test wants to know of a page."""

    source: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    data: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self.feed(self.source)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"closed but not open: {tag}"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.data += data
        else:
            self.text += f" {data}"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def words(self) -> str:
        return " ".join(self.text.split())


async def get(client: Client, path: str, status: int = 200) -> Page:
    async with client.get(path, headers=HTML) as answer:
        assert answer.status == status, await answer.text()
        assert answer.content_type == "text/html"
        return Page(await answer.text())


def linked(page: Page, within: str) -> list[str]:
    return [str(each["href"]) for each in page.all("a") if within in str(each.get("href"))]
