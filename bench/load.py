"""A load client: keep-alive connections, prepared requests, exact latencies. Loopback only.

One epoll loop, no framework: about 15 µs a request, so that a server on another core is what is
measured. Each request is sent once; the answers' status codes are counted.
"""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass
class LoadResult:
    """What one run saw."""

    n_answers: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return self.n_answers / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


class _Connection:
    __slots__ = ("buffer", "sent_at", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent_at = 0.0


def http_post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of a POST request."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def drive(port: int, requests: Iterator[bytes], seconds: float, n_connections: int = 64) -> LoadResult:
    """Send prepared requests over keep-alive connections until the time or the requests are used up."""
    result = LoadResult()
    selector = selectors.DefaultSelector()
    connections = [_Connection(port) for _ in range(n_connections)]
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    started = time.perf_counter()
    deadline = started + seconds
    n_open = sum(_send_next(connection, requests, deadline) for connection in connections)
    while n_open:
        for key, _ in selector.select(timeout=5):
            connection = key.data
            if _receive(connection, result):
                n_open -= not _send_next(connection, requests, deadline)
    result.seconds = time.perf_counter() - started
    for connection in connections:
        connection.socket.close()
    selector.close()
    return result


def drive_at(port: int, requests: Iterator[bytes], seconds: float, per_second: float) -> LoadResult:
    """Send at an even pace, whatever the server does; latency counts from when a request was due."""
    result = LoadResult()
    selector = selectors.DefaultSelector()
    idle = [_Connection(port) for _ in range(64)]
    for connection in idle:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    n_connections, n_sent, started = len(idle), 0, time.perf_counter()
    while True:
        now = time.perf_counter()
        due = started + n_sent / per_second
        is_over = due - started >= seconds
        if is_over and len(idle) == n_connections:
            break
        while idle and due <= now and not is_over and (request := next(requests, None)):
            connection = idle.pop()
            connection.sent_at = due
            connection.socket.sendall(request)
            n_sent += 1
            due = started + n_sent / per_second
        wait = 0.2 if is_over or not idle else max(0.0, due - time.perf_counter())
        for key, _ in selector.select(timeout=wait):
            if _receive(key.data, result):
                idle.append(key.data)
    result.seconds = time.perf_counter() - started
    for connection in idle:
        connection.socket.close()
    selector.close()
    return result


def _send_next(connection: _Connection, requests: Iterator[bytes], deadline: float) -> bool:
    now = time.perf_counter()
    request = next(requests, None) if now < deadline else None
    if request is None:
        return False
    connection.sent_at = now
    connection.socket.sendall(request)
    return True


def _receive(connection: _Connection, result: LoadResult) -> bool:
    """Read what is there; True when the answer is complete."""
    received = connection.socket.recv(65536)
    if not received:
        raise ConnectionError("the server closed a connection")
    answer = connection.buffer + received
    head_end = answer.find(b"\r\n\r\n")
    if head_end < 0 or len(answer) < head_end + 4 + _content_length(answer[:head_end]):
        connection.buffer = answer
        return False
    connection.buffer = b""
    result.n_answers += 1
    result.latencies_ms.append((time.perf_counter() - connection.sent_at) * 1000)
    result.statuses[int(answer[9:12])] += 1
    return True


def _content_length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(b"content-length:")
    if start < 0:
        return 0
    end = lower.find(b"\r\n", start)
    return int(lower[start + 15 : end if end > 0 else None])
