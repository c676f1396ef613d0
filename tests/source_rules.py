"""Reads the source and says where it breaks the rules of docs/architecture.md; nothing is imported or run.

A rule takes modules and returns the places that break it, as `module:line what`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
OUTSIDE: Final = frozenset({"tests", "benchmarks", "docs"})
"""Folders with Python in them that are not the product; they may import anything."""

PAGE: Final = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
LAYERS: Final = tuple(
    frozenset(line.split()) for line in PAGE.partition("```layers\n")[2].partition("```")[0].splitlines()
)
"""Lowest first. A unit (a flat module or a folder) imports from lower layers only; inside a folder it is free."""
RANK: Final[Mapping[str, int]] = {unit: rank for rank, layer in enumerate(LAYERS) for unit in layer}
LIMITS: Final[Mapping[str, int]] = {
    name: int(most) for name, most in re.findall(r"^(\w+)\.py\s.*≤ (\d+)", PAGE, flags=re.MULTILINE)
}
"""Most lines of each flat module."""
MOST_LINES: Final = 300
"""Most lines of every other module."""

CORE: Final = frozenset(
    re.findall(r"\w+", re.findall(r"^The core \(`(.*?)`\)", PAGE, flags=re.DOTALL | re.MULTILINE)[0])
)

PURE: Final = frozenset(
    [
        "__future__",
        "abc",
        "array",
        "bisect",
        "collections",
        "copy",
        "dataclasses",
        "enum",
        "functools",
        "heapq",
        "itertools",
        "logging",
        "math",
        "numpy",
        "operator",
        "scipy",
        "types",
        "typing",
    ]
)
"""All that the core may import from outside: no clock, thread, file, randomness, no picture or network library."""

NETWORKS: Final = frozenset(["torch", "torchvision", "torchreid", "ultralytics", "openvino", "onnx", "nncf"])
"""Seconds to import, hundreds of megabytes: loaded when a network is made, not when the program starts."""
USERS: Final[Mapping[frozenset[str], frozenset[str]]] = {
    NETWORKS: frozenset(["detection", "reid", "openvino_models", "runtimes"]),
    frozenset(["cv2"]): frozenset(["detection", "reid", "runtimes", "scenes", "sinks", "sources"]),
    frozenset(["av"]): frozenset(["video_file", "sinks", "scenes", "sources"]),
    frozenset(["fastapi", "starlette", "uvicorn"]): frozenset(["app", "web"]),
    frozenset(["typer", "rich", "click"]): frozenset(["main", "console"]),
    frozenset(["gdown"]): frozenset(["downloads"]),
    frozenset(["httpx", "paho"]): frozenset(["notify"]),
    frozenset(["PIL", "prometheus_client"]): frozenset(["web"]),
    frozenset(["trackeval"]): frozenset(["evaluation"]),
}
"""Libraries that stay where they belong, and the units they belong to."""
MAY_PRINT: Final = frozenset(["main", "console"])
MAY_LOCK: Final = frozenset(["buffers", "job", "jobs"])
LOCKS: Final = frozenset(["Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Barrier"])


@dataclass(frozen=True)
class Import:
    """One imported module or name; `lazy` when inside a function, so that it costs nothing at start."""

    name: str
    line: int
    lazy: bool

    @property
    def top(self) -> str:
        """The unit or library it belongs to; empty for a relative import."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name (`detection.yolov8`; a folder's `__init__` has the folder's) and its text."""

    name: str
    source: str

    @property
    def unit(self) -> str:
        """The flat module or the folder."""
        return self.name.partition(".")[0]

    @property
    def imports(self) -> list[Import]:
        """Everything it imports, anywhere."""
        return list(_imports(_parse(self.source)))

    @property
    def calls(self) -> list[tuple[str, int]]:
        """Dotted names of what it calls, e.g. `threading.Lock`, with the line."""
        nodes = (node for node in ast.walk(_parse(self.source)) if isinstance(node, ast.Call))
        return [(ast.unparse(node.func), node.lineno) for node in nodes]


