"""The HTTP side: sockets in, platform calls, pages and control out."""

import contextlib
import json
import socket
import struct
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .answers import Answer
from .control import Control
from .mishaps import Exchange
from .page import received_page
from .platform import Platform, json_answer

LARGEST_BODY = 1 << 20


class WeChatServer(ThreadingHTTPServer):
    """A threaded server that knows its platform."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], platform: Platform, control: Control) -> None:
        """Bind and listen."""
        self.platform = platform
        self.control = control
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection before its thread starts."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a finished connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening and end the connections that callers keep open."""
        super().server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about callers that went away: half of the tests cut connections on purpose."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: WeChatServer
    protocol_version = "HTTP/1.1"
    server_version = "FakeWeChat"

    def log_message(self, format: str, *args: object) -> None:
        """Keep access logs off: request lines carry tokens."""

    def do_GET(self) -> None:
        """Serve a GET."""
        self._serve("GET")

    def do_POST(self) -> None:
        """Serve a POST."""
        self._serve("POST")

    def _serve(self, method: str) -> None:
        body = self._read_body()
        if body is None:
            self._write(Answer(413, "text/plain", b"too large"))
            return
        path = urllib.parse.urlsplit(self.path).path
        if path.startswith(("/cgi-bin/", "/sns/")):
            fault = self.server.platform.faults.take(path.strip("/"))
            exchange = Exchange(self.server.platform, self._write, self._cut, self._write_part)
            exchange.serve(method, self.path, body, fault)
        else:
            self._write(self._own_page(method, path, body))

    def _own_page(self, method: str, path: str, body: bytes) -> Answer:
        if method == "POST":
            return self._own_action(path, body)
        people = self.server.platform.people
        if path == "/":
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            openid = query.get("openid", "openid-demo")
            page = received_page(people.received(), people.dropped(), self.server.control.may_say, openid)
            return Answer(200, "text/html; charset=utf-8", page.encode())
        if path == "/connect/oauth2/authorize":
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            return self.server.platform.authorization.authorize(query)
        if path == "/received.json":
            received = [entry.as_json() for entry in people.received()]
            return json_answer({"received": received, "dropped": [e.as_json() for e in people.dropped()]})
        return Answer(404, "text/plain; charset=utf-8", "没有这个页面".encode())

    def _own_action(self, path: str, body: bytes) -> Answer:
        origin = urllib.parse.urlsplit(self.headers.get("Origin", "")).netloc
        if origin and origin != self.headers.get("Host"):
            return Answer(403, "text/plain", b"foreign origin")
        try:
            if path == "/say":
                return self._say_from_page(dict(urllib.parse.parse_qsl(body.decode())))
            arguments = json.loads(body or b"{}")
            content = self.server.control.run(path.removeprefix("/_control/"), arguments)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return Answer(400, "text/plain; charset=utf-8", f"{type(error).__name__}: {error}".encode())
        return Answer(404, "text/plain", b"") if content is None else json_answer(content)

    def _say_from_page(self, form: dict[str, str]) -> Answer:
        self.server.control.run("say", form)
        back = "/?" + urllib.parse.urlencode({"openid": form["openid"]})
        return Answer(303, "text/plain", b"", back)

    def _read_body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            return None
        return self.rfile.read(int(length))

    def _write(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.write(answer.body)

    def _write_part(self, answer: Answer) -> None:
        self._head(answer)
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.wfile.flush()

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()

    def _cut(self) -> None:
        """Reset the connection, so that the caller notices at once."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
