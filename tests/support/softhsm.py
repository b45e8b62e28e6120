"""SoftHSM, a hardware security module in software: from a variable, from this machine, or from Debian's archive."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

VARIABLE: Final = "PASSERELLE_TEST_PKCS11"
TOKEN: Final = "passerelle-test"
PIN: Final = "1234"
_PLACES: Final = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
_CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "passerelle" / "softhsm"


class SoftHsmMissingError(Exception):
    """It is nowhere to be had; the message says what was tried."""


def library() -> Path:
    """The module to load.

    Raises:
        SoftHsmMissingError: it is nowhere to be had.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    found = next((Path(place) for place in _PLACES if Path(place).exists()), None)
    return found or _from_archive()


def _from_archive() -> Path:
    """Debian's package, unpacked without installing it."""
    module = _CACHE / "usr/lib/softhsm/libsofthsm2.so"
    if module.exists():
        return module
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise SoftHsmMissingError(f"SoftHSM is not installed, and {VARIABLE} names none")
    draft = _CACHE.with_name(f".softhsm.{os.getpid()}")
    draft.mkdir(parents=True)
    for command in (["apt-get", "download", "libsofthsm2"], ["sh", "-c", "dpkg -x libsofthsm2*.deb ."]):
        done = subprocess.run(command, cwd=draft, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(draft)
            raise SoftHsmMissingError(f"Debian's archive cannot be reached for SoftHSM: {done.stderr[-200:]}")
    try:
        draft.rename(_CACHE)
    except OSError:
        shutil.rmtree(draft)
    return module


def new_token(module: Path, folder: Path) -> None:
    """A new token in `folder`; SoftHSM reads where it is from the environment, once in a process."""
    import PyKCS11

    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    library = PyKCS11.PyKCS11Lib()
    library.load(str(module))
    slot = library.getSlotList()[0]
    library.initToken(slot, PIN, TOKEN)
    session = library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION)
    session.login(PIN, PyKCS11.CKU_SO)
    session.initPin(PIN)
    session.logout()
    session.closeSession()
