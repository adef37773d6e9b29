"""Logs: one JSON object a line on standard error, ids and codes only."""

import logging
import sys

import structlog


class _IntoJson(logging.Handler):
    """Hands what libraries log to our own log. The pool speaks of hosts and states, never of rows."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger(record.name).log(record.levelno, "library", said=record.getMessage())


def configure_logs(level: str) -> None:
    """Send what the server logs to standard error, as JSON."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    libraries = logging.getLogger("psycopg")
    libraries.handlers = [_IntoJson()]
    libraries.setLevel(max(number, logging.WARNING))
