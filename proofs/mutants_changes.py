"""What can be changed: mutmut's changes of functions, and the figures at the top of a module, which mutmut leaves alone.

mutmut leaves decorated functions alone, too; properties lose that decorator here, so that they are changed as well.
"""

import ast
import difflib
import pathlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import libcst
from mutmut.mutation.file_mutation import create_mutations, deep_replace


@dataclass(frozen=True)
class Change:
    """One change of one function (its text after it) or figure, and the lines that differ."""

    module: str
    function: str  # as in `Class.name`, `name`; or the figure
    after: str
    diff: tuple[str, ...]


class _NoProperty(libcst.CSTTransformer):
    def leave_FunctionDef(self, original_node: libcst.FunctionDef, updated_node: libcst.FunctionDef) -> libcst.FunctionDef:  # noqa: N802
        kept = [
            each
            for each in updated_node.decorators
            if not (isinstance(each.decorator, libcst.Name) and each.decorator.value == "property")
        ]
        return updated_node.with_changes(decorators=kept)


def changes_of(module: ModuleType) -> Iterator[Change]:
    """Every change mutmut knows for the functions, methods and properties of `module`, in the order of its source."""
    path = str(module.__file__)
    source = libcst.parse_module(pathlib.Path(path).read_text(encoding="utf-8")).visit(_NoProperty()).code
    tree, mutations, *_ = create_mutations(path, source)
    names: dict[libcst.CSTNode, str] = {}
    for node in tree.body:
        if isinstance(node, libcst.FunctionDef):
            names[node] = node.name.value
        elif isinstance(node, libcst.ClassDef):
            inner = (each for each in node.body.body if isinstance(each, libcst.FunctionDef))
            names |= {each: f"{node.name.value}.{each.name.value}" for each in inner}
    for mutation in mutations:
        top = mutation.contained_by_top_level_function
        if top is None or top not in names:
            continue
        before = libcst.Module([top]).code
        after = libcst.Module([deep_replace(top, mutation.original_node, mutation.mutated_node)]).code
        lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))[2:]
        yield Change(module.__name__, names[top], after, tuple(line for line in lines if not line.startswith("@@")))


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """The functions that `module` itself defines, those of its classes and properties included, by name."""
    found: dict[str, Any] = {}
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        found[name] = value
        if isinstance(value, type):
            for inner, held in vars(value).items():
                bare = held.fget if isinstance(held, property) else getattr(held, "__func__", held)
                found[f"{name}.{inner}"] = bare
    return {name: value for name, value in found.items() if isinstance(value, FunctionType)}


def built(module: ModuleType, change: Change) -> FunctionType | None:
    """The changed function, among the module's own names; None when Python refuses the text."""
    space = dict(vars(module))
    try:
        exec(compile("from __future__ import annotations\n" + change.after, "<change>", "exec"), space)
    except Exception:  # whatever importing it would raise: no test could even begin, so it is noticed
        return None
    made = space[change.function.rpartition(".")[2]]
    return made if isinstance(made, FunctionType) else None


def figures_of(module: ModuleType) -> Iterator[tuple[Change, int | float, int | float]]:
    """Each number at the top of `module`, one more and one less (a share: a hundredth of itself), with what it is and becomes."""
    for node in ast.parse(pathlib.Path(str(module.__file__)).read_text(encoding="utf-8")).body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if not isinstance(target, ast.Name) or not any(isinstance(each, ast.Constant) for each in ast.walk(node)):
            continue
        name, value = target.id, getattr(module, target.id)
        if type(value) not in (int, float):
            continue
        for other in (value + 1, value - 1) if type(value) is int else (value * 1.01, value * 0.99):
            yield Change(module.__name__, name, "", (f"-{name} = {value}", f"+{name} = {other}")), value, other


def set_figure(name: str, value: float, other: float) -> None:
    """Put `other` in the place of `value` in every module of the project that holds it under this name, and in its defaults."""
    for module in list(sys.modules.values()):
        ours = getattr(module, "__name__", "").startswith(("firmware_protocol", "pencontrol", "sessions"))
        if ours and vars(module).get(name) == value:
            vars(module)[name] = other
            _set_defaults(module, name, other)


def _set_defaults(module: ModuleType, name: str, other: float) -> None:
    """The same for arguments that were given the figure when their function was made."""
    functions = functions_of(module)
    body = ast.parse(pathlib.Path(str(module.__file__)).read_text(encoding="utf-8")).body
    inner = [(f"{node.name}.", node.body) for node in body if isinstance(node, ast.ClassDef)]
    for prefix, nodes in [("", body), *inner]:
        for node in nodes:
            function = functions.get(prefix + node.name) if isinstance(node, ast.FunctionDef) else None
            if function is not None and function.__defaults__ and isinstance(node, ast.FunctionDef):
                given = [isinstance(each, ast.Name) and each.id == name for each in node.args.defaults]
                held = function.__defaults__
                function.__defaults__ = tuple(other if is_it else old for is_it, old in zip(given, held, strict=True))
