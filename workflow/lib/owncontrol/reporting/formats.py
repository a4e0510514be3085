"""How numbers are written: as journals print them, and never without what they mean."""

import math

MINUS = "\u2212"


def number(value: float, digits: int | None = None) -> str:
    """A number with a true minus sign; whole numbers without decimals unless ``digits`` says so."""
    if math.isnan(value):
        return "not estimable"
    if digits is None:
        digits = 0 if float(value).is_integer() else 1
    text = f"{value:,.{digits}f}".replace(",", "\u202f")
    if float(text.replace("\u202f", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(value: float, digits: int | None = None) -> str:
    """A change: with its sign, plus included."""
    text = number(value, digits)
    return f"+{text}" if value > 0 else text


def interval(lower: float, upper: float, digits: int | None = None) -> str:
    """An interval's two bounds, joined by 'to' because bounds can be negative."""
    if math.isnan(lower) or math.isnan(upper):
        return "not estimable"
    if digits is None:
        digits = 0 if float(lower).is_integer() and float(upper).is_integer() else 1
    return f"{number(lower, digits)} to {number(upper, digits)}"


def p_value(p: float) -> str:
    """A p-value with its sign: p = 0.031, p = 0.24, p < 0.001."""
    if math.isnan(p):
        return "p not estimable"
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def share(events: int, n: int) -> str:
    """Events of n with the percentage: 12/13 (92 %)."""
    if n == 0:
        return "0/0"
    return f"{events}/{n} ({100 * events / n:.0f}\u00a0%)"


def percent(value: float) -> str:
    """A share as a percentage with one decimal where it needs it."""
    return "not estimable" if math.isnan(value) else f"{100 * value:.1f}".rstrip("0").rstrip(".")
