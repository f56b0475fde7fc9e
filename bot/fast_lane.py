"""WSGI in front of Flask: answers hot POSTs by the same function, without Flask's request handling.

Also the bridge from WSGI's environment to `webhook.Request`, which the Flask view uses too.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from bot.webhook import Answer, Request, Webhooks

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class FastLane:
    """Middleware; a test proves that it answers as Flask's view does."""

    def __init__(self, app: WsgiApp, webhooks: Webhooks) -> None:
        """Wrap `app`."""
        self._app = app
        self._webhooks = webhooks

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a POST to a webhook, hand everything else on."""
        if environ["REQUEST_METHOD"] == "POST":
            path = environ["PATH_INFO"]
            if self._webhooks.limit(path) is not None:
                return _send(answer_environ(self._webhooks, environ), start_response)
        return self._app(environ, start_response)


def answer_environ(webhooks: Webhooks, environ: dict[str, Any]) -> Answer:
    """Return the answer to a request given as a WSGI environment."""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    limit = webhooks.limit(path)
    if limit is None:
        return Answer(404)

    def header(name: str) -> str:
        value: str = environ.get(_environ_key(name), "")
        return value

    length = environ.get("CONTENT_LENGTH") or ""
    if length and (not length.isdigit() or int(length) > limit):
        return Answer(413 if length.isdigit() else 400)
    # one byte more than allowed, so that a body without a length shows itself as too large
    stream = environ["wsgi.input"]
    body = stream.read(int(length)) if length else stream.read(limit + 1)
    return webhooks.answer(method, path, Request(environ.get("QUERY_STRING", ""), header, body))


@lru_cache(maxsize=64)
def _environ_key(name: str) -> str:
    """Return where WSGI keeps a header, given its name in lower case."""
    return "CONTENT_TYPE" if name == "content-type" else "HTTP_" + name.upper().replace("-", "_")


def _send(answer: Answer, start_response: Callable[..., Any]) -> Iterable[bytes]:
    headers = [("Content-Length", str(len(answer.body)))] if answer.status != 204 else []
    if answer.body:
        headers.append(("Content-Type", answer.content_type))
    start_response(_STATUS_LINES[answer.status], headers)
    return [answer.body] if answer.body else []
