"""The plan of the house, kept true: which room may know which, who opens a door to the outside, and how big a file is."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "byom_magics"

# A room may import what stands in a lower row.
FLOORS = (
    {"errors", "events", "messages", "plain", "whole_file"},
    {"catalog", "log", "show", "study", "talk", "wire"},
    {"asking", "options", "sending"},  # from what a person says to a turn, and from a call to the wire
    {"session", "testing"},
    {"checkup", "finding", "verifying"},  # what is found is registered in a session, and examined with its keys
    {"asynchronous", "previewing", "registering"},
    {"conversing", "comparing"},
    {"presenting"},
    {"voting"},
    {"api"},
    {"widgets"},
    {"magics"},
    {""},  # the package itself: its public names
)
READ_BY_MIDDLE_ROOMS = {f"{PACKAGE}.catalog.spec", f"{PACKAGE}.catalog.secrets"}
READERS = {"wire", "talk", "show"}
# Annotations may name what the vocabulary next door defines.
ANNOTATION_ONLY = {(f"{PACKAGE}.errors", f"{PACKAGE}.events")}

# Each thing of the outside, and the files that may touch it.
NETWORK = (
    "wire/client.py",
    "wire/pool.py",
    "wire/network.py",
    "wire/reaching.py",
    "wire/line.py",
    "wire/connecting.py",
    "wire/tls.py",
    "wire/handshake.py",
    "wire/tunnel.py",
    "wire/transports.py",
    "demo/transport.py",
)
DOORS = {
    "httpx": NETWORK,
    "httpcore": NETWORK,
    "ssl": NETWORK,
    "socket": NETWORK,
    "select": NETWORK,
    "selectors": (*NETWORK, "demo/server.py"),
    "urllib.request": ("catalog/secrets/*.py",),  # for getproxies, which reads the environment
    "http.client": (),
    "requests": (),
    "http.server": ("demo/*.py",),
    "socketserver": ("demo/*.py",),
    "sqlite3": ("log/store.py",),
    "subprocess": ("catalog/secrets/*.py",),  # for command:, which runs a program of the person's own
    "keyring": ("catalog/secrets/*.py",),
    "getpass": ("catalog/secrets/*.py",),
    "os.environ": ("catalog/secrets/*.py",),
    "os.environb": ("catalog/secrets/*.py",),
    "os.getenv": ("catalog/secrets/*.py",),
    "os.putenv": (),
    "IPython": ("magics/*.py", "show/views.py"),
    "ipykernel": ("magics/*.py", "show/views.py", "widgets/*.py"),
    "ipywidgets": ("widgets/*.py",),
    "pandas": ("presenting.py",),  # tables of what was compared, where a person wants them
    "matplotlib": (),
    "PIL": (),
    "numpy": (),
    "pydantic": (),
    "pypdf": ("talk/*.py",),
    "nest_asyncio": ("talk/awaiting.py",),
    "nest_asyncio2": ("talk/awaiting.py",),
}

# Names that differ between the import and the distribution.
DISTRIBUTIONS = {
    "IPython": "ipython",
    "markdown_it": "markdown-it-py",
    "mdit_py_plugins": "mdit-py-plugins",
    "docstring_parser": "docstring-parser",
    "nest_asyncio": "nest-asyncio",
    "nest_asyncio2": "nest-asyncio2",
}

# Imported when first needed, and installed by an extra of the same name.
OPTIONAL = {"keyring", "pypdf", "pandas"}

LINES = 400
NAMELESS = {"util", "utils", "helper", "helpers", "common", "core", "manager", "managers", "misc"}


@dataclass(frozen=True)
class Import:
    """One import statement, wherever in the file it stands."""

    by: str
    of: str
    line: int
    annotation_only: bool

    def __str__(self) -> str:
        return f"{self.by}:{self.line} imports {self.of}"


def files() -> list[Path]:
    return sorted((ROOT / PACKAGE).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def floor(module: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(module) in rooms)


def is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def called_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


class Reader(ast.NodeVisitor):
    """Collects every import of a file: at the top, inside functions, for annotations, and by name."""

    def __init__(self, path: Path) -> None:
        self.module = module_name(path)
        self.package = self.module if path.name == "__init__.py" else self.module.rpartition(".")[0]
        self.imports: list[Import] = []
        self.for_annotations = False

    def note(self, of: str, line: int) -> None:
        self.imports.append(Import(self.module, of, line, self.for_annotations))

    def visit_If(self, node: ast.If) -> None:
        before = self.for_annotations
        self.for_annotations = before or is_type_checking(node.test)
        for child in node.body:
            self.visit(child)
        self.for_annotations = before
        self.visit(node.test)
        for child in node.orelse:
            self.visit(child)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.note(alias.name, node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            above = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
            base = ".".join([*above, base] if base else above)
        for alias in node.names:
            self.note(f"{base}.{alias.name}", node.lineno)

    def visit_Call(self, node: ast.Call) -> None:
        if called_name(node) in {"import_module", "__import__"} and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                self.note(argument.value, node.lineno)
            elif self.module != PACKAGE:
                self.note("a name that is known at run time only", node.lineno)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name) and node.value.id == "os" and f"os.{node.attr}" in DOORS:
            self.note(f"os.{node.attr}", node.lineno)
        self.generic_visit(node)


@cache
def imports() -> tuple[Import, ...]:
    found = []
    for path in files():
        reader = Reader(path)
        reader.visit(ast.parse(path.read_text(encoding="utf-8"), str(path)))
        found += reader.imports
    return tuple(found)


@cache
def own_imports() -> tuple[Import, ...]:
    """The imports of the package's own modules, each naming a module (not what is taken from it)."""
    modules = {module_name(path) for path in files()}
    found = []
    for each in imports():
        if each.of.split(".")[0] != PACKAGE:
            continue
        target = each.of if each.of in modules else each.of.rpartition(".")[0]
        found.append(Import(each.by, target or PACKAGE, each.line, each.annotation_only))
    return tuple(found)


