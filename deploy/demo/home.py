"""The folder of a demonstration: emptied before each telling, and never anybody else's."""

import shutil
from pathlib import Path
from typing import Final

_MARK: Final = ".passerelle-demo"


class HomeTakenError(RuntimeError):
    """The folder holds something that no demonstration put there."""


def fresh_home(folder: Path) -> Path:
    """The folder, absolute, existing and empty but for its mark.

    Raises:
        HomeTakenError: it is not empty and not of an earlier demonstration; nothing is deleted.
    """
    folder = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise HomeTakenError(f"{folder} is not a folder")
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).is_file():
            raise HomeTakenError(
                f"{folder} is not empty and not of an earlier demonstration; name another --home"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    return folder
