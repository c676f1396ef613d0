"""What the source imports is asked for, what is asked for is pinned, and the pins are all in one list."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.source_rules import RANK, ROOT, Module, read_product, read_tests

PIN = re.compile(r"[A-Za-z0-9_.-]+==[\w.]+")


def lines(file: str) -> list[str]:
    """What the file asks for, comments and references to other files left out."""
    text = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in text if line.strip() and not line.startswith(("#", "-"))]


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(file: str) -> set[str]:
    """Distributions a file asks for."""
    return {normal(line.partition("==")[0]) for line in lines(file)}


def imported(modules: list[Module]) -> set[str]:
    """Distributions the modules import from."""
    known = packages_distributions()
    tops = {each.top for module in modules for each in module.imports}
    outside = tops - RANK.keys() - sys.stdlib_module_names - {"tests", "docs", "benchmarks"}
    return {normal(known[top][0]) for top in outside}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "constraints.txt"])
def test_every_line_is_one_exact_version(file: str) -> None:
    assert [line for line in lines(file) if not PIN.fullmatch(line)] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_the_list_of_all_versions_agrees(file: str) -> None:
    assert set(lines(file)) - set(lines("constraints.txt")) == set()


def test_what_the_product_imports_is_asked_for() -> None:
    assert imported(list(read_product().values())) - names("requirements.txt") == set()


def test_what_the_tests_import_is_asked_for() -> None:
    assert imported(read_tests()) - names("requirements.txt") - names("requirements-dev.txt") == set()
