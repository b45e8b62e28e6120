"""The rest of the web, for tests: documents by address, and nothing else is there."""

import json
from dataclasses import dataclass, field
from typing import Any

from shared.fetch import MAX_BYTES, FetchError


@dataclass
class Addresses:
    """Stands in for the fetcher. `asked` is what was asked for."""

    documents: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, accept: str = "", max_bytes: int = MAX_BYTES) -> bytes:
        """The document at `url`, as JSON unless it is a text.

        Raises:
            FetchError: there is none, or it is longer than `max_bytes`.
        """
        self.asked.append(url)
        found = self.documents.get(url)
        body = found.encode() if isinstance(found, str) else json.dumps(found).encode()
        if found is None or len(body) > max_bytes:
            raise FetchError("there is nothing at that address")
        return body
