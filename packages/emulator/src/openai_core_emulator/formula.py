"""Formulas over numbers with names, such as `0.5 * style + 0.5 * facts`; nothing else that Python can do."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPERATORS: Final = dict[type, Callable[..., Any]](
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
        ast.Pow: operator.pow,
        ast.USub: operator.neg,
        ast.UAdd: operator.pos,
    }
)
_FUNCTIONS: Final = dict[str, Callable[..., Any]](
    min=min,
    max=max,
    abs=abs,
    floor=math.floor,
    ceil=math.ceil,
    exp=math.exp,
    sqrt=math.sqrt,
    log=math.log,
)


class FormulaError(ValueError):
    """What isn't a formula, or has no value."""


def value(formula: str, names: Mapping[str, float]) -> float:
    """What a formula comes to.

    Args:
        formula: with `+ - * / ^`, brackets, and the functions min, max, abs, floor, ceil, exp, sqrt and log.
        names: what the names in it stand for.

    Raises:
        FormulaError: if it has no value.
    """
    try:
        found = _value(ast.parse(formula.strip().replace("^", "**"), mode="eval").body, names)
    except FormulaError:
        raise
    except (ArithmeticError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError) as error:
        message = f"the formula '{formula}' has no value ({type(error).__name__})"
        raise FormulaError(message) from error
    if not isinstance(found, float) or not math.isfinite(found):
        message = f"the formula '{formula}' doesn't come to a number"
        raise FormulaError(message)
    return found


def _value(node: ast.expr, names: Mapping[str, float]) -> Any:
    match node:
        # As floats, so that no power is too large to be told.
        case ast.Constant(int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(name) if name in names:
            return names[name]
        case ast.Name(name):
            message = f"the formula has the name '{name}', which no grader has"
            raise FormulaError(message)
        case ast.UnaryOp(op, operand) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(operand, names))
        case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, names), _value(right, names))
        case ast.Call(ast.Name(name), arguments, []) if name in _FUNCTIONS:
            return float(_FUNCTIONS[name](*(_value(each, names) for each in arguments)))
        case _:
            message = f"the formula has '{ast.unparse(node)}', which isn't allowed there"
            raise FormulaError(message)
