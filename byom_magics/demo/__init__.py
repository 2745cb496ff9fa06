"""
The built-in models: small and honest, made from the Python reference that ships with every Python.

They speak the OpenAI-compatible protocol, in the process (`byom_magics.demo.transport`) or on a port
(``python -m byom_magics.demo``). Importing this package costs nothing; the models are made when first asked.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["BASE_URL", "MODELS", "BuiltIn"]

BASE_URL = "demo://builtin/v1"
"""Where the in-process form answers."""


class BuiltIn(NamedTuple):
    """
    One built-in model.

    Attributes:
        id: The name that a request gives as ``model``.
        description: What it is and what it is not, in one sentence.
        order: For n-gram models the n; None otherwise.
        max_tokens: The longest answer, in tokens, where the request sets no limit.
        can: What it can do beyond answering with text: ``tools``, ``structured_output``, ``reasoning``.
    """

    id: str
    description: str
    order: int | None
    max_tokens: int
    can: tuple[str, ...] = ()


MODELS = (
    BuiltIn(
        "demo/pydoc",
        "Answers questions about Python with passages of the Python reference. Not a language model.",
        None,
        1000,
        ("tools", "structured_output", "reasoning"),
    ),
    BuiltIn(
        "demo/bigram",
        "Continues your text, one word looking back: a bigram model of the Python reference.",
        2,
        200,
    ),
    BuiltIn(
        "demo/5gram",
        "Continues your text, four words looking back: a 5-gram model of the Python reference.",
        5,
        200,
    ),
)
"""The built-in models, the one to begin with first."""
