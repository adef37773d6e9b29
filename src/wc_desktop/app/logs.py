"""The workstation's own log: one JSON line an event, ids and codes only, a few megabytes at most."""

import json
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

_FOLDER = "logs"
_FILE = "wc-desktop.log"
_MOST_BYTES = 1_000_000
_OLD_FILES = 4
# Only these extras are written: a record that somebody hangs something else on tells nothing of it.
_EXTRAS = ("kind", "code", "entry", "dose", "order", "device", "ms", "section", "count")


class JsonLines(logging.Formatter):
    """Time, level, logger, event and the known extras. Never a traceback's values, never arguments."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
        }
        line.update({name: str(getattr(record, name)) for name in _EXTRAS if hasattr(record, name)})
        return json.dumps(line, ensure_ascii=False)


def start_logs(data_dir: Path) -> logging.Handler:
    """Write the program's log into the data folder from now on; return the handler, to be closed at the end."""
    folder = data_dir / _FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(folder / _FILE, maxBytes=_MOST_BYTES, backupCount=_OLD_FILES, encoding="utf-8")
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("wc_desktop")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return handler


def end_logs(handler: logging.Handler) -> None:
    """Close the log."""
    logging.getLogger("wc_desktop").removeHandler(handler)
    handler.close()
