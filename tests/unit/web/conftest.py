import pytest

from shared.settings import load_settings


@pytest.fixture
def settings(tmp_path):
    return load_settings({"PASSERELLE_HOME": str(tmp_path), "BIND": "127.0.0.1:8000"})
