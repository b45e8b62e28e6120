"""Settings are validated together, and every one of them is documented."""

import re
from pathlib import Path

import pytest

from shared.settings import load_settings

ROOT = Path(__file__).parents[3]


def test_one_home_is_enough(tmp_path: Path) -> None:
    settings = load_settings({"PASSERELLE_HOME": str(tmp_path)})
    assert settings.embedded
    assert settings.database_url("admission") == f"sqlite:///{tmp_path}/admission.sqlite"
    assert settings.event_log_url == f"sqlite-log:///{tmp_path}/events.sqlite"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    assert load_settings({"SERVICE_CLIENT_SECRET_FILE": str(file)}).service_client_secret == "s3cret"


def test_production_needs_a_real_issuer_and_a_secret() -> None:
    with pytest.raises(ValueError, match="OIDC_ISSUER and SERVICE_CLIENT_SECRET"):
        load_settings({"PASSERELLE_ENV": "production"})


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(ValueError, match="either development or production"):
        load_settings({"PASSERELLE_ENV": "prod"})


def test_every_setting_is_documented() -> None:
    source = (ROOT / "shared/settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)) | {"<SERVICE>_URL", "<SERVICE>_DATABASE_URL"}
    manual = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert len(names) > 10
    assert sorted(name for name in names if f"`{name}`" not in manual) == []


def test_private_networks_are_fetched_from_in_development_only() -> None:
    assert load_settings({"FETCH_PRIVATE_NETWORKS": "true"}).fetch_private_networks
    production = {
        "PASSERELLE_ENV": "production",
        "OIDC_ISSUER": "https://issuer.example.org",
        "SERVICE_CLIENT_SECRET": "x" * 32,
    }
    assert not load_settings(production).fetch_private_networks
    with pytest.raises(ValueError, match="FETCH_PRIVATE_NETWORKS"):
        load_settings({**production, "FETCH_PRIVATE_NETWORKS": "true"})


def test_secrets_do_not_show_where_settings_are_printed() -> None:
    secrets = {
        "SERVICE_CLIENT_SECRET": "s3cret-of-services",
        "PKCS11_PIN": "s3cret-4711",
        "SEALING_PASSWORD": "s3cret-of-seals",
        "ADMISSION_DATABASE_URL": "postgresql+psycopg://admission:s3cret@postgres/admission",
    }
    settings = load_settings(secrets)
    assert settings.service_client_secret == "s3cret-of-services"
    assert settings.pkcs11_pin == "s3cret-4711"
    assert settings.sealing_password == "s3cret-of-seals"
    assert "s3cret" in settings.database_url("admission")
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(("log", "threads"), [({}, 12), ({"EVENT_LOG_URL": "kafka://broker:9092"}, 10)])
def test_a_web_process_has_the_threads_that_were_measured_best_unless_told_otherwise(
    log: dict[str, str], threads: int
) -> None:
    assert load_settings(log).threads == threads
    assert load_settings({**log, "WEB_THREADS": "3"}).threads == 3
