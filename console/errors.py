"""An error as the user meets it: one line, or one JSON object, and an exit code."""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from typing import Final

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
USAGE_CODES: Final = frozenset({"usage", "config_invalid", "cameras_invalid", "calibration_invalid", "token_required"})
"""Of what is wrong with what was asked for, rather than with what came of it."""


def show_error(message: str, code: str, *, as_json: bool = False) -> int:
    """Write the error, to stderr as a line or to stdout as JSON.

    Args:
        message: What was tried, with which value, what to do; line breaks become spaces.
        code: Stable name.
        as_json: For scripts.

    Returns:
        The exit code that goes with it.
    """
    line = " ".join(message.split())
    if as_json:
        sys.stdout.write(json.dumps({"status": "failed", "error": {"code": code, "message": line}}) + "\n")
    else:
        red, plain = ("\x1b[1;31m", "\x1b[0m") if sys.stderr.isatty() else ("", "")
        sys.stderr.write(f"{red}error:{plain} {line} [{code}]\n")
    return exit_code(code)


def exit_code(code: str) -> int:
    """What goes with an error, by its stable name."""
    return USAGE if code in USAGE_CODES else FAILED


def quiet_libraries() -> None:
    """Keep what libraries log and warn off the user's terminal, unless `MCT_DEBUG` asks for it."""
    debug = bool(os.environ.get("MCT_DEBUG"))
    logging.basicConfig(level=logging.DEBUG if debug else logging.CRITICAL)
    if not debug:
        warnings.simplefilter("ignore")
