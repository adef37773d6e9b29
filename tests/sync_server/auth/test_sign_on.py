"""District single sign-on, against a provider that runs in a process of its own, and against one that lies."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.openid_provider import CLIENT, OTHER, SECRET
from tests.sync_server.house import House
from tests.sync_server.serving import Served, free_port
from tests.sync_server.workstation import Workstation, b64, code_of, enrol

from wc_sync_server.auth.openid import OpenIdProvider
from wc_sync_server.auth.sign_on_file import Provider as SetProvider
from wc_sync_server.auth.sign_on_file import SignOnWrong, may_lead_to, read_providers
from wc_sync_server.cli.console import CommandRefused
from wc_sync_server.cli.people import disable_person
from wc_sync_server.cli.records import district_named
from wc_sync_server.cli.sign_on import link_person
from wc_sync_server.domain.problems import ProblemRaised

pytestmark = pytest.mark.postgres
REDIRECT = "http://127.0.0.1:40001/white-cross"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The provider's process, and what only tests ask of it."""

    url: str

    def person(self, login: str, **claims: Any) -> None:
        httpx.put(f"{self.url}/test/people/{login}", json=claims).raise_for_status()

    def lies(self, **lies: Any) -> None:
        httpx.put(f"{self.url}/test/lies", json=lies).raise_for_status()

    def sign_in(self, page: str, login: str) -> dict[str, str]:
        """Do what a browser does: show the form, send it, and go where one is sent, which is loopback."""
        assert "<form" in httpx.get(page).text
        answer = httpx.post(page, data={"login": login})
        assert answer.status_code == 302, answer.text
        assert answer.headers["location"].startswith(REDIRECT)
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    port, pause = free_port(), threading.Event()
    with subprocess.Popen([sys.executable, "-m", "tests.openid_provider", str(port)], stderr=subprocess.DEVNULL) as run:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                httpx.get(f"{url}/jwks")
                break
            except httpx.TransportError:
                pause.wait(0.1)
        yield Provider(url=url)
        run.terminate()


