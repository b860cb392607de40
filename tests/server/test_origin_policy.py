"""Who is let in from a browser, by a request's Host, Origin and Sec-Fetch headers."""

from __future__ import annotations

import logging

import pytest

from hubbub.server.origin_policy import LOG_SECONDS, OriginPolicy

PORT = 8080
OTHER_SITES = ("same-site", "cross-site", "something-new")


def fields(**headers: str | list[str]):  # type: ignore[no-untyped-def]
    said = {name.replace("_", "-"): value for name, value in headers.items()}

    def values(name: str) -> list[str]:
        value = said.get(name, [])
        return [value] if isinstance(value, str) else value

    return values


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def policy(now: list[float]) -> OriginPolicy:
    return OriginPolicy(
        ("chat.example.org",),
        ("https://www.example.net", "http://odd.example.net:81/"),
        monotonic=lambda: now[0],
    )


@pytest.mark.parametrize(
    "host, origin, port",
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080", PORT),
        ("[::1]:8080", "http://[::1]:8080", PORT),
        ("LOCALHOST:8080", "http://localhost:8080", PORT),
        ("localhost.:8080", "http://localhost.:8080", PORT),
        ("chat.example.org", "https://chat.example.org", PORT),
        ("chat.example.org", "http://chat.example.org", PORT),
        ("chat.example.org:443", "https://chat.example.org", PORT),
        ("chat.example.org:80", "http://chat.example.org", PORT),
        ("chat.example.org", "https://chat.example.org:443", PORT),
        ("chat.example.org:8443", "https://chat.example.org:8443", PORT),
        ("chat.example.org", "https://chat.example.org:8443", PORT),  # nginx: $host
        ("chat.example.org", "http://chat.example.org", 80),
        ("chat.example.org", "https://chat.example.org", 443),
        ("chat.example.org", "https://www.example.net", PORT),
        ("chat.example.org", "https://www.example.net:443", PORT),
        ("chat.example.org", "HTTP://odd.example.net:81", PORT),
    ],
)
def test_the_servers_own_page_and_allowed_ones_may_chat(
    policy: OriginPolicy, host: str, origin: str, port: int
) -> None:
    asked = fields(host=host, origin=origin)
    assert policy.websocket(asked, port) is None
    assert policy.request(asked, port, page=False) is None


@pytest.mark.parametrize(
    "host, origin, port",
    [
        ("127.0.0.1:8080", "http://evil.example", PORT),
        ("127.0.0.1:8080", "null", PORT),
        ("127.0.0.1:8080", "", PORT),
        ("127.0.0.1:8080", "file://", PORT),
        ("127.0.0.1:8080", "http://127.0.0.1:3000", PORT),
        ("127.0.0.1:8080", "http://127.0.0.1", PORT),
        ("127.0.0.1:8080", "http://localhost:8080", PORT),
        ("localhost:8080", "http://evil.localhost:8080", PORT),
        ("chat.example.org:443", "http://chat.example.org", PORT),
        ("chat.example.org:443", "https://chat.example.org:8443", PORT),
        ("chat.example.org", "http://chat.example.org:3000", 80),
        ("chat.example.org", "https://chat.example.org:3000", 443),
        ("chat.example.org", "http://www.example.net", PORT),
        ("chat.example.org", "https://odd.example.net:81", PORT),
        ("chat.example.org", "https://chat.example.org.evil.example", PORT),
        ("chat.example.org", "https://chat.example.org@evil.example", PORT),
        ("chat.example.org", "https://evil.example/https://chat.example.org", PORT),
    ],
)
def test_pages_of_other_origins_may_not(
    policy: OriginPolicy, host: str, origin: str, port: int
) -> None:
    asked = fields(host=host, origin=origin)
    for refusal in policy.websocket(asked, port), policy.request(asked, port, page=False):
        assert refusal is not None
        assert refusal.code == "wrong-origin"


def test_two_origins_are_none(policy: OriginPolicy) -> None:
    asked = fields(host="localhost:8080", origin=["http://localhost:8080"] * 2)
    assert policy.websocket(asked, PORT) is not None
    assert policy.request(asked, PORT, page=False) is not None


