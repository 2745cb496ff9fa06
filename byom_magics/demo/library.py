"""What Python brings along: its built-in names, its standard library, and what of it is where."""

from __future__ import annotations

import bisect
import builtins
import calendar
import cmath
import collections
import contextlib
import copy
import csv
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import glob
import heapq
import io
import itertools
import json
import math
import operator
import os
import pathlib
import pprint
import random
import re
import shutil
import statistics
import string
import sys
import textwrap
import time
import typing
from types import ModuleType

__all__ = ["ALIASES", "attributes", "built_in", "home", "is_meant", "is_module", "members", "modules", "value"]

ALIASES = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "sns": "seaborn"}
"""Names that nearly everybody has for a package."""
# The names under which notebooks import what is not of the standard library.
_PACKAGES = ("numpy", "pandas", "matplotlib", "seaborn", "scipy", "sklearn", "requests")

# Where a lone name is likely from, the likeliest first. Some names are in two of them, such as Counter.
_HOMES = (math, collections, dt, pathlib, random, statistics, functools, itertools, dataclasses, enum, contextlib,
          typing, decimal, fractions, time, pprint, copy)  # fmt: skip
_OTHERS = (bisect, calendar, cmath, csv, glob, heapq, io, json, operator, os, re, shutil, string, sys, textwrap)
_KNOWN: dict[str, ModuleType] = {module.__name__: module for module in (*_HOMES, *_OTHERS)} | {"os.path": os.path}
# Nobody who misspells a name means one of these.
_NOT_MEANT = frozenset({"breakpoint", "compile", "copyright", "credits", "eval", "exec", "exit", "license", "quit"})


def is_module(name: str) -> bool:
    """Whether it is a module of the standard library."""
    return name in sys.stdlib_module_names and not name.startswith("_")


def modules() -> list[str]:
    """The modules of the standard library, and packages that many notebooks import."""
    return [*(module.__name__ for module in _HOMES), *_PACKAGES, *sorted(filter(is_module, sys.stdlib_module_names))]


def members(module: str) -> tuple[str, ...]:
    """What a module of the standard library has; nothing where that is not known."""
    return tuple(name for name in dir(_KNOWN.get(module)) if not name.startswith("_")) if module in _KNOWN else ()


def value(module: str, name: str) -> object:
    """What a public name of a module stands for; None where that is not known."""
    return getattr(_KNOWN[module], name) if name in members(module) else None


def home(name: str) -> str:
    """The module that a name is likely from; empty where none has it."""
    found = (module.__name__ for module in _HOMES if name in getattr(module, "__all__", members(module.__name__)))
    return next(found, "") if len(name) > 1 else ""


def is_meant(name: str, *, called: bool) -> bool:
    """
    Whether anybody who misspells a name might mean this one.

    Args:
        name: What it looks like.
        called: Whether it is called. Built-in functions are meant only then; constants and classes are in any case.
    """
    found = getattr(builtins, name, None)
    return (
        not name.startswith("_")
        and name not in _NOT_MEANT
        and (called or isinstance(found, type) or not callable(found))
    )


def built_in(*, called: bool) -> list[str]:
    """The names that are always there, as far as they are meant by anybody."""
    return [name for name in vars(builtins) if is_meant(name, called=called)]


def attributes(kind: str) -> tuple[str, ...]:
    """The public attributes of objects of a class that Python brings along; nothing for other classes."""
    found = next((getattr(each, kind) for each in (builtins, *_HOMES) if hasattr(each, kind)), None)
    return tuple(name for name in dir(found) if not name.startswith("_")) if isinstance(found, type) else ()
