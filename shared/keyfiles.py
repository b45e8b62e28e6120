"""Secrets that this machine makes for itself, once, readable by its owner only."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from shared.settings import Settings

_OWNER_ONLY: Final = 0o600
_OPEN_TO_OTHERS: Final = 0o077


class ExposedSecretError(Exception):
    """A secret's file can be read by others; it is not used."""


def persistent(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of `path`, made by `make` the first time; of several processes at once, one makes it.

    Raises:
        ExposedSecretError: others than the owner may read or write the file.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            # A link fails where a rename would replace: the first process wins, the others read its secret.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if path.stat().st_mode & _OPEN_TO_OTHERS:
        raise ExposedSecretError(f"{path.name} can be read by others; chmod 600 it or delete it")
    return path.read_bytes()


def service_secret(settings: Settings) -> str:
    """The secret the services show the issuer: the setting, or in development one that this machine made."""
    if settings.service_client_secret:
        return settings.service_client_secret
    made = persistent(settings.home / "service-client.secret", lambda: os.urandom(32).hex().encode())
    return made.decode()


def installation_secret(settings: Settings) -> str:
    """A secret that all processes of this installation share and nobody outside knows; never sent anywhere."""
    return hashlib.sha256(f"passerelle installation\0{service_secret(settings)}".encode()).hexdigest()
