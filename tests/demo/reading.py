"""Material that the tests of forms share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics.demo.answer import shipped_reference
from byom_magics.demo.material import Material, sources

if TYPE_CHECKING:
    from byom_magics.demo.conversation import Done


def material(question: str, *done: Done) -> Material:
    """What the shipped reference and the results of tools have to a question."""
    return Material(question, sources(shipped_reference().look(question)), done)


WITH = material("How does the with statement work?")
ANNA = material("Anna is 30 years old and lives in Oslo, her mail is anna@example.org since 2024-05-01.")