@pytest.mark.parametrize("host", ["evil.example:8080", "evil.example", "", "a b", "127.0.0.1@evil"])
def test_a_site_that_points_its_name_here_is_refused(policy: OriginPolicy, host: str) -> None:
    for headers in (
        {"origin": f"http://{host}"},
        {"origin": f"http://{host}", "sec_fetch_site": "same-origin"},
        {"origin": "https://www.example.net"},
    ):
        refusal = policy.websocket(fields(host=host, **headers), PORT)
        assert refusal is not None
        assert refusal.code == "wrong-host"
    for headers in ({}, {"origin": f"http://{host}"}, {"sec_fetch_site": "same-origin"}):
        refusal = policy.request(fields(host=host, **headers), PORT, page=True)
        assert refusal is not None
        assert refusal.code == "wrong-host"


@pytest.mark.parametrize(
    "host", ["127.1", "127.1:8080", "2130706433", "0x7f.1", "localhost", "::1"]
)
def test_programs_say_nothing_and_are_let_in(policy: OriginPolicy, host: str) -> None:
    assert policy.websocket(fields(host=host), PORT) is None
    assert policy.websocket(fields(host="in-my-hosts-file:8080"), PORT) is None
    assert policy.websocket(fields(), PORT) is None
    assert policy.request(fields(), PORT, page=False) is None
    if host != "::1":  # which is written in brackets there
        assert policy.request(fields(host=host), PORT, page=False) is None


@pytest.mark.parametrize("site", OTHER_SITES)
def test_what_a_browser_marks_as_from_another_site_is_refused(
    policy: OriginPolicy, site: str
) -> None:
    asked = fields(host="localhost:8080", sec_fetch_site=site, sec_fetch_mode="no-cors")
    for page in (True, False):
        refusal = policy.request(asked, PORT, page=page)
        assert refusal is not None
        assert refusal.code == "cross-site"
    assert policy.websocket(asked, PORT) is not None
    marked = fields(host="chat.example.org", origin="https://chat.example.org", sec_fetch_site=site)
    assert policy.websocket(marked, PORT) is not None


@pytest.mark.parametrize("site", OTHER_SITES)
def test_a_link_elsewhere_opens_the_page_and_nothing_else(policy: OriginPolicy, site: str) -> None:
    link = {"host": "localhost:8080", "sec_fetch_site": site, "sec_fetch_mode": "navigate"}
    assert policy.request(fields(**link, sec_fetch_dest="document"), PORT, page=True) is None
    assert policy.request(fields(**link, sec_fetch_dest="document"), PORT, page=False) is not None
    for frame in ("iframe", "frame", "object", "embed", "fencedframe"):
        assert policy.request(fields(**link, sec_fetch_dest=frame), PORT, page=True) is not None


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_a_browser_marks_as_its_own_is_answered(policy: OriginPolicy, site: str) -> None:
    """Also where a proxy has put a Host of its own: the browser knows best."""
    asked = fields(host="127.0.0.1:8080", sec_fetch_site=site, sec_fetch_mode="cors")
    assert policy.request(asked, PORT, page=False) is None
    own = fields(
        host="127.0.0.1:8080", origin="https://chat.example.org", sec_fetch_site="same-origin"
    )
    assert policy.websocket(own, PORT) is None


def test_an_allowed_page_is_from_another_site_and_may_chat(policy: OriginPolicy) -> None:
    asked = fields(
        host="chat.example.org", origin="https://www.example.net", sec_fetch_site="cross-site"
    )
    assert policy.websocket(asked, PORT) is None
    assert policy.request(asked, PORT, page=False) is None


def test_a_refusal_is_logged_once_a_minute_with_the_setting_that_would_allow_it(
    policy: OriginPolicy, now: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    wrong_origin = fields(host="chat.example.org", origin="https://app.example.org\n")
    for _ in range(50):
        policy.websocket(fields(host="chat.example.org", origin="https://app.example.org"), PORT)
        policy.request(fields(host="chat.example.com"), PORT, page=True)
    first, second = caplog.messages
    assert "https://app.example.org into the setting allowed-origins" in first
    assert '"chat.example.com"' in second
    assert "allowed-hosts" in second
    now[0] += LOG_SECONDS
    policy.websocket(wrong_origin, PORT)
    assert len(caplog.messages) == 3
    assert "https://app.example.org? into the setting" in caplog.messages[2]
