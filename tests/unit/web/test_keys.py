"""Keys of an OpenID provider: kept, refreshed, withdrawn; nobody can make us load the provider (ASVS 8.3.2)."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from shared.domain import UnavailableError
from shared.web.keys import KEEP_SECONDS, REFRESH_SECONDS, RETRY_SECONDS, UNKNOWN_KEY_SECONDS, DiscoveredKeys
from tests.support.forged_tokens import rsa_key

ISSUER = "https://id.example/realms/x"
_, KEY = rsa_key()


class Answer:
    def __init__(self, document, status=200):
        self.status = status
        self._body = json.dumps(document).encode()

    def read(self, amount):
        return self._body[:amount]

    def release_conn(self):
        pass


class Provider:
    """Answers in place of a connection pool; counts how often it was asked for its keys."""

    def __init__(self):
        self.keys = [KEY]
        self.issuer = ISSUER
        self.away = False
        self.asked = 0

    def request(self, method, url, **options):
        assert options["redirect"] is False
        if self.away:
            raise urllib3.exceptions.ConnectTimeoutError
        if url.endswith("/.well-known/openid-configuration"):
            return Answer({"issuer": self.issuer, "jwks_uri": f"{ISSUER}/keys"})
        self.asked += 1
        return Answer({"keys": self.keys})


class Time:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def keys(provider, time):
    return DiscoveredKeys(ISSUER, monotonic=time, pool=provider)


def test_keys_are_fetched_once_and_kept(keys, provider):
    for _ in range(100):
        assert keys.find("rsa-1").key_id == "rsa-1"
    assert provider.asked == 1


def test_who_comes_during_the_first_look_up_waits_for_it(keys, provider):
    """Otherwise the first requests of a process that come at the same time are told that the provider is away."""
    under_way, answer = threading.Event(), threading.Event()
    request = provider.request

    def slowly(*arguments, **options):
        under_way.set()
        assert answer.wait(60)
        return request(*arguments, **options)

    provider.request = slowly
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keys.find, "rsa-1")
        assert under_way.wait(60)
        second = pool.submit(keys.find, "rsa-1")
        while not (second.running() or second.done()):
            threading.Event().wait(0.001)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.1)
        answer.set()
        assert first.result().key_id == second.result().key_id == "rsa-1"
    assert provider.asked == 1


def test_an_unknown_key_asks_at_most_once_a_minute(keys, provider, time):
    keys.find("rsa-1")
    for _ in range(100):
        assert keys.find("nobody") is None
    assert provider.asked == 1
    time.now += UNKNOWN_KEY_SECONDS + 1
    for _ in range(100):
        keys.find("nobody")
    assert provider.asked == 2


def test_a_new_key_is_found_within_a_minute(keys, provider, time):
    keys.find("rsa-1")
    provider.keys = [KEY, {**KEY, "kid": "rsa-2"}]
    time.now += UNKNOWN_KEY_SECONDS + 1
    assert keys.find("rsa-2") is not None


def test_a_withdrawn_key_stops_working_within_five_minutes(keys, provider, time):
    assert keys.find("rsa-1") is not None
    provider.keys = [{**KEY, "kid": "rsa-2"}]
    time.now += REFRESH_SECONDS + 1
    assert keys.find("rsa-1") is None


def test_while_the_provider_is_away_known_keys_go_on_for_an_hour(keys, provider, time):
    keys.find("rsa-1")
    provider.away = True
    time.now += KEEP_SECONDS - 1
    assert keys.find("rsa-1") is not None
    time.now += 2
    with pytest.raises(UnavailableError):
        keys.find("rsa-1")


def test_a_provider_that_was_never_reached_is_unavailable_and_not_asked_in_a_hurry(keys, provider, time):
    provider.away = True
    for _ in range(10):
        with pytest.raises(UnavailableError):
            keys.find("rsa-1")
    provider.away = False
    with pytest.raises(UnavailableError):
        keys.find("rsa-1")
    time.now += RETRY_SECONDS + 0.1
    assert keys.find("rsa-1") is not None


def test_a_discovery_document_of_another_issuer_is_not_believed(keys, provider):
    provider.issuer = "https://evil.example"
    with pytest.raises(UnavailableError):
        keys.find("rsa-1")
