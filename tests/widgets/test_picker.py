from __future__ import annotations

import gc
import json
import threading
import uuid
import weakref
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from byom_magics.catalog.registration import spec_of
from byom_magics.session import Session
from byom_magics.widgets import picker as picker_module
from byom_magics.widgets.opened import OPENED
from byom_magics.widgets.picker import Picker, show_picker
from tests.show.safe import read, text_of
from tests.widgets.hands import inside, labelled, none_left, press, shown, widgets
from tests.wire.raw_server import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from byom_magics.catalog.registry import Registry

ipywidgets = pytest.importorskip("ipywidgets")


class Later:
    """Holds what is to be painted until the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, paint: Callable[[], None]) -> None:
        self.waiting.append(paint)

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for paint in waiting:
            paint()


class Comm:
    """A line to a front end that writes down what is sent."""

    sent: ClassVar[list[tuple[str, str, Any]]] = []

    def __init__(self, data: Any = None, comm_id: str | None = None, **_: Any) -> None:
        self.comm_id = comm_id or uuid.uuid4().hex
        self.sent.append(("open", self.comm_id, data))

    def send(self, data: Any = None, **_: Any) -> None:
        self.sent.append(("send", self.comm_id, data))

    def close(self, *_: Any, **__: Any) -> None:
        self.sent.append(("close", self.comm_id, None))

    def on_msg(self, _: Any) -> None: ...


def size(sent: list[tuple[str, str, Any]]) -> int:
    return len(json.dumps(sent, default=repr))


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    if int(ipywidgets.__version__.partition(".")[0]) < 8:
        pytest.skip("ipywidgets 7 takes no other line than ipykernel's")
    sent: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(Comm, "sent", sent)
    monkeypatch.setattr("comm.create_comm", Comm)
    return sent


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def models(session: Session) -> Registry:
    models = session.models
    add(
        models, "gpt", url="https://api.openai.com/v1", model="gpt-4o", capabilities={"tools": True, "reasoning": False}
    )
    add(models, "llama", name="Llama 3.2", model="llama3.2", description="Runs here")
    add(models, "demo/pydoc", builtin=True)
    return models


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def picker(session: Session, models: Registry, later: Later) -> Iterator[Picker]:
    assert len(models) == 3
    picker = Picker(session, later)
    yield picker
    picker.close()


def add(models: Registry, key: str, **described: Any) -> None:
    models.register(spec_of(key, **{"url": "http://localhost:11434/v1", **described}))


def parts(widget: Any) -> Iterator[Any]:
    """The widget and all that it refers to: children, layouts, styles."""
    yield widget
    for name in (*widget.keys, "children"):
        value = getattr(widget, name, None)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, ipywidgets.Widget):
                yield from parts(each)


def one(picker: Picker, kind: str) -> Any:
    return [each for each in parts(picker.box) if type(each).__name__ == kind][-1]


def listed(picker: Picker) -> list[str]:
    return [line.replace("\u00a0", " ").split("  ")[0] for line in one(picker, "Select")._options_labels]


def marked(picker: Picker) -> str | None:
    index = one(picker, "Select").index
    return None if index is None else listed(picker)[index]


def said(picker: Picker) -> str:
    return text_of(picker._details.value)


def told(picker: Picker) -> str:
    return text_of(picker._told.value).strip()


def do(widget: Any, **state: Any) -> None:
    """What a front end sends when a person does something."""
    data = {"method": "update", "state": state, "buffer_paths": []}
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def enter(picker: Picker) -> None:
    data = {"method": "custom", "content": {"event": "submit"}}
    one(picker, "Text")._handle_msg({"content": {"data": data}, "buffers": []})


def search(picker: Picker, later: Later, text: str) -> None:
    do(one(picker, "Text"), value=text)
    later.run()


def test_all_models_are_listed_and_none_is_chosen_for_the_person(picker: Picker, models: Registry) -> None:
    assert listed(picker) == ["gpt", "llama", "demo/pydoc"]
    assert marked(picker) is None
    assert models.default is None
    assert "asks no model yet" in said(picker)


def test_a_line_says_where_a_model_runs_what_it_can_do_and_where_its_key_comes_from(later: Later) -> None:
    session = Session()
    models = session.models
    add(models, "gpt", url="https://api.openai.com/v1", api_key="env:BYOM_NOT_SET", capabilities={"tools": True})
    picker = Picker(session, later)
    (line,) = one(picker, "Select")._options_labels
    assert line.replace("\u00a0", " ").split() == ["gpt", "cloud", "tools", "env:BYOM_NOT_SET", "(not", "set)"]
    picker.close()


def test_choosing_sets_the_default_and_says_so(picker: Picker, models: Registry, later: Later) -> None:
    do(one(picker, "Select"), index=1)
    assert models.default == "llama"
    later.run()
    assert marked(picker) == "llama"
    assert "A bare %%byom now asks llama." in said(picker)
    assert "Runs here" in said(picker)


def test_searching_narrows_the_list_and_chooses_nothing(picker: Picker, models: Registry, later: Later) -> None:
    models.set_default("gpt")
    later.run()
    search(picker, later, "PYDOC")
    assert listed(picker) == ["demo/pydoc"]
    assert (models.default, marked(picker)) == ("gpt", None)
    assert told(picker) == "1 of 3"
    search(picker, later, "nothing like it")
    assert (listed(picker), models.default) == ([], "gpt")
    assert "asks gpt" in said(picker)
    search(picker, later, "")
    assert (listed(picker), marked(picker)) == (["gpt", "llama", "demo/pydoc"], "gpt")


def test_enter_takes_the_first_match_and_then_the_next(picker: Picker, models: Registry, later: Later) -> None:
    search(picker, later, "a")
    assert listed(picker) == ["llama", "gpt", "demo/pydoc"]
    chosen = []
    for _ in range(4):
        enter(picker)
        chosen.append(models.default)
    assert chosen == ["llama", "gpt", "demo/pydoc", "llama"]
    search(picker, later, "none of them")
    enter(picker)
    search(picker, later, "")
    enter(picker)
    assert models.default == "llama"


def test_enter_goes_by_what_was_typed_and_not_by_what_is_painted(picker: Picker, models: Registry) -> None:
    do(one(picker, "Text"), value="pydoc")
    enter(picker)
    assert models.default == "demo/pydoc"


def test_a_choice_belongs_to_the_list_it_was_made_in(picker: Picker, models: Registry, later: Later) -> None:
    seen = one(picker, "Select")
    search(picker, later, "pydoc")
    assert listed(picker) == ["demo/pydoc"]
    do(seen, index=0)
    assert models.default == "gpt"


def test_the_registry_is_followed(picker: Picker, models: Registry, later: Later) -> None:
    add(models, "new")
    later.run()
    assert listed(picker) == ["gpt", "llama", "demo/pydoc", "new"]
    models.set_default("new")
    later.run()
    assert marked(picker) == "new"
    models.forget("new")
    later.run()
    assert listed(picker) == ["gpt", "llama", "demo/pydoc"]
    assert (marked(picker), models.default) == (None, None)
    assert "asks no model yet" in said(picker)
    add(models, "llama", description="Another one", name="Replaced")
    models.set_default("llama")
    later.run()
    assert "Another one" in said(picker)


def test_a_new_model_that_is_not_searched_for_leaves_the_list_as_it_is(
    picker: Picker, models: Registry, later: Later
) -> None:
    search(picker, later, "llama")
    before = one(picker, "Select")
    add(models, "mistral")
    models.set_default("mistral")
    later.run()
    assert one(picker, "Select") is before
    assert told(picker) == "1 of 4"
    add(models, "llama-2")
    later.run()
    assert listed(picker) == ["llama", "llama-2"]


def test_a_model_that_is_gone_meanwhile_is_not_chosen(picker: Picker, models: Registry, later: Later) -> None:
    models.forget("llama")
    do(one(picker, "Select"), index=1)
    later.run()
    assert models.default is None
    assert "llama is no longer registered." in said(picker)
    do(one(picker, "Select"), index=0)
    later.run()
    assert "no longer" not in said(picker)


def test_many_changes_are_one_painting(
    session: Session, models: Registry, later: Later, traffic: list[tuple[str, str, Any]]
) -> None:
    picker = Picker(session, later)
    traffic.clear()
    for number in range(500):
        add(models, f"model-{number}")
        models.set_default(f"model-{number}")
    assert traffic == []
    assert len(later.waiting) == 1
    later.run()
    assert size(traffic) < 60_000
    picker.close()


def test_a_key_stroke_among_two_thousand_models_sends_a_bounded_list(
    later: Later, traffic: list[tuple[str, str, Any]]
) -> None:
    session = Session()
    models = session.models
    for number in range(2_000):
        add(models, f"vendor-{number % 7}/model-{number}", description="A model. " * 50)
    picker = Picker(session, later)
    assert size(traffic) < 80_000
    assert told(picker) == "200 shown, and 1,800 more: type to narrow"
    traffic.clear()
    for text in ("m", "mo", "mod"):
        search(picker, later, text)
    assert size(traffic) < 3 * 60_000
    search(picker, later, "model-77")
    traffic.clear()
    search(picker, later, "model-777")
    assert listed(picker) == ["vendor-0/model-777"]
    assert size(traffic) < 4_000
    picker.close()


def test_lists_that_were_replaced_are_closed_in_the_end(
    picker: Picker, later: Later, traffic: list[tuple[str, str, Any]]
) -> None:
    for text in ("gpt", "llama") * 20:
        search(picker, later, text)
    assert len([each for each in traffic if each[0] == "open"]) == 40
    assert len([each for each in traffic if each[0] == "close"]) >= 36


def test_a_key_is_nowhere_in_the_state_of_any_part(
    later: Later, monkeypatch: pytest.MonkeyPatch, traffic: list[tuple[str, str, Any]]
) -> None:
    monkeypatch.setenv("BYOM_TEST_KEY", "canary-5f2c")
    session = Session()
    models = session.models
    secret = {"X-Auth-Token": "env:BYOM_TEST_KEY", "X-Tenant": "tenant-9"}
    add(models, "gpt", api_key="env:BYOM_TEST_KEY", headers=secret)
    models.set_default("gpt")
    picker = Picker(session, later)
    search(picker, later, "gpt")
    states = json.dumps([each.get_state() for each in parts(picker.box)], default=repr) + json.dumps(
        traffic, default=repr
    )
    assert "env:BYOM_TEST_KEY" in states
    assert "canary" not in states
    assert "tenant-9" not in states
    assert not [each for each in parts(picker.box) if isinstance(each, ipywidgets.Password)]
    picker.close()


def test_hostile_texts_are_shown_and_do_nothing(models: Registry, picker: Picker, later: Later) -> None:
    evil = '<img src=x onerror=alert(1)>"\u202e\x1b[31m $\\href{javascript:x}{y}$'
    models.register(spec_of("evil<b>", url="http://localhost/v1", name="n", description=evil))
    models.set_default("evil<b>")
    later.run()
    assert "img" not in read(picker._details.value).tags
    assert r"<img src=x onerror=alert(1)>" in said(picker)
    assert r"\u202e\x1b[31m" in said(picker)
    assert told(picker) == "4 models"


def test_no_models_at_all_say_what_to_do(later: Later) -> None:
    picker = Picker(Session(), later)
    assert told(picker).startswith("No model is registered: %byom_register")
    picker.close()


def test_filters_narrow_the_list_and_are_said_while_they_are_folded_away(
    picker: Picker, session: Session, later: Later
) -> None:
    add(session.models, "cheap", price_out=1, capabilities={"tools": True}, url="https://api.example/v1")
    press(labelled(picker.box, "Show filters"))
    do(labelled(picker.box, "tools"), value=True)
    do(labelled(picker.box, "cloud"), value=True)
    later.run()
    assert listed(picker) == ["gpt", "cheap"]
    do(labelled(picker.box, "Price up to"), value="2")
    later.run()
    assert listed(picker) == ["cheap"]
    press(labelled(picker.box, "Hide filters"))
    assert "Filters on: tools, at most 2 USD per million output tokens, cloud." in told(picker)
    assert "Left out because nobody said: price in USD (1 model)." in told(picker)
    enter(picker)
    assert session.models.default == "cheap"


def test_favourites_have_a_star_and_can_be_all_that_is_listed(picker: Picker, session: Session, later: Later) -> None:
    assert labelled(picker.box, "Add to favourites").disabled
    session.models.set_default("llama")
    later.run()
    press(labelled(picker.box, "Add to favourites"))
    later.run()
    assert session.layers.favourites.keys == {"llama"}
    assert "llama ★" in listed(picker)
    press(labelled(picker.box, "Show filters"))
    do(labelled(picker.box, "favourites only"), value=True)
    later.run()
    assert listed(picker) == ["llama ★"]
    press(labelled(picker.box, "Remove favourite"))
    later.run()
    assert (session.layers.favourites.keys, listed(picker)) == (frozenset(), [])


def test_favourites_are_known_to_the_next_session_and_to_other_pickers_at_once(
    picker: Picker, session: Session, models: Registry, later: Later
) -> None:
    other = Picker(session, later)
    models.set_default("llama")
    later.run()
    press(labelled(picker.box, "Add to favourites"))
    for _ in range(2):
        later.run()
    assert "llama ★" in listed(other)
    other.close()
    tomorrow = Session()
    add(tomorrow.models, "llama", url="http://localhost:1/v1")
    again = Picker(tomorrow, later)
    assert listed(again) == ["llama ★"]
    again.close()


def test_a_file_of_favourites_that_is_broken_is_a_note(session: Session, models: Registry, later: Later) -> None:
    path = session.layers.favourites.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{", encoding="utf-8")
    models.set_default("llama")
    picker = Picker(session, later)
    assert "Favourites of other sessions are not known" in shown(picker.box)
    press(labelled(picker.box, "Add to favourites"))
    later.run()
    assert "llama ★" in listed(picker)
    assert "This holds for the session only" in shown(picker.box)
    picker.close()
    assert path.read_text(encoding="utf-8") == "{"


def test_parameters_are_set_for_the_session_and_another_picker_shows_them(
    picker: Picker, session: Session, later: Later
) -> None:
    other = Picker(session, later)
    session.models.set_default("gpt")
    for each in (picker, other):
        press(labelled(each.box, "Set parameters"))
    do(labelled(picker.box, "Temperature"), value="0.2")
    later.run()
    assert session.chosen == {"temperature": 0.2}
    assert "A bare %%byom now asks gpt, with temperature 0.2." in said(picker)
    other._paint()
    assert labelled(other.box, "Temperature").value == "0.2"
    other.close()


def test_the_chosen_model_is_tested_and_asked_the_same(picker: Picker, session: Session, later: Later) -> None:
    session.register_builtin()
    session.ask("demo/5gram", "The with statement", max_tokens=5)
    assert labelled(picker.box, "Test").disabled
    session.models.set_default("demo/bigram")
    later.run()
    press(labelled(picker.box, "Test"))
    press(labelled(picker.box, "Ask it the same"))
    picker._trials.join(PATIENCE)
    said_below = shown(picker.box)
    assert "All is well: %%byom demo/bigram" in said_below
    assert "demo/bigram, asked the same: “The with statement”" in said_below
    session.close()


def test_a_model_that_the_form_registers_is_listed(picker: Picker, session: Session, later: Later) -> None:
    press(labelled(picker.box, "Register a model"))
    do(labelled(picker.box, "URL"), value="http://localhost:1/v1")
    do(labelled(picker.box, "Call it"), value="newcomer")
    press(labelled(picker.box, "Register"))
    for thread in threading.enumerate():
        if thread.name == "byom-picker-form":
            thread.join(PATIENCE)
    later.run()
    assert "newcomer" in listed(picker)


def test_two_thousand_models_are_filtered_and_sorted_within_a_bounded_list(
    later: Later, traffic: list[tuple[str, str, Any]]
) -> None:
    session = Session()
    for number in range(2_000):
        add(session.models, f"model-{number}", price_out=number % 50 or None, context_window=1_000 * (number % 9 + 1))
    picker = Picker(session, later)
    press(labelled(picker.box, "Show filters"))
    traffic.clear()
    do(labelled(picker.box, "Price up to"), value="5")
    do(labelled(picker.box, "Context from"), value="9k")
    do(labelled(picker.box, "Sort by"), index=1)
    later.run()
    assert size(traffic) < 60_000
    found = listed(picker)
    assert found == sorted(found)
    assert told(picker).startswith("22 of 2,000")
    assert "price in USD" in told(picker)
    picker.close()


def test_folded_parts_are_made_when_they_are_opened_and_all_of_them_are_closed(
    session: Session, models: Registry, later: Later
) -> None:
    models.set_default("gpt")
    with none_left():
        before = len(widgets())
        picker = Picker(session, later)
        opened = len(widgets())
        assert opened - before <= 30
        for words in ("Show filters", "Set parameters", "Register a model"):
            press(labelled(picker.box, words))
        press(labelled(picker.box, "Ask it the same"))
        for query in ("gpt", "llama", ""):
            search(picker, later, query)
        assert len(widgets()) > opened + 40
        picker.close()


def test_every_control_has_a_label(picker: Picker) -> None:
    for words in ("Show filters", "Set parameters", "Register a model"):
        press(labelled(picker.box, words))
    controls = [
        each for each in inside(picker.box) if hasattr(each, "description") and not hasattr(each, "placeholder")
    ]
    controls += [each for each in inside(picker.box) if isinstance(each, (ipywidgets.Text, ipywidgets.Textarea))]
    unlabelled = [each for each in controls if not each.description and not isinstance(each, ipywidgets.HTML)]
    assert len(controls) > 25
    assert unlabelled == []


def test_closing_ends_the_following_and_leaves_the_table(session: Session, models: Registry, later: Later) -> None:
    picker = Picker(session, later)
    left: list[tuple[str, str]] = []
    picker.on_close(lambda html, plain: left.append((html, plain)))
    all_parts = list(parts(picker.box))
    add(models, "late")
    picker.close()
    picker.close()
    later.run()
    assert models._watchers == []
    assert len(left) == 1
    assert "late" in text_of(left[0][0])
    assert "late" in left[0][1]
    assert [type(each).__name__ for each in all_parts if each.comm is not None] == []


def test_a_widget_that_is_closed_from_outside_stops_following(session: Session, models: Registry, later: Later) -> None:
    picker = Picker(session, later)
    picker.box.close()
    assert models._watchers == []


def test_nothing_of_a_closed_picker_remains_in_memory(session: Session, models: Registry, later: Later) -> None:
    picker = Picker(session, later)
    search(picker, later, "gpt")
    gone = weakref.ref(picker)
    picker.close()
    del picker
    gc.collect()
    assert gone() is None


def test_it_paints_of_itself_a_moment_later(session: Session, models: Registry) -> None:
    painted = threading.Event()
    picker = Picker(session)
    picker._told.observe(lambda _: painted.set(), "value")
    add(models, "new")
    assert painted.wait(20)
    picker.close()


def test_threads_that_register_and_choose_do_not_lose_a_change(session: Session, models: Registry) -> None:
    pickers = [Picker(session), Picker(session)]

    def work(name: str) -> None:
        for number in range(30):
            add(models, f"{name}-{number}")
            do(one(pickers[number % 2], "Text"), value=f"{name}")
            models.set_default(f"{name}-{number}")

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    models.set_default("gpt")
    for picker in pickers:
        do(one(picker, "Text"), value="")
        picker._paint()
        assert len(listed(picker)) == 93
        assert (models.default, marked(picker)) == ("gpt", "gpt")
        picker.close()


def test_a_front_end_with_subshells_may_send_past_a_running_cell(
    session: Session,
    models: Registry,
    later: Later,
    traffic: list[tuple[str, str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def to_the_last_shell(self: Comm, data: Any, default: Any) -> str:
        return "the shell that showed it"

    monkeypatch.setattr(Comm, "_reply_subshell_for", to_the_last_shell, raising=False)
    picker = Picker(session, later)
    search(picker, later, "gpt")
    for kind in ("Text", "Select"):
        assert one(picker, kind).comm._reply_subshell_for({}, "this one") == "this one"
    picker.close()


def test_a_terminal_gets_the_table_and_how_to_choose(
    session: Session, models: Registry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(picker_module, "widget_cell", lambda: None)
    models.set_default("llama")
    show_picker(session)
    printed = capsys.readouterr().out
    assert "llama (default)" in printed
    assert "%byom_default KEY" in printed
    assert models._watchers == []


def test_the_output_has_the_table_beside_the_widget_and_a_cell_that_runs_again_closes_the_first(
    session: Session, models: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[tuple[str, str, str]] = []
    replaced: list[str] = []

    def show(model_id: str, html: str, plain: str) -> Callable[[str, str], None]:
        displayed.append((model_id, html, plain))
        return lambda html, plain: replaced.append(model_id)

    for number in range(300):
        add(models, f"model-{number}")
    monkeypatch.setattr(picker_module, "widget_cell", lambda: "cell-1")
    monkeypatch.setattr(picker_module, "show_widget", show)
    show_picker(session)
    show_picker(session)
    (first, html, plain), (second, *_) = displayed
    assert first != second
    assert replaced == [first]
    assert len(models._watchers) == 1
    for text in (text_of(html), plain):
        assert "demo/pydoc" in text
        assert "103 more are not shown here: %byom_models." in text
    OPENED.close_all()
    assert replaced == [first, second]
    assert models._watchers == []
