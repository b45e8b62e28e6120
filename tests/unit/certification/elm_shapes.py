"""The Commission's SHACL profile of European Digital Credentials, run offline (recipe of the reference data)."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from pyld import jsonld
from rdflib import Graph
from rdflib.namespace import SH

ROOT = Path(__file__).parents[3]
REFERENCE = Path(os.environ.get("PASSERELLE_REFERENCE_DATA", ROOT / ".." / "shared" / "data"))
SHAPES = REFERENCE / "elm" / "shapes"
SAMPLES = REFERENCE / "elm" / "samples"
needs_reference = pytest.mark.skipif(not SHAPES.exists(), reason="no reference data: elm/shapes is absent")

_CONTEXTS = {
    "https://www.w3.org/2018/credentials/v1": "2018-credentials-v1.jsonld",
    "http://data.europa.eu/snb/model/context/edc-ap": "edc-ap-context.jsonld",
}


@cache
def context(url: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHAPES / _CONTEXTS[url]).read_text(encoding="utf-8"))
    return found


def violations(document: dict[str, Any]) -> list[str]:
    """What the profile finds, as `path of the shape: message`."""
    conforms, report, _ = pyshacl.validate(
        graph(document), shacl_graph=_shapes(), inference="none", advanced=True
    )
    found = [
        f"{report.value(result, SH.resultPath)}: {report.value(result, SH.resultMessage)}"
        for result in report.objects(None, SH.result)
    ]
    assert conforms == (not found)
    return found


def graph(document: dict[str, Any]) -> Graph:
    """The document's statements in one graph."""
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": _load,
        "base": None,
    }
    return Graph().parse(data=jsonld.normalize(document, options), format="nt")


def _load(url: str, _options: object = None) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": context(url), "tag": "static"}


@cache
def _shapes() -> Graph:
    shapes = Graph()
    for part in ("full", "no-cv"):
        shapes.parse(SHAPES / f"EDC-generic-{part}.ttl")
    return shapes
