"""What the source imports is asked for, what is asked for is pinned, and the pins are all in one list."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distributions as installed
from importlib.metadata import packages_distributions

import pytest
from packaging.specifiers import SpecifierSet

from tests.source_rules import RANK, ROOT, Module, read_product, read_tests

SYSTEMS_OWN = "gi"
"""Comes with the system's Python, for a server of the tests."""
PIN = re.compile(r"[A-Za-z0-9_.-]+==[\w.]+")


def lines(file: str) -> list[str]:
    """What the file and those it includes ask for, comments and constraints left out."""
    out: list[str] = []
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            out += lines(line.removeprefix("-r "))
        elif line.strip() and not line.startswith(("#", "-")):
            out.append(line.strip())
    return out


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(file: str) -> set[str]:
    """Distributions a file asks for."""
    return {normal(line.partition("==")[0]) for line in lines(file)}


INSTALLED = {normal(each.metadata["Name"]): each.metadata["Requires-Python"] for each in installed()}
"""Which Python each installed distribution wants."""


@cache
def distributions() -> Mapping[str, list[str]]:
    """Which distributions each top-level name comes from."""
    return packages_distributions()


def imported(modules: list[Module]) -> set[str]:
    """Distributions the modules import from."""
    known = distributions()
    tops = {each.top for module in modules for each in module.imports}
    outside = tops - RANK.keys() - sys.stdlib_module_names - {"tests", "docs", "benchmarks", SYSTEMS_OWN}
    return {normal(known.get(top, [top])[0]) for top in outside}


@pytest.mark.parametrize(
    "file",
    ["requirements-cpu.txt", "requirements.txt", "requirements-dev.txt", "requirements-int8.txt", "constraints.txt"],
)
def test_every_line_is_one_exact_version(file: str) -> None:
    assert [line for line in lines(file) if not PIN.fullmatch(line)] == []


def test_every_version_runs_on_the_oldest_python_promised() -> None:
    """A pin that wants a later patch of Python than Debian has ends `make demo` before it began."""
    oldest = read_oldest_python()
    too_new = {
        name: needed
        for name in sorted(names("constraints.txt") & INSTALLED.keys())
        if (needed := INSTALLED[name]) and oldest not in SpecifierSet(needed)
    }
    assert too_new == {}


def read_oldest_python() -> str:
    """As the README promises it."""
    found = re.search(r"Python ≥ (\d+\.\d+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    return f"{found.group(1)}.0"


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-int8.txt"])
def test_the_list_of_all_versions_agrees(file: str) -> None:
    assert set(lines(file)) - set(lines("constraints.txt")) == set()


def test_what_the_product_imports_is_asked_for() -> None:
    outside = imported(list(read_product().values())) - names("requirements.txt")
    assert outside == {"nncf"}, "quantising is extra"
    assert outside == names("requirements-int8.txt")


def test_without_torch_nothing_else_is_missing() -> None:
    """What the small list leaves out is imported only by those who convert networks or run them in torch."""
    left_out = names("requirements.txt") - names("requirements-cpu.txt")
    assert {"torch", "ultralytics", "torchreid"} <= left_out
    users = {each.name for each in read_product().values() if imported([each]) & left_out}
    assert users <= {"detection.torch", "detection.openvino", "reid.torch", "reid.openvino", "runtimes", "downloads"}


def test_nothing_is_asked_for_twice() -> None:
    for file in ("requirements-cpu.txt", "requirements.txt", "requirements-dev.txt"):
        asked = [normal(line.partition("==")[0]) for line in lines(file)]
        assert sorted(set(asked)) == sorted(asked), file


def test_what_the_tests_import_is_asked_for() -> None:
    assert imported(read_tests()) - names("requirements.txt") - names("requirements-dev.txt") == set()
