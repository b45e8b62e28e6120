"""Backup and restore of the embedded profile, file by file; the running system's is tested by its command."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from shared.backup import BackupError, backup, restore
from shared.db import Database
from shared.settings import SERVICES, Settings, load_settings


def settings_in(home: Path) -> Settings:
    return load_settings({"PASSERELLE_HOME": str(home)})


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Of a home with a key and a seal."""
    settings = settings_in(tmp_path / "home")
    log = settings.event_log_url.replace("sqlite-log:", "sqlite:", 1)
    for url in (*(settings.database_url(name) for name in SERVICES), log):
        database = Database(url)
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE kept (x)")
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


def test_a_seal_that_is_there_already_stays(archive: Path, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "restored")
    settings.sealing_folder.mkdir(parents=True)
    (settings.sealing_folder / "helsinki.fi.pem").write_text("newer")
    restore(settings, archive)
    assert (settings.sealing_folder / "helsinki.fi.pem").read_text() == "newer"


def test_nothing_is_restored_over_a_system(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="not empty"):
        restore(settings_in(tmp_path / "home"), archive)


def test_a_folder_that_is_not_there_is_named(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"no folder .*nowhere"):
        backup(settings_in(tmp_path / "home"), tmp_path / "nowhere" / "backup.tar.gz")
