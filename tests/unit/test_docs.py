"""The docs are true where a program can tell: links, commands, options, targets, versions."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from app import create_app
from main import app as cli
from main import with_command
from run_report import VERSION
from tests.source_rules import RANK, ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("weights/*.md")])
FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.])/(work|home|root|opt|tmp/\w)[/\w]*",
    "a package index": r"pypi\.|pythonhosted|download\.pytorch|files\.pythonhosted|--index-url",
    "a task list": r"\b(TODO|FIXME|XXX)\b",
}
TEXTS = {".md", ".py", ".toml", ".txt", ".html", ""}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def texts() -> list[Path]:
    """Every text file of the project except this one, hidden and built folders left out."""
    built = {"build", "demo", "results"}
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and path.suffix in TEXTS
        and path != Path(__file__)
        and not any(part.startswith(".") or part in built for part in path.relative_to(ROOT).parts)
    ]


def commands(page: Path) -> list[str]:
    """Command lines in the page's fenced blocks, continued lines joined, comments dropped."""
    blocks = re.findall(
        r"^```(?:sh|bash)?\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def options_of(command: str) -> set[str]:
    """Every spelling of every option that the program's command takes."""
    group = get_command(cli)
    found = group.commands[command]  # type: ignore[attr-defined]  # typer promises less than it gives
    return {spelling for each in found.params for spelling in [*each.opts, *each.secondary_opts]}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    targets += re.findall(r'<img[^>]* src="([^"]+)"', page.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith(("http://", "https://", "mailto:"))]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert named - set(re.findall(r"^([a-z]+):", makefile, flags=re.MULTILINE)) == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_of_the_program_take_the_options_they_are_shown_with(page: Path) -> None:
    shown = [shlex.split(line, comments=True) for line in commands(page) if line.startswith("python main.py ")]
    for words in shown:
        command = with_command(words[2:])[0]
        options = {word.partition("=")[0] for word in words[2:] if word.startswith("--")}
        assert options - options_of(command) == set(), " ".join(words)


def test_the_readmes_table_has_every_option_of_track() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("| Option |")[2].partition("\n\n")[0]
    shown = set(re.findall(r"--[a-z][a-z0-9-]*", table))
    assert shown == {option for option in options_of("track") if option.startswith("--")} - {"--help"}


def test_the_fields_of_the_curl_example_exist() -> None:
    (body,) = re.findall(r"-d '(\{.*?\})'", (ROOT / "README.md").read_text(encoding="utf-8"))
    schema = create_app().openapi()["components"]["schemas"]["StartRequest"]["properties"]
    assert set(re.findall(r'"(\w+)":', body)) - schema.keys() == set()


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN)
def test_nothing_names_what_is_not_the_projects(pattern: str) -> None:
    found = {name(path): re.search(pattern, path.read_text(encoding="utf-8")) for path in texts()}
    assert {path: match.group() for path, match in found.items() if match} == {}


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {project["version"], create_app().version} == {VERSION}


def test_every_decision_is_listed() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\(adr/([^)]+\.md)\)", page)) == {path.name for path in (ROOT / "docs" / "adr").glob("*.md")}


def test_the_image_gets_every_folder_of_the_program() -> None:
    wanted = {f"!{unit}" for unit in RANK if (ROOT / unit).is_dir()}
    assert wanted - set((ROOT / ".dockerignore").read_text(encoding="utf-8").split()) == set()
