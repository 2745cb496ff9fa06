"""``python -m byom_magics.demo``: the built-in models on a port of this machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from byom_magics.demo import MODELS
from byom_magics.demo.app import USUAL_PACE, App
from byom_magics.demo.server import DemoServer

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Serve until interrupted.

    Args:
        arguments: As on the command line; those of the process if None.

    Returns:
        The exit status: 0 after an interrupt, 1 if the port cannot be had.
    """
    parser = argparse.ArgumentParser(
        prog="python -m byom_magics.demo",
        description="Serve the built-in models as an OpenAI-compatible server.",
        epilog="Models: " + " ".join(f"{model.id}: {model.description}" for model in MODELS),
    )
    parser.add_argument("--port", type=int, default=8765, help="the port (default 8765; 0 for any free one)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: this machine only)")
    parser.add_argument(
        "--tokens-per-second",
        type=_pace,
        default=USUAL_PACE,
        metavar="N",
        help="the pace of streams where a request sets none (default %(default)g; 0 for as fast as it goes)",
    )
    options = parser.parse_args(arguments)
    try:
        server = DemoServer(options.host, options.port, App(options.tokens_per_second or None))
    except (OSError, OverflowError) as problem:
        print(f"Cannot listen at {options.host}:{options.port}: {problem}. Choose another --port.", file=sys.stderr)
        return 1
    with server:
        print(f"The built-in models answer at {server.url} (Ctrl-C ends it). In a notebook:", flush=True)
        print(f"%byom_register demo-server --url {server.url} --model {MODELS[0].id}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def _pace(text: str) -> float:
    pace = float(text)
    if not 0 <= pace < float("inf"):
        raise argparse.ArgumentTypeError("must be a number of 0 or more")
    return pace


if __name__ == "__main__":
    raise SystemExit(main())
