"""URLs of Postgres with the connection parameters of libpq: passed on, implied, or refused in one sentence."""

import pytest

from core.network import database_url

BASE = "postgresql://ada:secret@db.example.org:5433/studio"


@pytest.mark.parametrize(
    ("query", "passed"),
    [
        ("", ""),
        # the connection strings that Neon, Supabase, Azure and Heroku print
        ("sslmode=prefer&channel_binding=prefer", "?sslmode=prefer"),
        ("sslmode=require&options=endpoint%3Dep-calm-sea", "?sslmode=require&options=endpoint%3Dep-calm-sea"),
        (
            "sslmode=verify-full&sslrootcert=/etc/ca%20root.pem",
            "?sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20root.pem",
        ),
        ("ssl=true", "?sslmode=require"),
        ("options=-c%20search_path%3Dmusic", "?options=-c%20search_path%3Dmusic"),
        ("keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=9", ""),
        ("gssencmode=disable&client_encoding=UTF8&sslsni=1&load_balance_hosts=disable", ""),
        ("target_session_attrs=read-write", "?target_session_attrs=read-write"),
        ("sslmode=", ""),
    ],
)
def test_parameters_are_passed_on_unless_they_ask_for_what_is_done_anyway(query: str, passed: str) -> None:
    assert database_url.parse(f"{BASE}?{query}" if query else BASE).hosts == (BASE + passed,)


def test_a_time_limit_and_a_name_are_read() -> None:
    url = database_url.parse(f"{BASE}?connect_timeout=7&application_name=studio%20one")
    assert (url.hosts, url.connect_seconds, url.application_name) == ((BASE,), 7.0, "studio one")
    assert database_url.parse(f"{BASE}?connect_timeout=0").connect_seconds is None


def test_the_certificates_of_the_system_are_a_choice() -> None:
    url = database_url.parse(f"{BASE}?sslrootcert=system")
    assert (url.hosts, url.uses_system_certificates) == ((f"{BASE}?sslmode=verify-full",), True)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        (
            "postgres://ada:s@one:5432,two:5433/studio",
            [
                "postgresql://ada:s@one:5432/studio?target_session_attrs=read-write",
                "postgresql://ada:s@two:5433/studio?target_session_attrs=read-write",
            ],
        ),
        (
            "postgresql://ada:s@one,two/studio?target_session_attrs=primary&port=6000",
            [
                "postgresql://ada:s@one:6000/studio?target_session_attrs=primary",
                "postgresql://ada:s@two:6000/studio?target_session_attrs=primary",
            ],
        ),
        ("postgresql+asyncpg://[::1]:5432/studio", ["postgresql://[::1]:5432/studio"]),
        (
            "postgresql:///studio?host=/run/postgresql&user=ada",
            ["postgresql:///studio?user=ada&host=%2Frun%2Fpostgresql"],
        ),
        ("postgresql://ada@%2Frun%2Fpostgresql/studio", ["postgresql://ada@/studio?host=%2Frun%2Fpostgresql"]),
        ("postgresql://ada:p%40ss%2Fw%23@db/studio", ["postgresql://ada:p%40ss%2Fw%23@db/studio"]),
    ],
)
def test_hosts_become_one_url_each(url: str, hosts: list[str]) -> None:
    assert list(database_url.parse(url).hosts) == hosts


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"{BASE}?channel_binding=require", "channel_binding=require.*channel_binding=prefer"),
        (f"{BASE}?sslmode=require&sslrootcert=system", "sslrootcert=system.*verify-full"),
        (f"{BASE}?sslmode=strict", "sslmode=strict.*verify-full"),
        (f"{BASE}?target_session_attrs=standby", "target_session_attrs=standby.*read-write"),
        (f"{BASE}?schema=music", "parameter schema.*search_path"),
        (f"{BASE}?pgbouncer=true", "parameter pgbouncer.*POOLING=transaction"),
        (f"{BASE}?require_auth=md5", "parameter require_auth"),
        (f"{BASE}?hostaddr=10.0.0.1", "parameter hostaddr"),
        (f"{BASE}?gssencmode=require", "gssencmode=require"),
        (f"{BASE}?client_encoding=LATIN1", "client_encoding=LATIN1"),
        (f"{BASE}?statement_timeout=5s", "parameter statement_timeout"),
        (f"{BASE}?connect_timeout=soon", "connect_timeout=soon"),
        (f"{BASE}?sslmode", "name=value"),
        ("postgresql://ada:p@ss@db/studio", "encode it"),
        ("postgresql://ada:p#ss@db/studio", "encode it"),
        ("postgresql://ada:p/ss@db/studio", "encode"),
        ("postgresql://db:70000/studio", "port 70000"),
        ("postgresql://one,two/studio?port=1,2,3", "3 ports for 2 hosts"),
        ("mysql://db/studio", "must begin with postgresql://"),
        ("jdbc:postgresql://db/studio", "must begin with postgresql://"),
        ("db.example.org:5432", "must begin with postgresql://"),
    ],
)
def test_what_is_not_supported_is_refused_in_one_sentence(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as error:
        database_url.parse(url)
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)
