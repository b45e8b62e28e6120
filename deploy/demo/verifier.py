"""An independent judge of certificates: openbadgeslib and pypdf, a process of its own that shares no code with us.

`python -m deploy.demo.verifier ADDRESS FILE...` reads credentials from files, fetches the issuers' keys and the status
lists over HTTP from ADDRESS, where did:web means HTTPS on the public host, and prints for each file by name why it
is refused (null where it is accepted), the text of the PDF that lies beside it and the digests of what is in that.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.demo.system import ROOT

_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Judgement:
    """`objection` is None where the credential is accepted; `pdf` is the text of its PDF, blanks made one.

    `attached` are the SHA-256 digests of the files in the PDF, in hexadecimal.
    """

    objection: str | None
    pdf: str
    attached: list[str]


def judge(address: str, files: Sequence[Path]) -> dict[str, Judgement]:
    """Have the certificates in `files` judged by processes of their own; by the name of the file without its ending.

    Raises:
        subprocess.CalledProcessError: a judge could not do its work at all.
    """
    shares = [share for number in range(_AT_ONCE) if (share := files[number::_AT_ONCE])]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = pool.map(lambda share: _judge_apart(address, share), shares)
    return {name: Judgement(**said) for answer in answers for name, said in answer.items()}


def _judge_apart(address: str, files: Sequence[Path]) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.demo.verifier", address, *map(str, files)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    judged: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return judged


def _main(address: str, *names: str) -> None:
    judged = {
        file.stem: {
            "objection": _objection(address, file.read_bytes()),
            "pdf": _text(file.with_suffix(".pdf")),
            "attached": _attached(file.with_suffix(".pdf")),
        }
        for file in map(Path, names)
    }
    sys.stdout.buffer.write(json.dumps(judged, ensure_ascii=False).encode())


def _objection(address: str, credential: bytes) -> str | None:
    """Signature by the key of the issuer's DID, dates, and status."""
    import urllib3
    from openbadgeslib.ob3.ldp import OB3LdpVerifier
    from openbadgeslib.ob3.verifier import OB3VerificationError

    def download(url: str, **_limits: Any) -> bytes:
        return urllib3.request("GET", address + urlsplit(url).path, timeout=10).data

    verifier = OB3LdpVerifier.for_issuer_did(json.loads(credential)["issuer"]["id"])
    try:
        verifier.verify(credential, check_status=True, download=download, verify_status_list=False)
    except OB3VerificationError as error:
        return str(error)
    return None


def _text(pdf: Path) -> str:
    from pypdf import PdfReader

    if not pdf.exists():
        return ""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(pdf).pages).split())


def _attached(pdf: Path) -> list[str]:
    """The digests of the files in a PDF, in their order."""
    from pypdf import PdfReader

    if not pdf.exists():
        return []
    catalog: Any = PdfReader(pdf).trailer["/Root"]
    files = [file.get_object() for file in catalog.get("/AF", ())]
    return [hashlib.sha256(file["/EF"]["/F"].get_data()).hexdigest() for file in files]


if __name__ == "__main__":
    _main(*sys.argv[1:])
