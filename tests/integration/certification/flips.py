"""One bit of a document turned, again and again, and what the public door says of it."""

import random

from tests.integration.certification.workshop import Workshop

INVALID = {"not_valid", "could_not_be_checked"}


def verdicts_of_flipped(workshop: Workshop, original: bytes, times: int) -> set[str]:
    """The verdicts of so many copies of a JSON document, each with another bit turned; no copy is a fault of ours."""
    draw, verdicts = random.Random(20261122), set()
    for _ in range(times):
        flipped = bytearray(original)
        flipped[draw.randrange(len(original))] ^= 1 << draw.randrange(8)
        answer = workshop.client.post(
            "/certification/v1/verifications",
            data=b'{"credential":' + bytes(flipped) + b"}",
            content_type="application/json",
        )
        assert answer.status_code in {200, 400, 422}
        if answer.status_code == 200:
            verdicts.add(answer.get_json()["verdict"])
    return verdicts
