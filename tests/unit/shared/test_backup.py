"""Backup and restore of the embedded profile, file by file; the running system's is tested by its command."""

import io
import sqlite3
import tarfile
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from shared.backup import BackupError, backup, restore
from shared.clock import SystemClock
from shared.db import Database
from shared.messaging.lease import Leases, fence
from shared.messaging.tables import metadata
from shared.settings import SERVICES, Settings, load_settings


def settings_in(home: Path) -> Settings:
    return load_settings({"PASSERELLE_HOME": str(home)})


def _publish(database: Database, count: int) -> int:
    """Give positions as the relay does; returns the last one before them."""
    leases = Leases(database, "worker", SystemClock())
    lease = leases.acquire("relay")
    assert lease is not None
    with database.write() as connection:
        return fence(connection, lease, advance=count)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Of a home with a key and a seal."""
    settings = settings_in(tmp_path / "home")
    log = settings.event_log_url.replace("sqlite-log:", "sqlite:", 1)
    for url in (*(settings.database_url(name) for name in SERVICES), log):
        database = Database(url)
        with database.write() as connection:
            metadata.create_all(connection)
        _publish(database, count=300)
        database.dispose()
    settings.sealing_folder.mkdir()
    for path in (settings.key_encryption_key_file, settings.sealing_folder / "helsinki.fi.pem"):
        path.write_text(path.name)
        path.chmod(0o600)
    return backup(settings, tmp_path / "backup.tar.gz")


def test_keys_and_seals_come_back_with_their_rights(archive: Path, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "restored")
    restore(settings, archive)
    for path in (settings.key_encryption_key_file, settings.sealing_folder / "helsinki.fi.pem"):
        assert path.read_text() == path.name
        assert path.stat().st_mode & 0o077 == 0
    assert Path(str(make_url(settings.database_url("admission")).database)).is_file()


def test_no_position_of_a_feed_is_given_twice(archive: Path, tmp_path: Path) -> None:
    """A partner that had read on after the backup was made misses nothing of what happens after the restore."""
    lost = Database(settings_in(tmp_path / "home").database_url("enrolment"))
    kept_by_a_partner = _publish(lost, count=5_000_000) + 5_000_000
    lost.dispose()
    settings = settings_in(tmp_path / "restored")
    restore(settings, archive)
    for name in SERVICES:
        restored = Database(settings.database_url(name))
        assert _publish(restored, count=1) > kept_by_a_partner, name
        restored.dispose()


def test_a_seal_that_is_there_already_stays(archive: Path, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "restored")
    settings.sealing_folder.mkdir(parents=True)
    (settings.sealing_folder / "helsinki.fi.pem").write_text("newer")
    restore(settings, archive)
    assert (settings.sealing_folder / "helsinki.fi.pem").read_text() == "newer"


def test_nothing_is_restored_over_a_system(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="not empty"):
        restore(settings_in(tmp_path / "home"), archive)


def test_nothing_is_restored_beside_what_another_database_left(archive: Path, tmp_path: Path) -> None:
    """SQLite would write an old write-ahead log into the restored database."""
    settings = settings_in(tmp_path / "restored")
    settings.home.mkdir()
    (settings.home / "enrolment.sqlite-wal").write_bytes(b"of another time")
    with pytest.raises(BackupError, match=r"not empty \(enrolment\.sqlite-wal\)"):
        restore(settings, archive)


def test_a_folder_that_is_not_there_is_named(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"no folder .*nowhere"):
        backup(settings_in(tmp_path / "home"), tmp_path / "nowhere" / "backup.tar.gz")


def test_empty_files_are_no_system(tmp_path: Path) -> None:
    """A PASSERELLE_HOME that is mistyped gives no archive, rather than one that holds nothing."""
    settings = settings_in(tmp_path / "home")
    settings.home.mkdir()
    for name in (*SERVICES, "events"):
        sqlite3.connect(settings.home / f"{name}.sqlite").close()
    with pytest.raises(BackupError, match=r"admission\.sqlite is empty"):
        backup(settings, tmp_path / "backup.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, r"lacks assessment\.sqlite"), (b"", "no such table"), (b"x" * 999, "not a database")],
)
def test_an_archive_without_a_usable_database_is_refused_whole(
    archive: Path, tmp_path: Path, content: bytes | None, said: str
) -> None:
    damaged = tmp_path / "damaged.tar.gz"
    with tarfile.open(archive) as whole, tarfile.open(damaged, "w:gz") as other:
        for member in whole:
            if member.name != "assessment.sqlite":
                other.addfile(member, whole.extractfile(member))
        if content is not None:
            member = tarfile.TarInfo("assessment.sqlite")
            member.size = len(content)
            other.addfile(member, io.BytesIO(content))
    settings = settings_in(tmp_path / "restored")
    with pytest.raises(BackupError, match=said):
        restore(settings, damaged)
    assert list(settings.home.iterdir()) == []
