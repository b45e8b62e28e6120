"""Backup and restore of the embedded profile: its SQLite files and keys as of one moment."""

import contextlib
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from shared.settings import SERVICES, Settings

_MANIFEST: Final = "manifest.json"
_SEALS: Final = "sealing"
_FORMAT: Final = 1
_LEAP: Final = 1_000_000_000
"""By how much the positions of the feeds leap at a restore: more than can have been given since the backup."""


class BackupError(Exception):
    """The backup cannot be made or restored; the message says what to do."""


def _databases(settings: Settings) -> list[Path]:
    urls = [*(settings.database_url(name) for name in SERVICES), settings.event_log_url]
    files = [make_url(url.replace("sqlite-log:", "sqlite:", 1)) for url in urls]
    if any(url.get_backend_name() != "sqlite" for url in files):
        raise BackupError(
            "backup is for the embedded profile; use pg_dump and Kafka's tools for the distributed one"
        )
    return [Path(url.database or "") for url in files]


def _secrets(settings: Settings) -> list[Path]:
    kept = {*settings.home.glob("*.key"), *settings.home.glob("*.secret"), settings.key_encryption_key_file}
    return sorted(path for path in kept if path.is_file())


def _seals(settings: Settings) -> list[Path]:
    return sorted(path for path in settings.sealing_folder.glob("*") if path.is_file())


def backup(settings: Settings, target: Path) -> Path:
    """Write one archive with all databases, the event log, the keys and the seals, while the system runs.

    Writers wait while the files are copied: all files are locked together, so that no event is published in one
    and unknown in another. The archive holds secrets and is readable by its owner only; it is there when it is whole.

    Raises:
        BackupError: not the embedded profile, no system at this place, or the target exists or has no folder.
    """
    files = _databases(settings)
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise BackupError(f"nothing to back up in {settings.home}: {', '.join(missing)} missing")
    if target.exists():
        raise BackupError(f"{target} exists; name a new file")
    if not target.parent.is_dir():
        raise BackupError(f"there is no folder {target.parent}; make it first")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, contextlib.ExitStack() as locks:
        for path in files:
            _lock(locks, path)
        copies = [_copy(path, Path(folder)) for path in files]
        locks.close()
        manifest = {"format": _FORMAT, "made_at": datetime.now(UTC).isoformat()}
        (Path(folder) / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        draft = Path(folder) / "archive"
        draft.touch(mode=0o600)
        with tarfile.open(draft, "w:gz") as archive:
            for path in (Path(folder) / _MANIFEST, *copies, *_secrets(settings)):
                archive.add(path, arcname=path.name)
            for path in _seals(settings):
                archive.add(path, arcname=f"{_SEALS}/{path.name}")
        draft.rename(target)
    return target


def _lock(locks: contextlib.ExitStack, path: Path) -> None:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    locks.callback(connection.close)
    connection.execute("BEGIN IMMEDIATE")


def _copy(path: Path, folder: Path) -> Path:
    copy = folder / path.name
    source, target = sqlite3.connect(path), sqlite3.connect(copy)
    with contextlib.closing(source), contextlib.closing(target):
        source.backup(target)
        check = target.execute("PRAGMA integrity_check").fetchone()[0]
        empty = target.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    if check != "ok":
        raise BackupError(f"{path.name} is damaged: {check}")
    if empty:
        raise BackupError(f"nothing to back up: {path} is empty; does PASSERELLE_HOME name the right folder?")
    return copy


def restore(settings: Settings, source: Path) -> None:
    """Put an archive back into an empty home; the system must not run. A seal that is there already stays.

    Positions of the partners' feeds are not given twice: what happens next comes after every position that a reader may
    have kept from the time after the backup.

    Raises:
        BackupError: the home is not empty, or the archive is not one of ours.
    """
    databases = _databases(settings)
    targets = {path.name: path for path in databases}
    targets |= {settings.key_encryption_key_file.name: settings.key_encryption_key_file}
    # SQLite would write what another database's write-ahead log holds into the one that is put beside it.
    left = [path.with_name(path.name + suffix) for path in databases for suffix in ("-wal", "-journal")]
    occupied = [path.name for path in (*targets.values(), *left) if path.exists()]
    if occupied:
        raise BackupError(
            f"{settings.home} is not empty ({', '.join(sorted(occupied))}); restore into an empty home"
        )
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=settings.home) as name:
        folder = Path(name)
        _unpack(source, folder, [path.name for path in databases])
        for service in SERVICES:
            _leap(folder / Path(make_url(settings.database_url(service)).database or "").name)
        for path in folder.iterdir():
            if path.name != _MANIFEST and path.is_file():
                _put(path, targets.get(path.name, settings.home / path.name))
        for path in (folder / _SEALS).glob("*"):
            if not (settings.sealing_folder / path.name).exists():
                _put(path, settings.sealing_folder / path.name)


def _unpack(source: Path, folder: Path, databases: Sequence[str]) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BackupError(f"{source} is not a backup of this system: {error}") from error
    if manifest.get("format") != _FORMAT:
        raise BackupError(f"{source} has format {manifest.get('format')}; this version reads {_FORMAT}")
    lacking = [name for name in databases if not (folder / name).is_file()]
    if lacking:
        raise BackupError(f"{source} lacks {', '.join(lacking)}")


def _leap(path: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("UPDATE leases SET counter = counter + ? WHERE name = 'relay'", (_LEAP,))
    except sqlite3.Error as error:
        raise BackupError(f"{path.name} of the archive cannot be used: {error}") from error


def _put(path: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.move(path, place)