@pytest.fixture(scope="module")
def sign_on_file(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sign_on")
    (folder / "client.secret").write_text(SECRET)
    (folder / "client.secret").chmod(0o600)
    (folder / "sign_on.toml").write_text(
        f'[testville]\nissuer = "{provider.url}"\nclient_id = "{CLIENT}"\nclient_secret_file = "client.secret"\n'
        'second_factor_amr = ["mfa"]\nsecond_factor_acr = ["urn:district:two"]\n'
    )
    return folder / "sign_on.toml"


@pytest.fixture(scope="module")
def served(house: House, sign_on_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    server = Served(house, tmp_path_factory.mktemp("log") / "server.log")
    server.start(WC_SIGN_ON=str(sign_on_file))
    yield server
    server.stop()


@pytest.fixture
def link(house: House, sign_on_file: Path) -> Callable[[str, str | None], None]:
    parts = replace(house.parts, settings=replace(house.parts.settings, sign_on=sign_on_file))
    district = district_named(house.parts, "testville")
    return lambda email, name: link_person(parts, district, email, name)


@pytest.fixture(autouse=True)
def as_it_was(house: House, provider: Provider, link: Callable[[str, str | None], None]) -> None:
    house.done("DELETE FROM login_attempts")
    provider.lies()
    for login, amr in (("ann", ["pwd", "mfa"]), ("bea", ["pwd"])):
        provider.person(login, amr=amr)
        link(house.nurses[login].email, f"id of {login}")
        house.forget_codes(house.nurses[login])


def begin(office: Workstation, **changed: Any) -> httpx.Response:
    message = {
        "protocol": 1,
        "district": "testville",
        "redirect": REDIRECT,
        "sign_key": b64(bytes(office.sign.verify_key)),
    }
    return office.request("/v1/sign-on/begin", message | changed, token="")


def finish(office: Workstation, begun: dict[str, Any], back: dict[str, str], **changed: Any) -> httpx.Response:
    message = {
        "protocol": 1,
        "sign_key": b64(bytes(office.sign.verify_key)),
        "flow": begun["flow"],
        "code": back["code"],
        "state": back["state"],
    }
    return office.request("/v1/sign-on/finish", message | changed, token="")


def signed_on(office: Workstation, provider: Provider, login: str) -> httpx.Response:
    begun = begin(office).json()
    return finish(office, begun, provider.sign_in(begun["page"], login))


def ticket_of(office: Workstation, provider: Provider, login: str = "ann") -> str:
    answer = signed_on(office, provider, login)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


def enrol_with(house: House, office: Workstation, ticket: str, code: str, totp: str = "") -> httpx.Response:
    given = {"email": "", "password": "", "totp": totp or "none", "sign_on": ticket}
    return office.enrol_request(house, house.nurses["ann"], code, **given)


def test_a_nurse_enrols_a_workstation_through_the_districts_sign_in(
    house: House, client: httpx.Client, provider: Provider
) -> None:
    office, code = Workstation(client=client), house.one_time_code()
    begun = begin(office).json()
    asked = parse_qs(urlsplit(begun["page"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["prompt"] == ["login"]
    assert asked["redirect_uri"] == [REDIRECT]
    assert SECRET not in begun["page"]
    back = provider.sign_in(begun["page"], "ann")
    assert back["state"] == begun["state"]
    finished = finish(office, begun, back).json()
    assert finished["second_factor"] is False
    answer = enrol_with(house, office, finished["ticket"], code)
    assert answer.json()["user"]["first_name"] == "Ann"
    # The answer was lost: the same device again, though the sign-in was used.
    assert enrol_with(house, office, finished["ticket"], code).json()["device_id"] == answer.json()["device_id"]
    office.take(house.nurses["ann"], answer.json())
    assert office.hello()["directive"] == "ok"


def test_whom_the_provider_asked_for_one_factor_we_ask_for_the_second(
    house: House, client: httpx.Client, provider: Provider
) -> None:
    office, code, bea = Workstation(client=client), house.one_time_code(), house.nurses["bea"]
    answer = signed_on(office, provider, "bea").json()
    assert answer["second_factor"] is True
    assert code_of(enrol_with(house, office, answer["ticket"], code)) == "second_factor_failed"
    totp = bea.code(house.parts.clock.now())
    assert enrol_with(house, office, answer["ticket"], code, totp).json()["user"]["first_name"] == "Bea"


def test_a_second_factor_may_be_said_by_acr(client: httpx.Client, provider: Provider) -> None:
    provider.person("bea", acr="urn:district:two")
    assert signed_on(Workstation(client=client), provider, "bea").json()["second_factor"] is False
    provider.person("bea", acr=["urn:district:two"])
    assert signed_on(Workstation(client=client), provider, "bea").json()["second_factor"] is True


def test_online_again_on_a_known_workstation(house: House, client: httpx.Client, provider: Provider) -> None:
    office = enrol(house, client, "bea")
    ticket = ticket_of(office, provider)
    message = {"protocol": 1, "email": "", "password": "", "totp": "", "sign_on": ticket}
    assert office.ask("/v1/users", message)["user"]["first_name"] == "Ann"
    assert code_of(office.request("/v1/users", message)) == "sign_on_refused"


def test_nobody_is_taken_in_because_they_exist_there(house: House, client: httpx.Client, provider: Provider) -> None:
    before = house.one("SELECT count(*) FROM users")
    office = Workstation(client=client)
    provider.person("mallory", amr=["mfa"], email=house.nurses["ann"].email, email_verified=True)
    ticket = ticket_of(office, provider, "mallory")
    assert code_of(enrol_with(house, office, ticket, house.one_time_code())) == "sign_on_refused"
    assert house.one("SELECT count(*) FROM users") == before
    assert house.one("SELECT count(*) FROM login_attempts WHERE email LIKE %s", "%mallory%") == 0


def test_an_unlinked_and_a_disabled_person_stay_out(
    house: House, client: httpx.Client, provider: Provider, link: Callable[[str, str | None], None]
) -> None:
    office, cleo, bea = Workstation(client=client), house.nurses["cleo"], house.nurses["bea"]
    provider.person("cleo", amr=["mfa"])
    link(cleo.email, "id of cleo")
    ticket = ticket_of(office, provider, "cleo")
    disable_person(house.parts, house.district, cleo.email)
    assert code_of(enrol_with(house, office, ticket, house.one_time_code(house.south))) == "sign_on_refused"
    provider.person("bea", amr=["mfa"])
    ticket = ticket_of(office, provider, "bea")
    link(bea.email, None)
    assert code_of(enrol_with(house, office, ticket, house.one_time_code())) == "sign_on_refused"


def test_a_name_is_linked_to_one_person(house: House, link: Callable[[str, str | None], None]) -> None:
    with pytest.raises(CommandRefused, match="Somebody else"):
        link(house.nurses["bea"].email, "id of ann")


@pytest.mark.parametrize(
    "lies",
    [
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"aud": OTHER}},
        {"claims": {"aud": [CLIENT, OTHER]}},
        {"claims": {"aud": [CLIENT, OTHER], "azp": OTHER}},
        {"claims": {"azp": OTHER}},
        {"claims": {"nonce": "of another sign-in"}},
        {"claims": {"exp": int(time.time()) - 120}},
        {"claims": {"iat": int(time.time()) - 3600}},
        {"claims": {"iat": int(time.time()) + 3600}},
        {"claims": {"auth_time": int(time.time()) - 3600}},
        {"claims": {"sub": ["id of ann"]}},
        {"without": ["nonce"]},
        {"without": ["exp"]},
        {"without": ["iat"]},
        {"without": ["aud"]},
        {"without": ["sub"]},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "stranger"},
    ],
    # No time of day: every worker collects alike.
    ids=[
        "issuer",
        "audience",
        "two audiences",
        "two audiences, another party",
        "another party",
        "nonce",
        "expired",
        "issued long ago",
        "issued later",
        "signed in long ago",
        "subject",
        "no nonce",
        "no end",
        "no beginning",
        "no audience",
        "no subject",
        "no algorithm",
        "public key as secret",
        "key of a stranger",
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    client: httpx.Client, provider: Provider, lies: dict[str, Any]
) -> None:
    office = Workstation(client=client)
    provider.lies(**lies)
    assert code_of(signed_on(office, provider, "ann")) == "sign_on_refused"
    # It is the lie that was refused.
    provider.lies()
    assert signed_on(office, provider, "ann").status_code == 200


def test_a_provider_may_change_its_key(client: httpx.Client, provider: Provider) -> None:
    office = Workstation(client=client)
    assert signed_on(office, provider, "ann").status_code == 200
    httpx.post(f"{provider.url}/test/rotate")
    assert signed_on(office, provider, "ann").status_code == 200


def test_a_provider_with_one_key_need_not_name_it(client: httpx.Client, provider: Provider) -> None:
    provider.lies(kid="")
    assert signed_on(Workstation(client=client), provider, "ann").status_code == 200


def test_a_code_counts_once(client: httpx.Client, provider: Provider) -> None:
    office = Workstation(client=client)
    begun = begin(office).json()
    back = provider.sign_in(begun["page"], "ann")
    assert finish(office, begun, back).status_code == 200
    assert code_of(finish(office, begun, back)) == "sign_on_refused"


def test_a_code_of_another_sign_in_or_of_another_client_opens_nothing(client: httpx.Client, provider: Provider) -> None:
    office = Workstation(client=client)
    mine, other = begin(office).json(), begin(office).json()
    back = provider.sign_in(other["page"], "ann")
    assert code_of(finish(office, mine, back | {"state": mine["state"]})) == "sign_on_refused"
    foreign = provider.sign_in(mine["page"].replace(f"client_id={CLIENT}", f"client_id={OTHER}"), "ann")
    assert code_of(finish(office, mine, foreign)) == "sign_on_refused"


def test_state_flow_and_ticket_are_bound(house: House, client: httpx.Client, provider: Provider) -> None:
    office, thief = Workstation(client=client), Workstation(client=client)
    begun, other = begin(office).json(), begin(office).json()
    back = provider.sign_in(begun["page"], "ann")
    assert code_of(finish(office, begun, back, state=other["state"])) == "sign_on_refused"
    assert code_of(finish(office, begun, back, flow=begun["flow"][:-2] + "AA")) == "sign_on_refused"
    assert code_of(finish(office, begun, back, issuer="https://elsewhere.example")) == "sign_on_refused"
    assert code_of(finish(thief, begun, back)) == "sign_on_refused"
    ticket = finish(office, begun, back).json()["ticket"]
    assert code_of(enrol_with(house, thief, ticket, house.one_time_code())) == "sign_on_refused"
    assert code_of(enrol_with(house, office, begun["flow"], house.one_time_code())) == "sign_on_refused"


@pytest.mark.parametrize(
    "redirect",
    [
        "https://elsewhere.example/white-cross",
        "http://127.0.0.1.elsewhere.example:80/white-cross",
        "http://127.0.0.1:80@elsewhere.example/white-cross",
        "http://localhost:40001/white-cross",
        "http://127.0.0.1/white-cross",
    ],
)
def test_the_code_is_sent_to_loopback_only(client: httpx.Client, redirect: str) -> None:
    assert code_of(begin(Workstation(client=client), redirect=redirect)) == "bad_request"


_BROWSER = """
import re, sys, httpx
answer = httpx.post(sys.argv[1], data={"login": "ann"})
port = re.match(r"http://127.0.0.1:[0-9]+", answer.headers["location"])[0]
assert httpx.get(port + "/white-cross?code=forged&state=guessed").status_code == 404
assert httpx.get(answer.headers["location"]).status_code == 200
"""


def enrol_by_command(
    house: House, served: Served, folder: Path, password: str, browser: str
) -> subprocess.CompletedProcess[str]:
    (folder / "browser.py").write_text(browser)
    words = ["--data", folder / "station", "--insecure-keystore", folder / "keys.json", "--server", served.url]
    words += ["--district", "testville", "--code", house.one_time_code(), "--sign-on"]
    told = {**os.environ, "BROWSER": f"{sys.executable} {folder / 'browser.py'} %s", "WC_PASSWORD": password}
    command = [sys.executable, "-m", "wc_desktop", "enrol", *map(str, words)]
    return subprocess.run(command, env=told, capture_output=True, text=True, timeout=120, check=False)


def test_the_own_command_of_a_workstation_opens_the_browser(house: House, served: Served, tmp_path: Path) -> None:
    password = "opens this workstation only"
    done = enrol_by_command(house, served, tmp_path, password, _BROWSER)
    assert done.returncode == 0, done.stderr
    assert "Ann" in (tmp_path / "station" / "station.json").read_text()


def test_a_password_of_the_workstation_alone_is_long_enough(house: House, served: Served, tmp_path: Path) -> None:
    done = enrol_by_command(house, served, tmp_path, "short", _BROWSER)
    assert (done.returncode, "ten characters" in done.stderr) == (1, True)


@pytest.mark.logs_warnings
@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_a_provider_that_says_something_else_of_itself_is_not_believed(
    house: House, provider: Provider, metadata: dict[str, Any]
) -> None:
    provider.lies(metadata=metadata)
    openid = OpenIdProvider(SetProvider(issuer=provider.url, client_id=CLIENT), house.parts.clock)
    with pytest.raises(ProblemRaised) as refused:
        openid.page(redirect=REDIRECT, state="s", nonce="n", challenge="c")
    assert refused.value.problem == "sign_on_refused"


def test_a_provider_elsewhere_leads_to_nothing_on_this_machine() -> None:
    elsewhere, here = "https://login.lakeside.example", "http://127.0.0.1:8080"
    assert may_lead_to(elsewhere, f"{elsewhere}/token")
    assert may_lead_to(here, f"{here}/token")
    assert not may_lead_to(elsewhere, f"{here}/token")


@pytest.mark.logs_warnings
def test_a_provider_that_is_down_is_said_to_be(house: House) -> None:
    openid = OpenIdProvider(SetProvider(issuer=f"http://127.0.0.1:{free_port()}", client_id=CLIENT), house.parts.clock)
    with pytest.raises(ProblemRaised) as refused:
        openid.page(redirect=REDIRECT, state="s", nonce="n", challenge="c")
    assert refused.value.problem == "busy"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x", "no TOML"),
        ('[x]\nissuer = "https://a.example"', "client_id"),
        ('[x]\nissuer = "http://a.example"\nclient_id = "c"', "https"),
        ('[x]\nissuer = "https://a.example"\nclient_id = "c"\nclaims = "sub"', "claims"),
        ('[x]\nissuer = "https://a.example"\nclient_id = "c"\nclient_secret_file = "none"', "cannot be read"),
        ('[x]\nissuer = "https://a.example"\nclient_id = "c"\nclient_secret_file = "open"', "chmod 600"),
        ('[x]\nissuer = "https://a.example"\nclient_id = "c"\nsecond_factor_amr = "mfa"', "list"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "open").write_text("secret")
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "sign_on.toml").write_text(text)
    with pytest.raises(SignOnWrong, match=said):
        read_providers(tmp_path / "sign_on.toml")