def allowed(each: Import) -> bool:
    by, of = room(each.by), room(each.of)
    if by == of:
        return True
    if "demo" in (by, of):
        # The built-in models know nothing of the rest; the session and what stands above it may know them.
        return of == "demo" and floor(each.by) >= floor(f"{PACKAGE}.session")
    if floor(each.by) == floor(each.of) == 0:
        return True
    if by in READERS and each.of in READ_BY_MIDDLE_ROOMS:
        return True
    return floor(each.of) < floor(each.by)


def test_the_package_has_no_room_that_the_plan_does_not_know() -> None:
    known = set().union(*FLOORS) | {"demo"}
    assert {room(module_name(path)) for path in files()} <= known


def test_imports_point_downward_late_ones_and_annotations_included() -> None:
    wrong = [str(each) for each in own_imports() if not allowed(each) and each.by != PACKAGE]
    assert not wrong, "\n".join(wrong)


def test_nothing_imports_the_package_itself() -> None:
    wrong = [str(each) for each in own_imports() if each.of == PACKAGE and each.by != PACKAGE]
    assert not wrong, "\n".join(wrong)


def test_no_module_is_imported_by_what_it_imports() -> None:
    graph: dict[str, set[str]] = {}
    for each in own_imports():
        if each.by != each.of and not (each.annotation_only and (each.by, each.of) in ANNOTATION_ONLY):
            graph.setdefault(each.by, set()).add(each.of)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as ring:
        pytest.fail(" -> ".join(ring.args[1]))


@pytest.mark.parametrize("outside", DOORS)
def test_the_outside_is_touched_only_where_its_door_is(outside: str) -> None:
    wrong = []
    for each in imports():
        if each.of != outside and not each.of.startswith(f"{outside}."):
            continue
        path = each.by.removeprefix(f"{PACKAGE}.").replace(".", "/") + ".py"
        if not any(fnmatch(path, door) for door in DOORS[outside]) and (outside != "IPython" or each.by != PACKAGE):
            wrong.append(str(each))
    assert not wrong, "\n".join(wrong)


def test_what_is_imported_is_a_dependency_and_every_dependency_is_imported() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = project.split("\ndependencies = [")[1].split("\n]")[0]
    dependencies = set(re.findall(r'^ *"([\w-]+)', listed, re.MULTILINE))
    # tomllib is part of Python from 3.11 on; on 3.10 tomli is there in its place. typing_extensions is for type checkers.
    ours = {"tomllib", "typing_extensions", PACKAGE}
    foreign = {each.of.split(".")[0] for each in imports()} - sys.stdlib_module_names - ours
    assert {DISTRIBUTIONS.get(name, name) for name in foreign - OPTIONAL} == dependencies
    extras = project.split("[project.optional-dependencies]")[1].split("\n[")[0]
    assert all(re.search(rf'^{name} = \["{name}>=', extras, re.MULTILINE) for name in OPTIONAL & foreign)


def test_modules_are_imported_by_names_that_can_be_read_in_the_source() -> None:
    wrong = [str(each) for each in imports() if " " in each.of]
    assert not wrong, "\n".join(wrong)


def test_a_file_holds_one_noun() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert not {name: lines for name, lines in long.items() if lines > LINES}


def test_a_file_is_named_for_what_it_holds() -> None:
    parts = {part for path in files() for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not parts & NAMELESS


def test_every_module_has_its_test_file_beside_it() -> None:
    missing = []
    for path in files():
        if path.name != "__init__.py":
            inside = path.relative_to(ROOT / PACKAGE)
            test = ROOT / "tests" / inside.parent / f"test_{path.stem.strip('_')}.py"
            if not test.exists():
                missing.append(str(test.relative_to(ROOT)))
    assert not missing, "\n".join(missing)


def tracked() -> list[Path]:
    if not (ROOT / ".git").exists() and not os.environ.get("CI"):
        pytest.skip("this is no git checkout")
    git = shutil.which("git")
    assert git, "git is needed to know which files are tracked"
    # CI may check out as another user than the one who runs the tests.
    listing = subprocess.run(
        [git, "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine() -> None:
    # Put together here, so that this file does not name them either.
    forbidden = [
        "/".join(parts) for parts in (("", "work", ""), ("..", "shared"), ("", "root", ""), ("", ".pyenv", "versions"))
    ] + [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("proxy", "golang"))]
    wrong = []
    for path in tracked():
        content = path.read_bytes()
        wrong += [f"{path.relative_to(ROOT)}: {text}" for text in forbidden if text.encode() in content]
    assert not wrong, "\n".join(wrong)
