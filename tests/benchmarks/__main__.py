"""
Measure what the package promises: ``python -m tests.benchmarks [NAME…]``.

Ratios are measured side by side in one run. Nothing fails when a target is missed: the last column says so.
"""

from __future__ import annotations

import argparse
import importlib
import time

from tests.benchmarks.figures import Figure, show, verdicts

_NAMES = (
    "load_time",
    "throughput",
    "first_event",
    "painting",
    "many",
    "memory",
    "discovery",
    "catalog",
    "history",
    "comparing",
    "soak",
)


def main() -> None:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=(__doc__ or "").strip())
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_NAMES)}; all if none is named")
    names = parser.parse_args().names or _NAMES
    for name in names:
        if name not in _NAMES:
            parser.error(f"there is no {name}: choose from {', '.join(_NAMES)}")
    tables: list[tuple[str, list[Figure]]] = []
    for name in names:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        began = time.monotonic()
        figures = module.measure()
        show(f"{module.TITLE} [{time.monotonic() - began:.0f} s]", figures)
        tables.append((module.TITLE, figures))
    if len(tables) > 1:
        print("\n" + "=" * 100)
        for title, figures in tables:
            show(title, [figure for figure in figures if figure.met is not None])
    print("\n" + verdicts(figure for _, figures in tables for figure in figures))


if __name__ == "__main__":
    main()
