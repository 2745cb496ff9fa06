"""One turn of ``demo/pydoc``: a tool is asked for, or the answer is given: results, a form, passages, or a repair."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from byom_magics.demo.failure import told_failure
from byom_magics.demo.fields import RequestError
from byom_magics.demo.form import Form, worded_form
from byom_magics.demo.matching import Matcher
from byom_magics.demo.material import Material, name_words, sources
from byom_magics.demo.notes import on_form, on_repair, on_search, on_tools
from byom_magics.demo.pieces import Piece, asking, saying, thinking
from byom_magics.demo.planning import Plan, plan
from byom_magics.demo.repair import repaired, told_repair
from byom_magics.demo.schema import SchemaProblem
from byom_magics.demo.shaping import shaped
from byom_magics.demo.telling import told
from byom_magics.demo.terms import stem

if TYPE_CHECKING:
    from byom_magics.demo.answer import Found, Reference
    from byom_magics.demo.conversation import Conversation
    from byom_magics.demo.request import ChatRequest

__all__ = ["answered"]

_COMPLAINT = re.compile(
    r"(?:\bnot|n't)\s+(?:a\s+)?(?:fit|match|valid|validate|conform)\b|\binvalid\b|\bvalidation error",
    re.IGNORECASE,
)

_FORM_TERMS = frozenset(
    map(stem, ("answer", "card", "cards", "entry", "flashcard", "form", "json", "overview", "quiz", "record", "topic"))
)


def answered(chat: ChatRequest, reference: Reference) -> Iterator[Piece]:
    """
    Answer a request. All is decided before the first piece, so that what cannot be answered is refused as a whole.

    Args:
        chat: The request.
        reference: What is quoted.

    Raises:
        RequestError: A schema in it cannot be read, or no value fits it.
    """
    form = chat.form
    if form is None and not chat.offer.functions and (failure := told_failure(chat.conversation.question)):
        repair = repaired(failure)
        notes = "\n\n".join(on_repair(failure, repair)) + "\n" if chat.effort else ""
        return chain(thinking(notes), saying(told_repair(failure, repair, reference)))
    if form is None or form.schema is None:
        form = worded_form([chat.conversation.told, chat.conversation.question], sure=form is not None) or form
    try:
        return _Turn(chat, form, reference).pieces()
    except (TypeError, AttributeError, KeyError, ValueError, OverflowError, RecursionError) as problem:
        if not (form or chat.offer.functions):
            raise
        # A schema comes from a stranger, and may be wrong in any place.
        what = f"response_format '{form.name}'" if form else "function parameters"
        said = str(problem) if isinstance(problem, SchemaProblem) else "it is not well-formed, or nested too deep"
        param = "response_format" if form else "tools"
        raise RequestError(400, f"Invalid schema for {what}: {said}.", param=param, code="invalid_schema") from problem


class _Turn:
    def __init__(self, chat: ChatRequest, form: Form | None, reference: Reference) -> None:
        self._conversation = _without_complaints(chat.conversation) if form else chat.conversation
        self._offer = chat.offer
        self._form = form
        self._effort = chat.effort
        self._reference = reference

    def pieces(self) -> Iterator[Piece]:
        conversation = self._conversation
        found = self._look()
        material = Material(conversation.question, sources(found), conversation.done)
        next_step = plan(conversation, self._offer, material)
        if next_step.calls:
            place = f"{len(conversation.texts)}\0{conversation.question}"
            return chain(thinking(self._notes(found, next_step)), asking(next_step.calls, place))
        text = self._text(found, material, next_step)
        return chain(thinking(self._notes(found, next_step)), saying(text))

    def _look(self) -> Found:
        question = self._conversation.question
        if self._form is None:
            return self._reference.look(question)
        # "Make cards about slices" is about slices: words of the form are not what is looked for.
        found = self._reference.look(question, _FORM_TERMS)
        if found.quoted:
            return found
        schema = self._form.schema if isinstance(self._form.schema, Mapping) else {}
        names = [str(schema.get("title", "")), self._form.name, *map(str, schema.get("properties", {})), "json"]
        terms = {stem(word) for name in names for word in name_words(name)}
        return self._reference.look(question, _FORM_TERMS | terms)

    def _text(self, found: Found, material: Material, next_step: Plan) -> str:
        if self._form is not None:
            schema = self._form.schema
            value = _object(material) if schema is None else shaped(schema, material)
            return json.dumps(value, ensure_ascii=False)
        if self._conversation.done or (next_step.lacks and not found.quoted):
            return told(self._conversation.done, next_step.lacks)
        return self._reference.told(found)

    def _notes(self, found: Found, next_step: Plan) -> str:
        if not self._effort:
            return ""
        notes: list[str] = []
        if self._offer.functions:
            ranked = Matcher(self._offer.functions).matches(self._conversation.question)
            notes += on_tools(ranked, next_step.why, self._effort)
        if next_step.calls:
            return "\n\n".join(notes) + "\n"
        if self._conversation.done:
            notes.append(f"I tell what {len(self._conversation.done)} calls said." if len(self._conversation.done) > 1
                         else "I tell what the call said.")  # fmt: skip
        else:
            notes += on_search(found, self._effort)
        if self._form is not None:
            schema = self._form.schema
            notes += on_form(self._form.name, schema if isinstance(schema, Mapping) else None, self._effort)
        return "\n\n".join(notes) + "\n"


def _without_complaints(conversation: Conversation) -> Conversation:
    """The conversation up to the question that is asked again, where the last answer to it was found not to fit."""
    questions = list(conversation.questions)
    while conversation.answered and len(questions) > 1 and _COMPLAINT.search(questions[-1][:1000]):
        questions.pop()
    return replace(conversation, questions=tuple(questions))


def _object(material: Material) -> dict[str, Any]:
    """A JSON object without a schema."""
    if material.done:
        return {"question": material.question, "results": [
            {"tool": done.name, "arguments": dict(done.arguments), "result": done.result} for done in material.done
        ]}  # fmt: skip
    passages = [{"title": source.title, "summary": source.summary} for source in material.sources]
    return {"question": material.question, "answer": material.best.summary, "passages": passages}
