"""Docstrings that can be challenged: where a rule comes from, and what a caller must expect to be raised."""

import ast
from collections.abc import Iterator

from tests.test_architecture import GENERATED, is_in, trees


def public_functions(*places: str) -> Iterator[tuple[str, ast.FunctionDef, str]]:
    """File, function, and its docstring together with those of its class and module."""
    for file, tree in trees().items():
        if any(is_in(file, place) for place in places) and not file.startswith(GENERATED):
            for node, text in _functions_of(tree, ast.get_docstring(tree) or ""):
                yield file, node, text


def _functions_of(body: ast.Module | ast.ClassDef, above: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    for node in body.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        text = f"{above}\n{ast.get_docstring(node) or ''}"
        if isinstance(node, ast.ClassDef):
            yield from _functions_of(node, text)
        else:
            yield node, text


def test_every_function_of_the_regulations_names_its_source() -> None:
    silent = [
        f"{file}:{node.lineno} {node.name}"
        for file, node, text in public_functions("scoring/")
        if node.col_offset == 0 and "Source:" not in text
    ]
    assert not silent, "\n".join(silent)


def test_what_a_function_raises_stands_in_its_docstring() -> None:
    silent = [
        f"{file}:{node.lineno} {node.name}"
        for file, node, text in public_functions("scoring/", "monitor/")
        if node.name != "main"  # a command line tells what failed and returns a number
        and any(isinstance(inner, ast.Raise) and inner.exc for inner in ast.walk(node))
        and "raise" not in text.lower()
    ]
    assert not silent, "\n".join(silent)
