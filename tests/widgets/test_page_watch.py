from __future__ import annotations

import ipywidgets

from byom_magics.widgets.page_watch import PageWatch
from byom_magics.widgets.parts import Parts
from tests.widgets.hands import none_left


def test_it_hears_of_a_page_that_asks_for_all_widgets_and_what_it_sets_then_goes_there() -> None:
    with none_left():
        parts, asked = Parts(), []

        def tell() -> None:
            asked.append(1)
            watch.value = "What has ended."

        watch = parts.own(PageWatch(tell))
        assert (watch.value, asked) == ("", [])
        told = ipywidgets.Widget.get_manager_state()["state"][watch.model_id]["state"]
        assert told["value"] == "What has ended."
        assert asked == [1]
        parts.close()
