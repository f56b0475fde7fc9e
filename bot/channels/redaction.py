"""Keeps tokens, keys and secrets out of error texts and logs."""

import logging
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
LONGEST_TEXT = 160

_NAMED = re.compile(
    r"""(\b(?:access_token|component_access_token|app_?secret|corp_?secret|secret|key)["']?\s*[=:]\s*["']?)"""
    r"""[^\s&"'<>,}]+""",
    re.IGNORECASE,
)


def mask_named_values(text: str) -> str:
    """Mask what stands behind `access_token=`, `secret=`, `key=` and the like."""
    return _NAMED.sub(rf"\g<1>{MASK}", text)


def safe_text(text: str, secrets: Iterable[str] = ()) -> str:
    """Make a platform's own words fit to be stored and logged.

    Known secrets and named values are masked; what is not printable ASCII goes, because the platform
    may quote the message; the rest is cut to one short line.
    """
    for secret in secrets:
        for form in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(form, MASK) if form else text
    text = "".join(char if " " <= char <= "~" else " " for char in mask_named_values(text))
    return " ".join(text.split())[:LONGEST_TEXT]


class _MaskingFilter(logging.Filter):
    """Masks named values in the lines of a library that logs whole addresses."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = mask_named_values(record.getMessage())
        record.args = None
        return True


_FILTER = _MaskingFilter()


def mask_library_logs() -> None:
    """Mask the debug lines of urllib3, which carry the query string. Calling it again changes nothing."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_FILTER)
