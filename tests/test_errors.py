from __future__ import annotations

import copy
import pickle

import pytest

from byom_magics import errors
from byom_magics.events import Reply, State

ALL = [getattr(errors, name) for name in errors.__all__]


def full(kind: type[errors.ByomError]) -> errors.ByomError:
    return kind("It broke.", model="llama", address="http://localhost:1/v1", hint="mend it")


@pytest.mark.parametrize("kind", ALL)
def test_a_message_says_what_happened_to_whom_and_what_to_do_next(kind: type[errors.ByomError]) -> None:
    assert str(full(kind)) == "It broke.\nModel: llama at http://localhost:1/v1\nNext: mend it"


@pytest.mark.parametrize("kind", ALL)
def test_what_is_not_known_is_left_out_of_a_message(kind: type[errors.ByomError]) -> None:
    assert str(kind("It broke.")) == "It broke."
    assert str(kind("It broke.", model="llama")) == "It broke.\nModel: llama"
    assert str(kind("It broke.", address="http://a/")) == "It broke.\nModel: http://a/"


@pytest.mark.parametrize("kind", ALL)
def test_an_error_can_be_pickled_and_copied_with_all_that_it_knows(kind: type[errors.ByomError]) -> None:
    error = full(kind)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert (twin.what, twin.model, twin.address, twin.hint) == (error.what, error.model, error.address, error.hint)


@pytest.mark.parametrize("kind", ALL)
def test_ipython_shows_the_message_and_no_frames(kind: type[errors.ByomError]) -> None:
    assert full(kind)._render_traceback_() == [
        f"{kind.__name__}: It broke.",
        "Model: llama at http://localhost:1/v1",
        "Next: mend it",
    ]


def test_the_tree_at_the_top_of_the_module_names_every_error_under_its_parent() -> None:
    drawing = (errors.__doc__ or "").splitlines()
    depth = {
        line.split("──")[-1].split()[0]: line.index(line.split("──")[-1].split()[0])
        for line in drawing
        if "Error" in line and line.startswith("    ")
    }
    assert set(depth) == set(errors.__all__)
    above: list[str] = []
    for name, indent in depth.items():
        while above and depth[above[-1]] >= indent:
            above.pop()
        parent = getattr(errors, above[-1]) if above else Exception
        assert getattr(errors, name).__bases__[0] is parent, name
        above.append(name)


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        (errors.UnknownModelError, KeyError),
        (errors.RegistrationError, ValueError),
        (errors.OptionError, ValueError),
        (errors.MissingPackageError, ImportError),
    ],
)
def test_code_that_knows_only_pythons_own_errors_catches_ours(
    kind: type[errors.ByomError], known: type[Exception]
) -> None:
    with pytest.raises(known):
        raise kind("It broke.")


def test_a_call_that_began_nothing_has_no_reply() -> None:
    assert errors.CallError("It broke.").reply is None
    assert errors.StatusError("It broke.").status is None


def test_an_error_and_its_reply_hold_each_other_through_a_pickle() -> None:
    error = errors.StalledError("It stalled.", model="llama", hint="wait longer")
    error.reply = Reply(text="half an", state=State.STALLED, reason="idle", error=error)
    twin = pickle.loads(pickle.dumps(error))
    assert twin.reply.text == "half an"
    assert twin.reply.error is twin
