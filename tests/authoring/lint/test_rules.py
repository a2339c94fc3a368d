"""Every rule is a module with its page, its name and its own tests."""

import ast
from pathlib import Path

import pytest

from journeys.authoring.lint import FILE_RULES, RULES, rules

EVERY_RULE = (*RULES, *FILE_RULES)
HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in Path(rules.__file__).parent.glob("*.py") if path.stem != "__init__")


def short(rule):
    return rule.__name__.rpartition(".")[2]


def test_every_module_is_listed_once():
    assert sorted(map(short, EVERY_RULE)) == NAMES


@pytest.mark.parametrize("rule", EVERY_RULE, ids=short)
def test_a_rule_is_called_like_its_module(rule):
    assert short(rule).replace("_", "-") == rule.ID


@pytest.mark.parametrize("rule", EVERY_RULE, ids=short)
def test_a_rule_has_its_page(rule):
    """One sentence states the rule; the others give the reason, the scope, or an example."""
    first, _, rest = rule.__doc__.partition("\n\n")
    assert first.endswith("."), first
    assert len(rest.split()) >= 5
    assert rule.check.__doc__


@pytest.mark.parametrize("rule", EVERY_RULE, ids=short)
def test_a_rule_has_its_tests(rule):
    """Among them a failing example, which names the rule, and one that is fine."""
    text = (HERE / f"test_{short(rule)}.py").read_text()
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    checks = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id.startswith("check")]
    assert f'"{rule.ID}"' in text
    assert any(not any(isinstance(arg, ast.Tuple | ast.Starred) for arg in call.args) for call in checks)
