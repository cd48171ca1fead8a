"""The list as pages of an index: everything, by letter, by class. What an export has for a search.

Pure. Start at `index_pages`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fenhe_node.pages.initials import OTHER, initial
from fenhe_node.pages.listing import Query, find
from fenhe_node.published import Published

PER_PAGE = 200
Choice = tuple[str, str, int]  # name, file, how many


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One page: its file without ending, its title (empty: everything), the records on it."""

    file: str
    title: str
    records: Sequence[Published]
    total: int
    number: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Index:
    """All pages, and the choices that stand above each."""

    pages: Sequence[IndexPage]
    letters: Sequence[Choice]
    classes: Sequence[Choice]


def index_pages(records: Sequence[Published], class_names: Mapping[str, str]) -> Index:
    """Set up the index; `class_names` has the names of the classes by six-digit code."""
    found = find(records, Query())
    by_letter = _grouped(found, lambda record: initial(record.name))
    by_class = _grouped(found, lambda record: str(record.fields.get("class_code", ""))[:2])
    by_class.pop("", None)
    letters = {name: f"letter-{_letter_file(name)}" for name in sorted(by_letter, key=_last)}
    classes = {code: f"class-{code}" for code in sorted(by_class)}
    titles = {code: class_names.get(f"{code}0000", code) for code in classes}
    pages = [*_pages("index", "list", "", found)]
    for letter, file in letters.items():
        pages += _pages(file, file, letter, by_letter[letter])
    for code, file in classes.items():
        pages += _pages(file, file, titles[code], by_class[code])
    return Index(
        pages,
        [(name, file, len(by_letter[name])) for name, file in letters.items()],
        [(titles[code], file, len(by_class[code])) for code, file in classes.items()],
    )


def page_file(page: IndexPage, number: int) -> str:
    """The file of another page of the same list."""
    stem = page.file if page.number == 1 else page.file.rpartition("-")[0]
    if number == 1:
        return "index" if stem in ("index", "list") else stem
    return f"{'list' if stem == 'index' else stem}-{number}"


def _pages(first: str, stem: str, title: str, records: Sequence[Published]) -> Iterator[IndexPage]:
    count = max(1, -(-len(records) // PER_PAGE))
    for number in range(1, count + 1):
        part = records[(number - 1) * PER_PAGE : number * PER_PAGE]
        file = first if number == 1 else f"{stem}-{number}"
        yield IndexPage(file, title, part, len(records), number, count)


def _grouped(
    records: Sequence[Published], key: Callable[[Published], str]
) -> dict[str, list[Published]]:
    found: dict[str, list[Published]] = {}
    for record in records:
        found.setdefault(key(record), []).append(record)
    return found


def _last(letter: str) -> tuple[bool, str]:
    return letter == OTHER, letter


def _letter_file(letter: str) -> str:
    return "other" if letter == OTHER else letter.lower()
