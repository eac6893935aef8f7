"""Migrations only add: while a city is renewed, workers of the version before go on with the newer schema."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

VERSIONS = sorted((Path(__file__).parents[2] / "store" / "migrations" / "versions").glob("*.py"))


def _calls(source: str) -> list[ast.Call]:
    """What `upgrade` does: its calls of `op`."""
    tree = ast.parse(source)
    upgrade = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade")
    calls = [node for node in ast.walk(upgrade) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Attribute) and _name(call.func.value) == "op"]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _keywords(call: ast.Call) -> dict[str, object]:
    return {word.arg or "": getattr(word.value, "value", word.value) for word in call.keywords}


def disturbances(source: str) -> list[str]:
    """What an older program would stumble over."""
    found = []
    made: set[object] = set()
    for call in _calls(source):
        assert isinstance(call.func, ast.Attribute)
        match call.func.attr:
            case "f":
                continue
            case "create_table":
                made.add(getattr(call.args[0], "value", None))
            case "bulk_insert":
                continue
            case "create_index":
                table = getattr(call.args[1], "value", None)
                if _keywords(call).get("unique") and table not in made:
                    found.append(f"line {call.lineno}: a unique index on {table}, which older programs write")
            case "add_column":
                column = call.args[1]
                assert isinstance(column, ast.Call)
                said = _keywords(column)
                if said.get("nullable") is not True and "server_default" not in said:
                    found.append(f"line {call.lineno}: a column that older programs do not fill")
            case other:
                found.append(f"line {call.lineno}: {other}")
    return found


@pytest.mark.parametrize("file", VERSIONS, ids=lambda file: file.stem)
def test_a_migration_only_adds(file: Path) -> None:
    assert disturbances(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "op.drop_column('homes', 'area')",
        "op.alter_column('homes', 'area', new_column_name='place')",
        "op.add_column('homes', sa.Column('floor', sa.Integer(), nullable=False))",
        "op.add_column('homes', sa.Column('floor', sa.Integer()))",
        "op.create_index('uq_homes_area', 'homes', ['area'], unique=True)",
        "op.execute('DELETE FROM homes')",
    ],
)
def test_what_disturbs_is_seen(line: str) -> None:
    assert len(disturbances(f"def upgrade():\n    {line}\n")) == 1
