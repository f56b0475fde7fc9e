"""The only place that calls WeChat's and WeCom's API: bounded in time and size, and silent about secrets.

Each call uses its own connection, so that a failure to connect is certainly a failure to send.
`ApiClient` calls, `CallFailed` says whether the platform may have acted on a call that went wrong.
"""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from bot.channels.redaction import mask_library_logs, safe_text

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
LARGEST_ANSWER = 64 * 1024
# A gateway that gave up waiting cannot know what the server behind it did.
AMBIGUOUS_STATUS = frozenset({502, 504})

Json = Mapping[str, Any]
NamedFile = tuple[str, bytes, str]
"""Name, content and media type of a file."""


class CallFailed(Exception):
    """A call got no usable answer.

    Attributes:
        reason: short English text without addresses, tokens or bodies.
        ambiguous: True when the platform may have acted on the call.
    """

    def __init__(self, reason: str, *, ambiguous: bool) -> None:
        """Keep the reason and the doubt."""
        super().__init__(reason)
        self.reason, self.ambiguous = reason, ambiguous


class AnswerTooLarge(requests.exceptions.ContentDecodingError):
    """An answer was longer than it may be; its name is the reason of the `CallFailed`."""


class ApiClient:
    """Calls one platform.

    Args:
        base_url: address of the API without a slash at the end; the stand-in's in demonstrations.
        connect_seconds: time to connect.
        read_seconds: longest silence of the platform; the whole answer may take twice as long.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        """Remember where and how to call; nothing is opened."""
        self._base_url = base_url.rstrip("/")
        self._timeout = (connect_seconds, read_seconds)
        self._largest_answer = largest_answer
        mask_library_logs()

    def get(self, path: str, query: Mapping[str, str]) -> Json:
        """Call with GET. Raises: CallFailed."""
        return self._call("GET", path, query, None, tuple(query.values()))

    def post(self, path: str, payload: Json, query: Mapping[str, str] | None = None) -> Json:
        """Call with POST and a JSON body in plain UTF-8. Raises: CallFailed."""
        body = json.dumps(payload, ensure_ascii=False, sort_keys=True).encode(errors="replace")
        secrets = (*(query or {}).values(), str(payload.get("secret", "")))
        return self._call("POST", path, query or {}, body, secrets)

    def upload(self, path: str, query: Mapping[str, str], file: NamedFile) -> Json:
        """Call with POST and a file, as the form that the platforms want. Raises: CallFailed."""
        answer = _read_json(self._content("POST", path, query, None, {"media": file}))
        return {**answer, "errmsg": safe_text(str(answer.get("errmsg", "")), tuple(query.values()))}

    def download(self, path: str, query: Mapping[str, str]) -> bytes | Json:
        """Call with GET for a file: its bytes, or the API's JSON when it refuses. Raises: CallFailed.

        What begins as JSON is no picture, whatever the header says: the platform is not exact about it.
        """
        content = self._content("GET", path, query, None)
        if content.lstrip()[:1] not in (b"{", b"<"):  # a web page is refused where JSON is read
            return content
        answer = _read_json(content)
        return {**answer, "errmsg": safe_text(str(answer.get("errmsg", "")), tuple(query.values()))}

    def _call(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None, secrets: tuple[str, ...]
    ) -> Json:
        answer = _read_json(self._content(method, path, query, body))
        return {**answer, "errmsg": safe_text(str(answer.get("errmsg", "")), secrets)}

    def _content(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes | None,
        files: Mapping[str, NamedFile] | None = None,
    ) -> bytes:
        failure = None
        try:
            status, content = self._exchange(method, path, query, body, files)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = _failure_of(error)
        if failure is not None:  # raised here, so that no cause or context carries the address
            raise failure
        if status != 200:
            raise CallFailed(f"HTTP status {status}", ambiguous=status in AMBIGUOUS_STATUS)
        return content

    def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes | None,
        files: Mapping[str, NamedFile] | None,
    ) -> tuple[int, bytes]:
        with _no_session_cookies() as session:
            answer = session.request(
                method,
                f"{self._base_url}/{path}",
                params=query,
                data=body,
                files=files,
                headers={"Content-Type": "application/json; charset=utf-8"} if body is not None else None,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            with answer:
                return answer.status_code, self._read_body(answer)

    def _read_body(self, answer: requests.Response) -> bytes:
        """Read the answer as far as it is not too long and not too slow."""
        deadline = time.monotonic() + self._timeout[1]
        content = b""
        while part := answer.raw.read1(8192):  # what has come, without waiting for more
            content += part
            if len(content) > self._largest_answer:
                raise AnswerTooLarge("answer too large")
            if time.monotonic() > deadline:
                raise requests.ReadTimeout("answer too slow")
        return content


@contextmanager
def _no_session_cookies() -> Iterator[requests.Session]:
    """Open a session for one call: a fresh connection and no cookies."""
    with requests.Session() as session:
        session.headers["User-Agent"] = "qingxun"
        session.headers["Connection"] = "close"
        session.headers["Accept-Encoding"] = "identity"
        yield session


def _failure_of(error: Exception) -> CallFailed:
    """Say what went wrong by type alone: the texts of these errors carry the whole address."""
    return CallFailed(type(error).__name__, ambiguous=not _is_certainly_unsent(error))


def _is_certainly_unsent(error: Exception) -> bool:
    """Tell whether the request cannot have reached the platform."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | ValueError):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    if isinstance(error, requests.exceptions.SSLError):
        return any(isinstance(part, ssl.SSLCertVerificationError) for part in getattr(reason, "args", ()))
    return isinstance(reason, NewConnectionError)


def _read_json(content: bytes) -> Json:
    if content.lstrip()[:1] == b"<":
        raise CallFailed("a web page came instead of an API answer", ambiguous=False)
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or type(answer.get("errcode", 0)) is not int:
        raise CallFailed("the answer is not the API's JSON", ambiguous=True)
    return answer


def errcode_of(answer: Json) -> int:
    """Give an answer's error code, 0 when it has none."""
    code: int = answer.get("errcode", 0)
    return code


def describe(answer: Json) -> str:
    """Describe a refusal for operators; `ApiClient` has cleaned the platform's words already."""
    return f"errcode {errcode_of(answer)} {answer.get('errmsg', '')}".strip()
