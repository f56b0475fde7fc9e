"""The stand-in as a context manager for tests and as a long-running server for the demonstration."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from .accounts import Accounts, Limits
from .clock import FakeClock
from .control import Control
from .delivery import DeliveryEngine
from .faults import Fault
from .http_server import WeChatServer
from .messages import Subscriber
from .people import Received
from .platform import Call, Platform


class FakeWeChat:
    """A server that behaves as WeChat's and WeCom's documented API.

    Args:
        clock: the stand-in's clock; every life time, window and limit goes by it.
        accounts: what is registered; the demonstration's accounts when absent.
        limits: published limits; a test may tighten them.
        subscriber: callback for `/_control/say` and the page's form.
        answer_seconds: real seconds that callbacks have to answer.
        host: address to listen on.
        port: port to listen on, 0 for a free one.
    """

    def __init__(
        self,
        clock: FakeClock | None = None,
        accounts: Accounts | None = None,
        limits: Limits | None = None,
        subscriber: Subscriber | None = None,
        answer_seconds: float = 5.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Build everything; nothing listens yet."""
        self.clock = clock or FakeClock()
        self.platform = Platform(self.clock, accounts or Accounts(), limits or Limits())
        self.engine = DeliveryEngine(self.clock, self.platform.official, self.platform.people, answer_seconds)
        self._control = Control(self.platform, self.engine, subscriber)
        self._host, self._port = host, port
        self._server: WeChatServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start listening."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and let hanging calls go."""
        self.stop()

    @property
    def url(self) -> str:
        """Give the base address, without a slash at the end. It stays the same after `stop` and `start`."""
        return f"http://{self._host}:{self._port}"

    @property
    def received(self) -> list[Received]:
        """List what people really received, oldest first."""
        return self.platform.people.received()

    @property
    def dropped(self) -> list[Received]:
        """List what was accepted and shown to nobody, oldest first."""
        return self.platform.people.dropped()

    @property
    def n_lost_answers(self) -> int:
        """Count the calls that got no whole answer although the caller had sent everything."""
        return self.platform.faults.n_hits("refuse", "hang", "hang_after", "drop_answer", "truncate")

    def start(self) -> None:
        """Listen; on the same port again after a stop."""
        self._server = WeChatServer((self._host, self._port), self.platform, self._control)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening: from now on connections are refused."""
        self.platform.faults.clear()
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Refuse all connections within the block, as a platform that is away does."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def fault(self, path: str, kind: str, **when: Any) -> Fault:
        """Script a fault: `when` is at_call, times, after_seconds, for_seconds; see faults.py."""
        return self.platform.faults.add(path, kind, **when)

    def clear_faults(self) -> None:
        """End all faults."""
        self.platform.faults.clear()

    def open_window(self, openid: str) -> None:
        """Let a person write to the account: five replies within 48 hours."""
        self.platform.official.open_window(openid)

    def calls(self, path: str | None = None) -> list[Call]:
        """List API calls, oldest first."""
        return self.platform.calls(path)

    def wait_forever(self) -> None:
        """Serve until interrupted."""
        if self._thread is not None:
            self._thread.join()
