"""What the sources say by themselves: codes, sentences and metrics, read from the syntax tree.

Nothing here is imported or run, so that what no test happens to reach is seen as well.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (
    "protocol/fenhe_protocol",
    "protocol/fenhe_client",
    "node/fenhe_node",
    "hub/fenhe_hub",
)
METRIC_MAKERS = {"Gauge": "gauge", "Counter": "counter", "_gauge": "gauge", "_counter": "counter"}
METRIC = "fenhe_"

T = TypeVar("T", bound=ast.AST)


@cache
def functions_of(path: str) -> frozenset[str]:
    """The functions at the top of a file of the repository, tests among them; none if absent."""
    file = ROOT / path
    tree = ast.parse(file.read_text("utf-8") if file.exists() else "")
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(each.name for each in tree.body if isinstance(each, functions))


@dataclass(frozen=True, order=True)
class CellFault:
    """One code of what can be wrong in a unit's list, with its sentences; `…` is what varies."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, order=True)
class Metric:
    """One number of `/metrics` as it is exposed."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str


@cache
def modules() -> tuple[tuple[Path, ast.Module], ...]:
    """Every module of the four packages with its syntax tree."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return tuple((file, ast.parse(file.read_bytes())) for file in files)


def constants() -> Iterator[tuple[Path, str]]:
    """Every string that stands in a module as it is, with the module."""
    for file, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield file, node.value


@cache
def cell_faults() -> tuple[CellFault, ...]:
    """What an import says of single cells and rows: `Damage(code, zh, en)` and `Problem(…)`."""
    functions = _nodes(ast.FunctionDef)
    return tuple(sorted({fault for each in functions for fault in _faults(each)}))


def _faults(function: ast.FunctionDef) -> Iterator[CellFault]:
    known = dict(_assigned(function))
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and _called(call) in {"Damage", "Problem"}:
            found = [known.get(a.id, a) if isinstance(a, ast.Name) else a for a in call.args[:3]]
            if len(found) == 3 and (code := _text(found[0])):
                yield CellFault(code, _text(found[1]), _text(found[2]))


def _assigned(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    """Names with what they are first given; the last pair of a name in the list is its first."""
    for node in reversed([n for n in ast.walk(function) if isinstance(n, ast.Assign)]):
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        else:
            pairs = [(target, value)]
        yield from ((name.id, given) for name, given in pairs if isinstance(name, ast.Name))


@cache
def metrics() -> tuple[Metric, ...]:
    """Every gauge and counter that is made anywhere, one by one or from a table of names."""
    made = [
        _metric(call, name)
        for call in _nodes(ast.Call)
        if _called(call) in METRIC_MAKERS and call.args
        if (name := _text(call.args[0])).startswith(METRIC)
    ]
    listed = [
        Metric(name, "gauge", (), _text(value.elts[0]))
        for table in _nodes(ast.Dict)
        for key, value in zip(table.keys, table.values, strict=True)
        if key and (name := _text(key)).startswith(METRIC) and isinstance(value, ast.Tuple)
    ]
    return tuple(sorted(made + listed))


def _metric(call: ast.Call, name: str) -> Metric:
    kind = METRIC_MAKERS[_called(call)]
    literals = [label for argument in call.args[2:] for label in _labels(argument)]
    shown = f"{name}_total" if kind == "counter" else name
    return Metric(shown, kind, tuple(literals), _text(call.args[1]))


def _labels(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.List | ast.Tuple):
        yield from map(_text, node.elts)
    elif isinstance(node, ast.Constant):
        yield _text(node)


def _nodes(kind: type[T], package: str = "") -> Iterator[T]:
    """Every node of one kind, in one package or in all."""
    for file, tree in modules():
        if package in file.parts or not package:
            yield from (node for node in ast.walk(tree) if isinstance(node, kind))


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(node: ast.expr) -> str:
    """A literal text; what an f-string puts in is shown as `…`, anything else as nothing.

    Of two texts it is the first, unless the second is empty: then it is what always stands there.
    """
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value) if isinstance(node.value, ast.IfExp) else "…"
    if isinstance(node, ast.IfExp):
        return _text(node.body) if _text(node.orelse) else ""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
