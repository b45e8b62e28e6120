"""Structured logs: one JSON object a line, on standard error, with the ids that tie a case together.

What people entered, tokens and names never reach a log: messages are constant texts, details are ids and codes, and
the keys of `_SECRET` are masked whoever logs them.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_SECRET: Final = frozenset(
    {
        "authorization",
        "body",
        "date_of_birth",
        "email",
        "family_name",
        "full_name",
        "given_name",
        "name",
        "password",
        "secret",
        "token",
    }
)


def _mask(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in _SECRET & entry.keys():
        entry[key] = "[masked]"
    return entry


def configure_logging(level: str = "INFO") -> None:
    """Send the standard library's and structlog's records through one pipeline; call once per process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Local variables hold what people entered, and tokens.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("kafka", "alembic", "urllib3", "fontTools"):
        logging.getLogger(noisy).setLevel("WARNING")
