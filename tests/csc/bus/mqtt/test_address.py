"""Where a broker is, as one writes it."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from csc.bus.mqtt import Address
from csc.bus.mqtt.address import CA_FILE, PASSWORD, USER
from fsm import AuthorError


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch):
    for name in (USER, PASSWORD, CA_FILE):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("text", "host", "port", "tls"),
    [
        ("mqtt://broker.example", "broker.example", 1883, False),
        ("mqtt://broker.example:1999", "broker.example", 1999, False),
        ("mqtts://broker.example", "broker.example", 8883, True),
        ("broker.example", "broker.example", 1883, False),
        ("127.0.0.1:2000", "127.0.0.1", 2000, False),
        ("mqtt://[::1]:2000/", "::1", 2000, False),
        ("mqtt://BROKER", "broker", 1883, False),
    ],
)
def test_an_address_is_read(text, host, port, tls):
    address = Address.read(text)

    assert (address.host, address.port, address.tls) == (host, port, tls)
    assert (address.user, address.password) == (None, None)


def test_a_user_and_a_password_are_read_with_what_stands_for_other_characters():
    address = Address.read("mqtt://ann%40site:s%3Acret%2F@broker")

    assert (address.user, address.password) == ("ann@site", "s:cret/")


def test_what_an_address_leaves_out_is_in_the_environment(monkeypatch):
    monkeypatch.setenv(USER, "ann")
    monkeypatch.setenv(PASSWORD, "secret")
    monkeypatch.setenv(CA_FILE, "ca.crt")

    assert Address.read("mqtt://broker") == Address(
        host="broker", user="ann", password="secret", ca_file=Path("ca.crt")
    )
    assert Address.read("mqtt://bob:other@broker").user == "bob"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://broker", "an address begins with mqtt:// or mqtts://"),
        ("mqt://broker", "did you mean mqtt?"),
        ("mqtt://", "the host is missing"),
        ("mqtt://broker:port", "a port is a number from 1 to 65535"),
        ("mqtt://broker:70000", "a port is a number from 1 to 65535"),
        ("mqtt://broker/topic", "an address ends with its port"),
        ("mqtt://broker?a=1", "an address ends with its port"),
    ],
)
def test_what_is_no_address_is_refused(text, message):
    with pytest.raises(AuthorError) as caught:
        Address.read(text)

    assert message in str(caught.value)


def test_a_password_is_not_shown():
    address = Address.read("mqtts://ann:secret@broker")

    assert str(address) == "mqtts://ann@broker:8883"
    assert "secret" not in repr(address)


@pytest.mark.parametrize("text", ["mqtt://broker:1999", "mqtts://ann@broker:8883", "mqtt://[::1]:1883"])
def test_an_address_is_written_as_it_is_read(text):
    assert str(Address.read(text)) == text


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("a.b", False)],
)
def test_loopback_is_known(host, is_loopback):
    assert Address(host=host).is_loopback is is_loopback


def test_a_plain_connection_has_no_encryption():
    assert Address().tls_context() is None


def test_an_encrypted_one_checks_who_the_broker_is():
    context = Address(tls=True).tls_context()

    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_certificates_that_cannot_be_read_are_named(tmp_path):
    wrong = tmp_path / "ca.crt"
    wrong.write_text("nothing", encoding="utf-8")

    with pytest.raises(AuthorError, match="ca.crt: no certificates can be read from it"):
        Address(tls=True, ca_file=wrong).tls_context()
