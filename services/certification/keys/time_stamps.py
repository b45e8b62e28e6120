"""Ask a time-stamp authority for proof that a seal existed (RFC 3161 over HTTP), so that B-B becomes B-T."""

from collections.abc import Sequence
from typing import Final

import urllib3
from cryptography import x509
from rfc3161_client import (
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.base import HashAlgorithm

_SECONDS: Final = 10.0
_MAX_BYTES: Final = 64 * 1024
_OK: Final = 200


class TimeStampUnavailableError(Exception):
    """The authority gave no time stamp that holds; the message says why."""


class TimeStampAuthority:
    """An authority at `url` whose certificate follows from one of `anchors`; both are an operator's choice."""

    def __init__(self, url: str, anchors: Sequence[x509.Certificate]) -> None:
        self._url = url
        self._anchors = list(anchors)
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(total=_SECONDS), retries=False, maxsize=2, block=False
        )

    def stamp(self, data: bytes) -> bytes:
        """A token over `data`, verified: DER of a `TimeStampToken`.

        Raises:
            TimeStampUnavailableError: the authority is away, refuses, or answers for something else.
        """
        request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
        try:
            response = decode_timestamp_response(self._post(request.as_bytes()))
            VerifierBuilder(roots=self._anchors, nonce=request.nonce).build().verify_message(response, data)
        except (VerificationError, ValueError) as error:
            raise TimeStampUnavailableError(
                f"the time-stamp authority's answer does not hold: {error}"
            ) from error
        return response.time_stamp_token()

    def close(self) -> None:
        self._http.clear()

    def _post(self, body: bytes) -> bytes:
        try:
            answer = self._http.request(
                "POST",
                self._url,
                body=body,
                headers={"Content-Type": "application/timestamp-query"},
                preload_content=False,
                redirect=False,
            )
            content = answer.read(_MAX_BYTES + 1)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise TimeStampUnavailableError("the time-stamp authority does not answer") from error
        if answer.status != _OK or len(content) > _MAX_BYTES:
            raise TimeStampUnavailableError(f"the time-stamp authority answered {answer.status}")
        return content
