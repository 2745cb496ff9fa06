"""What would be sent, in Python: ``--dry-run`` of a cell as a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byom_magics import session
from byom_magics.options import check_options

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from byom_magics.options import Options
    from byom_magics.talk.call import Said
    from byom_magics.wire.client import Preview

__all__ = ["preview"]


def preview(model: str | None, prompt: Said, **options: Unpack[Options]) -> Preview:
    """
    The request as `byom_magics.ask` would send it, its key hidden. Nothing is sent, and no key is looked up.

    ``print(byom.preview("llama", "…", tools=[f]).body)``; ``.method``, ``.url`` and ``.headers`` are the rest of it,
    ``.beside`` tells how large what goes out with the prompt is.

    Args:
        model: The key of a registered model; None for the default.
        prompt: What is said; see `byom_magics.stream`.
        options: The further arguments of `byom_magics.stream`.

    Raises:
        SetupError: Nothing could be sent; as `byom_magics.stream` raises it.
    """
    check_options(options, "preview")
    return session.current().preview(model, prompt, **options)
