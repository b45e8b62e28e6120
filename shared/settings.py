"""Settings come from environment variables, are read once, validated together and passed on by hand."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from environs import Env

SERVICES: Final = ("admission", "enrolment", "assessment", "certification")
# Measured on two cores: with more of them commands of many statements finish late, with fewer there are fewer commands.
_THREADS_EMBEDDED: Final = 12
_THREADS: Final = 10
Environment = Literal["development", "production"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between two installations. `docs/operations.md` explains each variable."""

    environment: Environment
    home: Path
    database_urls: Mapping[str, str] = field(repr=False)
    event_log_url: str
    event_log_accept_loss: bool
    event_log_instance_id: str | None
    public_url: str
    public_host: str
    service_urls: Mapping[str, str]
    oidc_issuer: str
    oidc_audience: str
    service_client_id: str
    service_client_secret: str = field(repr=False)
    key_encryption_key_file: Path
    development_issuer_on_private_network: bool
    fetch_private_networks: bool
    bind: str
    threads: int
    worker_port: int
    log_level: str
    sealing_folder: Path
    sealing_password: str = field(repr=False)
    sealing_trust: Path | None
    time_stamp_url: str | None
    time_stamp_trust: Path | None
    pkcs11_module: Path | None
    pkcs11_token: str
    pkcs11_pin: str = field(repr=False)

    @property
    def embedded(self) -> bool:
        """Whether the event log is the embedded one, which only one process may use as a member."""
        return self.event_log_url.startswith("sqlite-log:")

    def database_url(self, service: str) -> str:
        return self.database_urls[service]

    def service_url(self, service: str) -> str:
        """The base address under which `service` answers its REST routes, without a trailing slash."""
        return self.service_urls[service]


class _Environment(Env):
    """Variables from a mapping; `NAME_FILE` names a file that holds the value of `NAME` (for secrets)."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__()
        self._variables = variables

    def _get_value(self, env_key: str, default: Any) -> Any:
        if env_key not in self._variables and (file := self._variables.get(f"{env_key}_FILE")):
            return Path(file).read_text(encoding="utf-8").strip()
        return self._variables.get(env_key, default)


def load_settings(overrides: Mapping[str, str] | None = None) -> Settings:
    """Read the environment (`overrides` win over it) and check it as a whole.

    Raises:
        environs.EnvError: a variable is malformed or missing; the message names it.
        ValueError: variables contradict each other, or production lacks what it needs.
    """
    return _read(_Environment({**os.environ, **(overrides or {})}))


def _read(env: Env) -> Settings:
    mode = env.str("PASSERELLE_ENV", "development")
    if mode not in ("development", "production"):
        raise ValueError(f"PASSERELLE_ENV is '{mode}'; it is either development or production")
    home = Path(env.str("PASSERELLE_HOME", "var/passerelle")).resolve()
    bind = env.str("BIND", "127.0.0.1:8000")
    public_url = env.str("PUBLIC_URL", f"http://{bind}").rstrip("/")
    public_host = env.str("PUBLIC_HOST", public_url.partition("://")[2].partition("/")[0])
    internal = env.str("INTERNAL_URL", f"http://{bind}").rstrip("/")
    issuer = env.str("OIDC_ISSUER", f"http://{bind}/development-issuer")
    secret = env.str("SERVICE_CLIENT_SECRET", "")
    if mode == "production" and (not env.str("OIDC_ISSUER", "") or not secret):
        raise ValueError("in production OIDC_ISSUER and SERVICE_CLIENT_SECRET have to be set")
    event_log = env.str("EVENT_LOG_URL", f"sqlite-log:///{home}/events.sqlite")
    stamps, stamps_by = env.str("TIME_STAMP_URL", None), env.path("TIME_STAMP_TRUST", None)
    if stamps is not None and stamps_by is None:
        raise ValueError(
            "TIME_STAMP_URL needs TIME_STAMP_TRUST, the certificate that its time stamps lead to"
        )
    module, token = env.path("PKCS11_MODULE", None), env.str("PKCS11_TOKEN", "")
    if module is not None and not (token and env.str("PKCS11_PIN", "")):
        raise ValueError("PKCS11_MODULE needs PKCS11_TOKEN, the token's label, and PKCS11_PIN")
    if mode == "production" and env.bool("FETCH_PRIVATE_NETWORKS", False):
        raise ValueError("FETCH_PRIVATE_NETWORKS is for development only")
    return Settings(
        environment="production" if mode == "production" else "development",
        home=home,
        database_urls={
            name: env.str(f"{name.upper()}_DATABASE_URL", f"sqlite:///{home / name}.sqlite")
            for name in SERVICES
        },
        event_log_url=event_log,
        event_log_accept_loss=env.bool("EVENT_LOG_ACCEPT_LOSS", False),
        event_log_instance_id=env.str("EVENT_LOG_INSTANCE_ID", None),
        public_url=public_url,
        public_host=public_host,
        service_urls={name: env.str(f"{name.upper()}_URL", internal).rstrip("/") for name in SERVICES},
        oidc_issuer=issuer,
        oidc_audience=env.str("OIDC_AUDIENCE", "passerelle"),
        service_client_id=env.str("SERVICE_CLIENT_ID", "passerelle-service"),
        service_client_secret=secret,
        key_encryption_key_file=Path(env.str("KEY_ENCRYPTION_KEY_FILE", str(home / "key-encryption.key"))),
        development_issuer_on_private_network=env.bool("DEVELOPMENT_ISSUER_ON_PRIVATE_NETWORK", False),
        fetch_private_networks=env.bool("FETCH_PRIVATE_NETWORKS", False),
        bind=bind,
        threads=env.int("WEB_THREADS", _THREADS if event_log.startswith("kafka:") else _THREADS_EMBEDDED),
        worker_port=env.int("WORKER_PORT", 0),
        log_level=env.str("LOG_LEVEL", "INFO"),
        sealing_folder=Path(env.str("SEALING_FOLDER", str(home / "sealing"))),
        sealing_password=env.str("SEALING_PASSWORD", ""),
        sealing_trust=env.path("SEALING_TRUST", None),
        time_stamp_url=stamps,
        time_stamp_trust=stamps_by,
        pkcs11_module=module,
        pkcs11_token=token,
        pkcs11_pin=env.str("PKCS11_PIN", ""),
    )
