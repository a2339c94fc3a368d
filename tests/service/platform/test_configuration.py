"""The configuration: where it comes from, what goes before what, and all its problems are reported at once."""

import base64
import os
from dataclasses import fields

import pytest

from service.platform.configuration import Configuration, in_words, read_settings
from service.platform.setting_values import ConfigurationError


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"JOURNEYS_DATABASE": "mysql://x"}, "sqlite:///"),
        ({"JOURNEYS_DATABASE": "sqlite://"}, "must be a file"),
        ({"JOURNEYS_DATABASE": "sqlite:///a.db?mode=memory"}, "must be a file"),
        ({"JOURNEYS_DATABASE": "nonsense"}, "must be"),
        ({"JOURNEYS_PORT": "eighty"}, "JOURNEYS_PORT must be a whole number"),
        ({"JOURNEYS_PORT": "70000"}, "JOURNEYS_PORT must be from 0 to 65535"),
        ({"JOURNEYS_THREADS": "0"}, "1 to 256"),
        ({"JOURNEYS_WORKER": "maybe"}, "true or false"),
        ({"JOURNEYS_LOG_LEVEL": "loud"}, "debug"),
        ({"JOURNEYS_MAX_BODY": "1"}, "JOURNEYS_MAX_BODY must be from 1000"),
        ({"JOURNEYS_WORKER_INTERVAL": "0"}, "JOURNEYS_WORKER_INTERVAL must be from 0.01"),
        ({"JOURNEYS_WORKER_INTERVAL": "nan"}, "JOURNEYS_WORKER_INTERVAL must be from 0.01"),
        ({"JOURNEYS_PROT": "1"}, "Unknown setting JOURNEYS_PROT; did you mean JOURNEYS_PORT?"),
        ({"JOURNEYS_ZZZ": "1"}, "accepted: JOURNEYS_APPRISE_URL, JOURNEYS_APPROVALS, "),
        ({"JOURNEYS_CONFIG": "no/such.toml"}, "no/such.toml cannot be read: No such file"),
        ({"JOURNEYS_WORKER": "no"}, "no timer would fire"),
        ({"JOURNEYS_PUBLIC_URL": "http://guide.example.org"}, "JOURNEYS_PUBLIC_URL must be the https address"),
        ({"JOURNEYS_PUBLIC_URL": "https://guide.example.org/"}, "without a slash"),
        ({"JOURNEYS_MAIL_SERVER": "mail.example.org"}, "mail.example.org:587"),
        ({"JOURNEYS_MAIL_SECURITY": "ssl"}, "starttls, tls, none"),
        ({"JOURNEYS_MAIL_SERVER": "mail.example.org:587"}, "needs public_url, mail_from, mail_bounces"),
        ({"JOURNEYS_PUSH_KEY": "k", "JOURNEYS_PUSH_CONTACT": "mailto:a@b.example"}, "needs public_url"),
        ({"JOURNEYS_MAIL_DKIM_KEY": "k"}, "needs mail_server, mail_dkim_selector, mail_dkim_domain"),
        ({"JOURNEYS_MAIL_DKIM_SELECTOR": "s1"}, "needs mail_dkim_key"),
        ({"JOURNEYS_POST_PAPER": "a5"}, "must be one of a4, letter, or empty"),
        ({"JOURNEYS_POST_PAPER": "a4"}, "needs postal_address"),
        (
            {
                **{f"JOURNEYS_{name}": "x" for name in ("SMS_ACCOUNT", "SMS_TOKEN", "SMS_SENDER", "APPRISE_URL")},
                "JOURNEYS_PUBLIC_URL": "https://guide.example.org",
            },
            "JOURNEYS_SMS_ACCOUNT and JOURNEYS_APPRISE_URL each send text messages",
        ),
        ({"JOURNEYS_DATABASE": "postgresql://h/d", "JOURNEYS_THREADS": "64"}, "Allow 66 connections"),
        ({"JOURNEYS_DATABASE": "postgresql://h/d", "JOURNEYS_LOCK_TIMEOUT": "40"}, "JOURNEYS_LOCK_TIMEOUT is 40, and"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(variables, says):
    with pytest.raises(ConfigurationError) as refused:
        Configuration.of_environment(variables)
    assert says in str(refused.value)


def test_a_value_out_of_range_is_refused_however_it_is_made():
    with pytest.raises(ConfigurationError, match="threads must be from 1 to 256"):
        Configuration(threads=0)


def test_options_go_before_variables_and_these_before_the_file(tmp_path):
    file = tmp_path / "journeys.toml"
    file.write_text('host = "::1"\nport = 80\nthreads = 4\nlate_timer = 60\nworker = true\n')
    variables = {"JOURNEYS_CONFIG": str(file), "JOURNEYS_PORT": "81", "JOURNEYS_THREADS": "5", "JOURNEYS_TEST_X": "1"}
    config = Configuration.of_environment(variables | {"PATH": os.environ["PATH"]}, port=82, host=None)
    assert (config.host, config.port, config.threads, config.late_timer) == ("::1", 82, 5, 60)
    assert config.max_body == Configuration().max_body
    places = read_settings(variables, port=82).places
    assert places == {
        "host": f"{file}: host",
        "late_timer": f"{file}: late_timer",
        "port": "--port",
        "threads": "JOURNEYS_THREADS",
        "worker": f"{file}: worker",
    }
    other = tmp_path / "other.toml"
    other.write_text('log_level = "error"')
    assert Configuration.of_environment(variables, file=other).log_level == "error"
    assert Configuration.of_environment(variables, file=other).host == "127.0.0.1"


def test_everything_that_is_wrong_is_said_at_once_with_its_place(tmp_path):
    file = tmp_path / "journeys.toml"
    accepted = ", ".join(sorted(field.name for field in fields(Configuration)))
    file.write_text('prot = 80\nthreads = "8"\nmax_body = 3\nworker = 1\n[logs]\nlevel = "debug"\n')
    with pytest.raises(ConfigurationError) as refused:
        Configuration.of_environment({"JOURNEYS_PORT": "x", "JOURNEYS_HSOT": "y"}, file=file, threads=1000)
    assert refused.value.problems == [
        f"{file}: unknown setting prot; did you mean port?",
        f"{file}: threads must be a whole number.",
        f"{file}: max_body must be from 1000 to 100000000.",
        f"{file}: worker must be true or false.",
        f"{file}: unknown setting logs; accepted: {accepted}.",
        "Unknown setting JOURNEYS_HSOT; did you mean JOURNEYS_HOST?",
        "JOURNEYS_PORT must be a whole number.",
        "--threads must be from 1 to 256.",
    ]


def test_a_file_that_is_no_toml_is_named_with_the_line(tmp_path):
    file = tmp_path / "journeys.toml"
    file.write_text("port = 80\nhost localhost\n")
    with pytest.raises(ConfigurationError, match=r"journeys.toml must be a TOML file: .*line 2"):
        Configuration.of_environment({}, file=file)
    file.write_bytes(b'host = "\xff"')
    with pytest.raises(ConfigurationError, match="must be a TOML file"):
        Configuration.of_environment({}, file=file)


def test_the_configuration_is_shown_without_passwords():
    variables = {
        "JOURNEYS_DATABASE": "postgresql://me:secret@h/d?sslpassword=secret&sslmode=require",
        "JOURNEYS_OIDC_ISSUER": "https://login.example",
        "JOURNEYS_OIDC_CLIENT": "journeys",
        "JOURNEYS_OIDC_SECRET": "secret",
        "JOURNEYS_INBOUND": "sms=whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
        "JOURNEYS_TRIGGERS": "lab=whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
    }
    shown = {name: (value, place) for name, value, place in in_words(read_settings(variables, port=80))}
    assert shown["database"][0].startswith("postgresql://me:***@h/d?")
    assert "secret" not in str(list(shown.values()))
    assert shown["oidc_secret"][0] == "***"
    assert shown["inbound"][0] == shown["triggers"][0] == "***"
    assert "sslmode=require" in shown["database"][0]
    assert shown["port"] == ("80", "--port")
    assert shown["worker"] == ("true", "default")
    assert shown["worker_interval"] == ("1", "default")
    assert shown["late_approval"] == ("2592000", "default")


def test_addresses_get_the_driver_that_is_used_here():
    variables = {"JOURNEYS_DATABASE": "postgresql://h/d"}
    assert Configuration.of_environment(variables).url.drivername == "postgresql+psycopg"


def test_sources_have_a_channel_and_secrets():
    first, second = b"first secret of the source", b"second secret of the source"
    one, two = (f"whsec_{base64.b64encode(secret).decode()}" for secret in (first, second))
    config = Configuration(inbound=f"sms={one}; email-ses = {one}, {two};")
    assert {name: (source.channel, source.secrets) for name, source in config.inbound_sources.items()} == {
        "sms": ("sms", (first,)),
        "email-ses": ("email", (first, second)),
    }
    assert "secret" not in repr(config.inbound_sources).replace("secrets", "")
    assert Configuration().inbound_sources == {}
    rows = Configuration(triggers=f"lab={one},{two}; ct-scans={two}").row_secrets
    assert rows == {"lab": (first, second), "ct-scans": (second,)}
    assert Configuration().row_secrets == {}


@pytest.mark.parametrize(
    "text",
    [
        "sms",
        "sms=",
        "sms=whsec_",
        "sms=whsec_dG9vIHNob3J0",
        "sms=" + "a" * 64,
        "sms=whsec_" + "é" * 64,
        "fax=whsec_" + "a" * 64,
        "mail=whsec_" + "a" * 64,
        "sms=whsec_" + "a" * 64 + ";sms=whsec_" + "b" * 64,
        "sms=whsec_" + "a" * 64 + ",",
    ],
)
def test_a_source_without_a_good_secret_is_refused_and_not_repeated(text):
    with pytest.raises(ConfigurationError, match=r"inbound must name each source with its secrets") as refused:
        Configuration(inbound=text)
    assert "aaaa" not in str(refused.value)


@pytest.mark.parametrize("text", ["lab", "lab=", "Lab=whsec_" + "a" * 64, "lab=" + "a" * 64, "lab=whsec_aaaa"])
def test_a_source_of_rows_without_a_good_secret_is_refused_and_not_repeated(text):
    with pytest.raises(ConfigurationError, match=r"triggers must name each source with its secrets") as refused:
        Configuration(triggers=text)
    assert "aaaa" not in str(refused.value)
