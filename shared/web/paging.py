"""Lists page by page: a signed cursor of the last item, bound to the list and its filters, in a Link header."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from flask import Request
from itsdangerous import BadData, URLSafeSerializer

from shared.web.problems import ProblemError

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
_MAX_CURSOR: Final = 2_000
_MOMENT: Final = "@"

Key = str | Sequence[str] | Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Page:
    """What a view has to read: at most `limit` items that come after `after` in the order of the list's key.

    `after` is the key of the last item shown (one value, or a tuple where the key has several), None at the start.
    `limit` is one more than the client gets, so that the edge knows whether there is more.
    """

    after: Any
    limit: int


@dataclass(frozen=True, slots=True)
class Cursors:
    """Makes and reads the cursors of one installation."""

    secret: str

    def page(self, request: Request) -> Page:
        """The page that `request` asks for.

        Raises:
            ProblemError: 400, the limit is not 1 to 200, or the cursor is none of this list with these filters.
        """
        limit = _limit(request.args.get("limit"))
        text = request.args.get("after")
        if text is None:
            return Page(None, limit + 1)
        if len(text) > _MAX_CURSOR:
            raise _invalid("The cursor is too long to be one of ours.")
        try:
            return Page(_unpack(self._serializer(request).loads(text)), limit + 1)
        except (BadData, ValueError) as error:
            raise _invalid("The cursor in 'after' is not one of this list with these filters.") from error

    def next_link(
        self, request: Request, items: Sequence[Any], page: Page, key: Key
    ) -> tuple[list[Any], str | None]:
        """The items to show and the address of the next page, None on the last one."""
        if len(items) < page.limit:
            return list(items), None
        shown = list(items[: page.limit - 1])
        cursor = self._serializer(request).dumps(_pack(_key_of(shown[-1], key)))
        kept = [
            (name, value) for name, value in request.args.items(multi=True) if name not in {"after", "limit"}
        ]
        query = urlencode([*kept, ("after", str(cursor)), ("limit", str(page.limit - 1))])
        return shown, f"{request.path}?{query}"

    def _serializer(self, request: Request) -> URLSafeSerializer:
        filters = sorted(
            (name, value) for name, value in request.args.items(multi=True) if name not in _PAGING
        )
        return URLSafeSerializer(self.secret, salt=f"{request.path}?{urlencode(filters)}")


_PAGING: Final = frozenset({"after", "limit"})


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_LIMIT)) and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise _invalid(f"The limit is a number from 1 to {MAX_LIMIT}.", "limit")


def _invalid(detail: str, parameter: str = "after") -> ProblemError:
    error = ProblemError("invalid-cursor", detail)
    error.errors = [{"parameter": parameter, "detail": detail}]
    return error


def _key_of(item: Any, key: Key) -> Any:
    if callable(key):
        return key(item)
    if isinstance(key, str):
        return _member(item, key)
    return tuple(_member(item, name) for name in key)


def _member(item: Any, name: str) -> Any:
    return item[name] if isinstance(item, Mapping) else getattr(item, name)


def _pack(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_pack(each) for each in value]
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_unpack(each) for each in value)
    if isinstance(value, dict):
        return datetime.fromisoformat(value[_MOMENT])
    return value
