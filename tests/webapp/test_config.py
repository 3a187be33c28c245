"""Settings: what is accepted, what is refused with its name and the reason, and where the secret comes from."""

import os
import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from webapp.config import Settings, SettingsError, doubts, environment, load_settings
from webapp.config_parsing import PREFIX

SECRET = "Zb3-kq9VxT_7wLr2NpYd8Hc5Mf1Jg6Ua4Es0"
OUTSIDE = {"WORKBEE_DATABASE_URL": "postgresql://a:b@db/x", "WORKBEE_REDIS_URL": "redis://cache"}

OIDC = '[{"name": "uni", "issuer": "https://login.uni.example", "client_id": "x"}]'


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PORT", "tcp://10.0.0.1:80", "valid integer"),
        ("PORT", "70000", "less than or equal to 65535"),
        ("WORKERS", "0", "greater than or equal to 1"),
        ("DATABASE_URL", "mysql://root@db/x", "must be a PostgreSQL address"),
        ("DATABASE_POOL_SIZE", "0", "greater than or equal to 1"),
        ("DATABASE_AUTOCOMMIT_POOL_SIZE", "1000", "less than or equal to 100"),
        ("POOLER_URL", "mysql://localhost/x", "must be a PostgreSQL address"),
        ("REDIS_URL", "memcached://cache", "must be a Redis address"),
        ("BASE_URL", "bees.org", "must be the site's address"),
        ("BASE_URL", "https://bees.org/hive", "without a path"),
        ("CORS_ORIGINS", "*", "is no origin"),
        ("CORS_ORIGINS", "null", "is no origin"),
        ("CORS_ORIGINS", "https://app.bees.org/path", "is no origin"),
        ("CORS_ORIGINS", "https://*.bees.org", "is no origin"),
        ("CORS_ORIGINS", "https://app.bees.org, app.bees.org", "is no origin"),
        ("CORS_ORIGINS", "https://ann@app.bees.org", "is no origin"),
        ("CORS_ORIGINS", "http://p1.localhost:5000", "may be a presenter's host"),
        ("CONTACT_EMAIL", "nobody", "must be an e-mail address"),
        ("MAIL_SENDER", "nobody", "must be an e-mail address"),
        ("SMTP_URL", "mail.bees.org:25", "must be a mail server's address"),
        ("OUTBOUND_ALLOW", "10.0.0.0/8,10.0.0.1/8", "has host bits set"),
        ("S3_BUCKET", "s3://bees", "must be the name of a bucket alone"),
        ("S3_ENDPOINT", "minio:9000", "must be the store's address"),
        ("S3_ENDPOINT", "https://s3.bees.org/uploads", "without bucket and key"),
        ("S3_ENDPOINT", "https://key:hush@s3.bees.org", "without bucket and key"),
        ("S3_PREFIX", "../others", "must be names of letters"),
        ("PRO_FEATURES", "webhooks,flying", "there is no flying"),
        ("SECRET_KEY", "hunter2", "is too short, 7 characters"),
        ("SECRET_KEY", "a" * 40, "is not random"),
        ("SECRET_KEY", "changeme-changeme-changeme-changeme-1234", "looks like a sample"),
        ("OIDC_PROVIDERS", "uni", "invalid JSON"),
        ("OIDC_PROVIDERS", '[{"name": "uni", "issuer": "https://x.example"}]', "0.client_id: field required"),
        ("OIDC_PROVIDERS", OIDC.replace("https:", "http:"), "must be an https address"),
        ("OIDC_PROVIDERS", OIDC.replace("uni", "google"), "another way to sign in"),
        ("OIDC_PROVIDERS", OIDC.replace("uni", "link"), "another way to sign in"),
        ("OIDC_PROVIDERS", OIDC.replace("uni", "a/b"), "should match pattern"),
        ("OIDC_PROVIDERS", OIDC[:-1] + "," + OIDC[1:], "the same name"),
        ("LDAP_HOST", "http://ldap.bees.org", "must be a directory's address"),
        ("LDAP_HOST", "ldaps://reader@ldap.bees.org", "must be a directory's address"),
        ("LDAP_USER_OBJECT_FILTER", "(uid=ann)", "in which %s stands once"),
        ("LDAP_USER_OBJECT_FILTER", "uid=%s", "in which %s stands once"),
        ("LDAP_PYBOSSA_FIELDS", "cn", "must be JSON"),
        ("LDAP_PYBOSSA_FIELDS", '{"name": "uid"}', "must have an attribute for each of"),
        ("LOG_LEVEL", "chatty", "'debug', 'info', 'warning' or 'error'"),
        ("API_RATELIMIT", "5", "did you mean WORKBEE_API_RATE_LIMIT?"),
    ],
)
def test_a_wrong_variable_is_named_with_the_reason(
    name: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings(data_dir=tmp_path)
    assert reason in refused.value.reasons[PREFIX + name]
    assert f"{PREFIX}{name}: " in str(refused.value)


@pytest.mark.parametrize(
    ("given", "missing"), [("GITHUB_CLIENT_SECRET", "GITHUB_CLIENT_ID"), ("LDAP_HOST", "LDAP_BASE_DN")]
)
def test_a_way_to_sign_in_is_given_whole_or_not_at_all(
    given: str, missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PREFIX + given, "hush-hush")
    with pytest.raises(SettingsError) as refused:
        load_settings(data_dir=tmp_path)
    assert f"is required with {PREFIX}{given}" in refused.value.reasons[PREFIX + missing]
    assert "hush-hush" not in str(refused.value)


def test_every_wrong_variable_is_named_at_once_and_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBEE_PORT", "x")
    monkeypatch.setenv("WORKBEE_SECRET_KEY", "hunter2")
    monkeypatch.setenv("WORKBEE_DATABASE_URL", "oracle://scott:tiger@db")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert set(refused.value.reasons) == {"WORKBEE_PORT", "WORKBEE_SECRET_KEY", "WORKBEE_DATABASE_URL"}
    assert "hunter2" not in str(refused.value)
    assert "tiger" not in str(refused.value)


def test_front_ends_are_origins_as_browsers_write_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBEE_CORS_ORIGINS", "https://App.Bees.org:443/, http://localhost:8080,http://[::1]:3000")
    settings = load_settings(data_dir=tmp_path, base_url="https://bees.org")
    assert settings.cors_origins == ("https://app.bees.org", "http://localhost:8080", "http://[::1]:3000")
    assert settings.cross_site_cookies and not load_settings(data_dir=tmp_path).cross_site_cookies
    assert environment(settings)["WORKBEE_CORS_ORIGINS"] == ",".join(settings.cors_origins)


@pytest.mark.parametrize(
    ("origin", "reason"),
    [("https://p1.guests.example", "may be a presenter's host"), ("http://app.bees.org", "must be https")],
)
def test_a_front_end_that_others_could_be_is_refused(origin: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(
            data_dir=tmp_path,
            base_url="https://bees.org",
            guest_url="https://{project}.guests.example",
            cors_origins=(origin,),
        )
    assert reason in refused.value.reasons["WORKBEE_CORS_ORIGINS"]


def test_what_a_site_starts_with_in_doubt(tmp_path: Path) -> None:
    def told(**given: object) -> list[str]:
        return [text.split(":")[0] for text in doubts(load_settings(data_dir=tmp_path, **given))]

    front = ("http://localhost:8080",)
    assert told() == told(trusted_proxies=1, base_url="https://bees.org", cors_origins=front) == []
    assert told(trusted_proxies=1) == ["WORKBEE_TRUSTED_PROXIES without WORKBEE_BASE_URL"]
    assert told(cors_origins=front) == ["WORKBEE_CORS_ORIGINS without an https WORKBEE_BASE_URL"]


def test_values_come_from_the_environment_and_overrides_stand_above_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBEE_PORT", "8000")
    monkeypatch.setenv("WORKBEE_API_RATE_LIMIT", "5")
    monkeypatch.setenv("WORKBEE_OUTBOUND_ALLOW", "127.0.0.0/8, ::1/128")
    monkeypatch.setenv("WORKBEE_PRO_FEATURES", "none")
    settings = load_settings(data_dir=tmp_path, port="9000", host=None)
    assert (settings.port, settings.host, settings.api_rate_limit) == (9000, "127.0.0.1", 5)
    assert settings.outbound_allow == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert settings.pro_features == frozenset()


def test_the_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    first = load_settings(data_dir=tmp_path / "new")
    again = load_settings(data_dir=tmp_path / "new")
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert first.secret_key not in repr(first)


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_an_outside_service_needs_a_secret_of_the_administrators(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(name, OUTSIDE[name])
    with pytest.raises(SettingsError, match="is required with an outside database or Redis"):
        load_settings(data_dir=tmp_path)
    assert load_settings(data_dir=tmp_path, secret_key=SECRET).secret_key == SECRET
    assert not (tmp_path / "secret.key").exists()


def test_a_pooler_stands_before_an_outside_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBEE_POOLER_URL", "postgres://bees:hush@pooler/bees")
    with pytest.raises(SettingsError) as refused:
        load_settings(data_dir=tmp_path)
    assert refused.value.reasons["WORKBEE_DATABASE_URL"].startswith("is required with WORKBEE_POOLER_URL")
    monkeypatch.setenv("WORKBEE_DATABASE_URL", "postgres://bees:hush@db/bees")
    settings = load_settings(data_dir=tmp_path, secret_key=SECRET)
    assert settings.pooler_url == "postgresql://bees:hush@pooler/bees" and "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "missing", "reason"),
    [
        ({"S3_ENDPOINT": "http://127.0.0.1:9000", "S3_KEY_ID": "k", "S3_SECRET_KEY": "s"}, "S3_BUCKET", "S3_ENDPOINT"),
        ({"S3_REGION": "auto"}, "S3_BUCKET", "S3_REGION"),
        ({"S3_BUCKET": "bees", "S3_KEY_ID": "k"}, "S3_SECRET_KEY", "S3_KEY_ID"),
        ({"S3_BUCKET": "bees", "S3_SECRET_KEY": "s"}, "S3_KEY_ID", "S3_SECRET_KEY"),
        ({"S3_BUCKET": "bees", "S3_ENDPOINT": "http://127.0.0.1:9000"}, "S3_KEY_ID", "S3_ENDPOINT"),
    ],
)
def test_a_bucket_is_given_whole_or_not_at_all(
    given: dict[str, str], missing: str, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings(data_dir=tmp_path)
    (name, text) = next(iter(refused.value.reasons.items()))
    assert name == PREFIX + missing and text.startswith(f"is required with {PREFIX}{reason}")


def test_a_bucket_at_amazon_needs_no_key_and_its_folder_no_slashes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBEE_S3_BUCKET", "bees")
    monkeypatch.setenv("WORKBEE_S3_PREFIX", "/hive/uploads/")
    assert load_settings(data_dir=tmp_path).s3_prefix == "hive/uploads"


def test_a_damaged_secret_file_is_refused_rather_than_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("short")
    with pytest.raises(SettingsError, match=r"secret\.key is too short"):
        load_settings(data_dir=tmp_path)
    assert (tmp_path / "secret.key").read_text() == "short"


def test_keys_differ_by_purpose_and_by_secret(tmp_path: Path) -> None:
    settings = Settings(secret_key=SECRET)
    other = Settings(secret_key=SECRET[::-1])
    assert len({settings.key("csrf"), settings.key("frame"), other.key("csrf")}) == 3
    assert settings.key("csrf") == Settings(secret_key=SECRET).key("csrf")
    assert len(settings.key("cookies", 64)) == 64
    with pytest.raises(ValueError, match="without a secret key"):
        Settings().key("csrf")


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBEE_OUTBOUND_ALLOW", "10.0.0.0/8,fd00::/8")
    monkeypatch.setenv("WORKBEE_SECURE_COOKIES", "true")
    monkeypatch.setenv("WORKBEE_OIDC_PROVIDERS", OIDC)
    monkeypatch.setenv("WORKBEE_LDAP_PYBOSSA_FIELDS", '{"fullname": "cn", "name": "uid", "email_addr": "mail"}')
    settings = load_settings(data_dir=tmp_path, port=0, pro_features=frozenset(["webhooks"]))
    services = settings.model_copy(update={"database_url": "postgresql://a:b@/x?host=/s", "redis_url": "unix:///r"})
    given = environment(services)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert load_settings() == services


def test_a_wish_for_secure_cookies_follows_the_sites_address() -> None:
    assert Settings(base_url="https://bees.org/").cookies_secure
    assert not Settings(base_url="http://bees.org").cookies_secure
    assert Settings(secure_cookies=True).cookies_secure
    assert Settings(base_url="https://bees.org/").base_url == "https://bees.org"


NAMING_SETTINGS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "Dockerfile",
    "compose.yaml",
    ".github/workflows/test.yml",
    "docs/operations.md",
)


@pytest.mark.parametrize("name", NAMING_SETTINGS)
def test_what_is_named_for_operators_is_a_setting(name: str) -> None:
    text = (Path(__file__).parents[2] / name).read_text()
    named = set(re.findall(r"\bWORKBEE_([A-Z0-9]+(?:_[A-Z0-9]+)*)\b", text))
    assert {setting.lower() for setting in named} - Settings.model_fields.keys() == set()


@pytest.mark.parametrize("given", [{}, {"smtp_url": "smtp://mail.example", "base_url": "https://bees.org"}])
def test_codes_are_mailed_only_where_mail_can_be_sent(given: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        load_settings(data_dir=tmp_path, two_factor=True, **given)
    assert list(told.value.reasons) == ["WORKBEE_SMTP_URL"]
    mail = {"smtp_url": "smtp://mail.example", "base_url": "https://bees.org", "contact_email": "hive@bees.org"}
    assert load_settings(data_dir=tmp_path, two_factor=True, **mail).two_factor
