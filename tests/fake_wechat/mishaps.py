"""Carries a scripted fault out on one HTTP exchange."""

import json
from collections.abc import Callable
from html import escape

from .answers import Answer, ApiError
from .platform import Platform, json_answer

Write = Callable[[Answer], None]
Cut = Callable[[], None]


class Exchange:
    """One HTTP exchange that a fault may spoil.

    Args:
        platform: carries the call out.
        write: sends an answer.
        cut: closes the connection at once.
        write_part: sends the head and half of an answer.
    """

    def __init__(self, platform: Platform, write: Write, cut: Cut, write_part: Write) -> None:
        """Take the connection."""
        self._platform = platform
        self._write = write
        self._cut = cut
        self._write_part = write_part

    def serve(self, method: str, target: str, body: bytes, fault: str | None) -> None:
        """Answer one API call, spoiled by the fault if there is one."""
        if fault is None:
            self._write(self._platform.carry_out(method, target, body))
        elif fault in ("hang_after", "drop_answer", "truncate"):
            self._lose_answer(fault, self._platform.carry_out(method, target, body, fault))
        elif fault.startswith("errcode:"):
            errcode = int(fault.partition(":")[2])
            self._platform.note_fault(target, fault, errcode)
            self._write(json_answer(ApiError(errcode).answer()))
        else:
            self._platform.note_fault(target, fault)
            self._spoil(fault, target, body)

    def _lose_answer(self, fault: str, answer: Answer) -> None:
        """The call was carried out, but its answer does not arrive whole."""
        if fault == "truncate":
            self._write_part(answer)
        elif fault == "hang_after":
            self._platform.faults.wait_hanging()
        self._cut()

    def _spoil(self, fault: str, target: str, body: bytes) -> None:
        """The call is not carried out at all."""
        if fault == "hang":
            self._platform.faults.wait_hanging()
        if fault in ("hang", "refuse"):
            self._cut()
        elif fault.isdigit():
            self._write(Answer(int(fault), "text/html", b"<html><body><h1>nginx</h1></body></html>"))
        elif fault == "html200":
            page = f"<!doctype html><html><body>网络认证 {escape(target)}</body></html>"
            self._write(Answer(200, "text/html; charset=utf-8", page.encode()))
        elif fault == "echo":
            text = f"bad request: {target} {body.decode(errors='replace')}"
            self._write(json_answer({"errcode": 40097, "errmsg": text}))
        elif fault == "huge":
            filler = json.dumps({"errcode": 0, "errmsg": "x" * 3_000_000}).encode()
            self._write(Answer(200, "application/json", filler))
        elif fault.startswith("redirect:"):
            self._write(Answer(302, "text/plain", b"", fault.partition(":")[2]))
