"""How this process logs: one line per event on standard error, tracebacks without the values of variables.

structlog's own default shows the locals of every frame, and those hold what people wrote, and secrets.
"""

import sys

import structlog


def configure_logs() -> None:
    """Set the form of all log lines of this process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
