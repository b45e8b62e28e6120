"""Every JSON-LD context that documents of strangers may name: pinned by hash, never fetched.

`contexts` holds the two that our own documents use; these are the ones that other issuers and test suites use beside
them. They come with installed libraries; two of one line each are written here.
"""

import hashlib
import json
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import rfc8785
from openbadgeslib.ob3.contexts import bundled_contexts
from pyld.documentloader.frozen import BUNDLED_CONTEXTS

from services.certification.formats.contexts import UnknownContextError

CREDENTIALS_1: Final = "https://www.w3.org/2018/credentials/v1"
DATA_INTEGRITY: Final = "https://w3id.org/security/data-integrity/v2"
EXAMPLES: Final = "https://www.w3.org/ns/credentials/examples/v2"
UNDEFINED_TERMS: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"

_WRITTEN: Final = MappingProxyType(
    {
        EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}},
        UNDEFINED_TERMS: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/undefined-term#"}},
    }
)

# SHA-256 over the RFC 8785 form of each document.
_PINNED: Final = MappingProxyType(
    {
        url: digest
        for line in """
            b463c8d6a066214123ddd9827b135e1b50e1fc73322cc52a9b12a4f1fc7d86cf https://www.w3.org/ns/credentials/v2
            b01e671e873981f19a9102a9a57f666dbcaeb31b99e3e124378d143e71549247 https://www.w3.org/2018/credentials/v1
            7ba3c50acf2689d5e07927267343eb353249c7c22a9f2d00307cc970e855e305 https://w3id.org/security/data-integrity/v2
            8a675bead391be98e6054c4e07c41f73337508d398e07047344c5d349aa2dc58 https://www.w3.org/ns/credentials/examples/v2
            3b11e1df8c618447e9f79f3737e3c30fc0841537eb95f36003742c633672bb9f https://www.w3.org/ns/credentials/undefined-terms/v2
            04b1136ddc4eda9a8966bc7ef182789f233a26739473140ef75d6968c29a2966 https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json
            8bb2354552b70cbdf2066f6d3e24bc5c2be2619145737580ad2aebdc366e77d5 https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json
            bdd1d11a55a660322f24660862a1d430ee80cce584465f750909daa43684357c https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json
            15f4c347c6fe4380d9b6b93795859e33747ef48d5c55b91a71c52fb51c7bcbd7 https://purl.imsglobal.org/spec/ob/v3p0/extensions.json
            be20c3ee6af6e9c4102e66a85c26617831218e32216bdf050f870e389e737cdc https://w3id.org/security/multikey/v1
            a7e146c40fcec005d3f0f14ae745665f446da58d7914a9d8f733746686fad82b https://www.w3.org/ns/did/v1
            fb517f09d990829aed734c9bad8cbbb2ac3d5063b865c7e3d81f246074bf5691 https://w3id.org/security/suites/ed25519-2020/v1
        """.strip().splitlines()
        for digest, url in [line.split()]
    }
)


@cache
def shelved_context(url: str) -> dict[str, Any]:
    """The context document at `url`, exactly as it was when it was pinned.

    Raises:
        UnknownContextError: no such context is pinned, or the installed copy differs from the pinned one.
    """
    if url not in _PINNED:
        raise UnknownContextError(f"the context {url[:200]} is not one of the pinned ones")
    document = _installed(url)
    if hashlib.sha256(rfc8785.dumps(document)).hexdigest() != _PINNED[url]:
        raise UnknownContextError(f"the installed copy of {url} differs from the pinned one")
    return document


def _installed(url: str) -> dict[str, Any]:
    if url in _WRITTEN:
        return dict(_WRITTEN[url])
    bundled: dict[str, Any] = bundled_contexts()
    if url in bundled:
        found: dict[str, Any] = bundled[url]
        return found
    loaded: dict[str, Any] = json.loads(BUNDLED_CONTEXTS[url].read_text(encoding="utf-8"))
    return loaded


def load_shelved(url: str, _options: object = None) -> dict[str, Any]:
    """A PyLD document loader over these contexts; "static" lets PyLD keep what it derives from them."""
    return {"contextUrl": None, "documentUrl": url, "document": shelved_context(url), "tag": "static"}
