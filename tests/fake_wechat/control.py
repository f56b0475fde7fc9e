"""`/_control/…`: faults, clock, reply windows and pushes, for scripts and for the demonstration."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from .answers import Json
from .delivery import DeliveryEngine
from .messages import Subscriber, event_push, image_push, text_push
from .platform import Platform

Function = Callable[[Mapping[str, Any]], Json]


class Control:
    """The stand-in's own operator, outside the documented API.

    Args:
        platform: what is controlled.
        engine: pushes what a person says.
        subscriber: callback of the demonstration, if there is one.
    """

    def __init__(self, platform: Platform, engine: DeliveryEngine, subscriber: Subscriber | None) -> None:
        """Take control."""
        self._platform = platform
        self._engine = engine
        self._subscriber = subscriber
        self._functions: Mapping[str, Function] = {
            "fault": self._fault,
            "faults/clear": self._clear_faults,
            "clock": self._clock,
            "window": self._window,
            "person": self._person,
            "say": self._say,
            "clear": self._clear,
        }

    @property
    def may_say(self) -> bool:
        """Tell whether a callback is configured that words can be pushed to."""
        return self._subscriber is not None

    def run(self, name: str, arguments: Mapping[str, Any]) -> Json | None:
        """Run one control function; None when there is no such function.

        Raises: ValueError, KeyError or TypeError when the arguments do not fit.
        """
        function = self._functions.get(name)
        return None if function is None else {"ok": True, **function(arguments)}

    def _fault(self, given: Mapping[str, Any]) -> Json:
        self._platform.faults.add(str(given["path"]), str(given["kind"]), **_options(given))
        return {}

    def _clear_faults(self, _: Mapping[str, Any]) -> Json:
        self._platform.faults.clear()
        return {}

    def _clock(self, given: Mapping[str, Any]) -> Json:
        if "set" in given:
            self._platform.clock.set(float(given["set"]))
        self._platform.clock.advance(float(given.get("advance", 0)))
        return {"now": self._platform.clock()}

    def _window(self, given: Mapping[str, Any]) -> Json:
        self._platform.official.open_window(str(given["openid"]))
        return {}

    def _person(self, given: Mapping[str, Any]) -> Json:
        self._platform.official.refuse_person(str(given["openid"]), int(given["errcode"]))
        return {}

    def _say(self, given: Mapping[str, Any]) -> Json:
        """Let a person write, send a `picture` (base64), or click on the menu (`event`, `key`)."""
        if self._subscriber is None:
            raise ValueError("no callback is configured; start with --callback")
        openid, at = str(given["openid"]), self._platform.clock()
        account_id = self._subscriber.account_id
        if given.get("event"):
            push = event_push(account_id, openid, str(given["event"]), at, EventKey=str(given.get("key", "")))
        elif given.get("picture"):
            media_id = self._platform.media.put(base64.b64decode(str(given["picture"])))
            push = image_push(account_id, openid, media_id, at)
        else:
            push = text_push(account_id, openid, str(given["text"]), at)
        result = self._engine.deliver(self._subscriber, push)
        return {"verdict": result.last.verdict, "tries": len(result.tries), "reply": result.reply_text}

    def _clear(self, _: Mapping[str, Any]) -> Json:
        self._platform.people.clear()
        return {}


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in ("at_call", "times"):
        if given.get(name) is not None:
            options[name] = int(given[name])
    for name in ("after_seconds", "for_seconds"):
        if given.get(name) is not None:
            options[name] = float(given[name])
    return options