@cache
def _parse(source: str) -> ast.Module:
    return ast.parse(source)


def _imports(node: ast.AST, *, lazy: bool = False) -> Iterator[Import]:
    """Imports below a node; those for type checkers only count like any other."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, lazy) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = "." * child.level + (child.module or "")
            yield Import(base, child.lineno, lazy)
            yield from (Import(f"{base}.{alias.name}", child.lineno, lazy) for alias in child.names)
        else:
            inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, lazy=inside)


def read_product() -> dict[str, Module]:
    """Every module of the product, by dotted name."""
    modules = {}
    for path in chain(ROOT.glob("*.py"), ROOT.glob("[!.]*/**/*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] not in OUTSIDE:
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            modules[name] = Module(name, path.read_text(encoding="utf-8"))
    return modules


def read_tests() -> list[Module]:
    """Every module of the tests."""
    return [Module(path.stem, path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("*.py")]


def _where_imports(modules: Iterable[Module], wrong: Callable[[Module, Import], bool]) -> set[str]:
    return {
        f"{module.name}:{each.line} {each.top or 'relative'}"
        for module in modules
        for each in module.imports
        if wrong(module, each)
    }


def _where_calls(modules: Iterable[Module], wrong: Callable[[Module, str], bool]) -> set[str]:
    return {f"{module.name}:{line} {call}" for module in modules for call, line in module.calls if wrong(module, call)}


def unplaced(modules: Iterable[Module]) -> set[str]:
    """Units that no layer has."""
    return {module.unit for module in modules} - RANK.keys()


def shadows(modules: Iterable[Module]) -> set[str]:
    """Units named like something of the standard library."""
    return {module.unit for module in modules} & sys.stdlib_module_names


def relative_imports(modules: Iterable[Module]) -> set[str]:
    """Imports that say where the importer is, not what it imports."""
    return _where_imports(modules, lambda _, each: each.name.startswith("."))


def wrong_ways(modules: Iterable[Module]) -> set[str]:
    """Imports of another unit that is not in a lower layer."""
    return _where_imports(
        (module for module in modules if module.unit in RANK),
        lambda module, each: each.top != module.unit and RANK.get(each.top, -1) >= RANK[module.unit],
    )


def misplaced_libraries(modules: Iterable[Module]) -> set[str]:
    """Libraries imported outside the units they belong to."""
    users = {library: units for libraries, units in USERS.items() for library in libraries}
    return _where_imports(modules, lambda module, each: module.unit not in users.get(each.top, {module.unit}))


def impurities(modules: Iterable[Module]) -> set[str]:
    """What the core takes from outside beyond numpy, scipy and itself."""
    core = [module for module in modules if module.unit in CORE]
    known = PURE | RANK.keys()
    return _where_imports(
        core, lambda _, each: each.top not in known or each.name.startswith("numpy.random")
    ) | _where_calls(core, lambda _, call: call == "open" or ".random." in call)


def prints(modules: Iterable[Module]) -> set[str]:
    """Calls of `print` outside the surface."""
    return _where_calls(modules, lambda module, call: call == "print" and module.unit not in MAY_PRINT)


def locks(modules: Iterable[Module]) -> set[str]:
    """Locks made outside the hand-overs and the jobs."""
    return _where_calls(modules, lambda module, call: call.rpartition(".")[2] in LOCKS and module.unit not in MAY_LOCK)


def sleeps(modules: Iterable[Module]) -> set[str]:
    """Waits that nothing can wake."""
    return _where_calls(modules, lambda _, call: call.rpartition(".")[2] == "sleep")


def loaded_at_start(start: str, modules: Mapping[str, Module]) -> set[str]:
    """Top names of everything outside the product that importing `start` loads with it."""
    todo, seen, outside = [start], set(), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in modules:
            todo += [each.name for each in modules[name].imports if not each.lazy]
        elif name.partition(".")[0] not in RANK:
            outside.add(name.partition(".")[0])
        if "." in name:
            todo.append(name.rpartition(".")[0])
    return outside
