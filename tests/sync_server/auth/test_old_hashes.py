"""Hashes of a lower cost, and of another program, are checked as they are, and better after the first right sign-in."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager

import bcrypt
import httpx
import pyotp
import pytest
from argon2 import PasswordHasher, extract_parameters
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import PASSWORD, House
from tests.sync_server.workstation import Workstation, code_of

from wc_sync_server.auth.bcrypt_hashes import HashNotReadable, require_bcrypt
from wc_sync_server.auth.passwords import Cost, Passwords
from wc_sync_server.auth.sign_in import Proven
from wc_sync_server.db.repositories.people_access import PostgresPeople, PostgresPeopleStore

SHORT = "letmein"  # nobody may choose it today
# Of the test vectors of bcrypt that came with its first release and with crypt_blowfish.
VECTORS = {
    "U*U": "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "a": "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
    "abc": "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i",
}
CHEAP = Passwords(Cost(memory_kib=64, passes=1))


def hashed(password: str, cost: int = 4) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()


@pytest.mark.parametrize(("password", "stored"), VECTORS.items())
@pytest.mark.parametrize("kind", ["$2a$", "$2b$", "$2y$"])
def test_hashes_of_every_kind_of_bcrypt_are_checked(kind: str, password: str, stored: str) -> None:
    stored = kind + stored[4:]
    require_bcrypt(stored)
    assert CHEAP.matches(stored, password, imported=6)
    assert not CHEAP.matches(stored, password + "x", imported=6)
    assert CHEAP.outdated(stored)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a password and no hash",
        hashed("x")[:-1],
        hashed("x") + "x",
        "$2x$" + hashed("x")[4:],
        "$2b$03$" + hashed("x")[7:],
        "$2b$15$" + hashed("x")[7:],
        hashed("x")[:28] + "Z" + hashed("x")[29:],
        PasswordHasher(memory_cost=64, time_cost=1).hash("x"),
    ],
    ids=["none", "words", "too short", "too long", "unknown", "too cheap", "too dear", "no such sign", "argon2id"],
)
def test_what_could_never_be_checked_is_no_hash(text: str) -> None:
    with pytest.raises(HashNotReadable):
        require_bcrypt(text)
    assert not CHEAP.matches(text or None, "y", imported=4)


def test_octets_after_the_72nd_do_not_count_until_the_hash_is_ours() -> None:
    long = "é" * 35 + "ab" + "the rest"
    stored = hashed(long)
    assert CHEAP.matches(stored, long, imported=4)
    assert CHEAP.matches(stored, long[:-1], imported=4), "the other program did not read it either"
    assert not CHEAP.matches(stored, long[:36], imported=4)
    ours = CHEAP.hash_again(long)
    assert CHEAP.matches(ours, long)
    assert not CHEAP.matches(ours, long[:-1])


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count what is spent: checks by Argon2id, and rounds of bcrypt."""
    spent: Counter[str] = Counter()
    argon2, by_bcrypt = PasswordHasher.verify, bcrypt.checkpw

    def verify(self: PasswordHasher, stored: str, password: str) -> bool:
        spent["argon2"] += 1
        return argon2(self, stored, password)

    def checkpw(password: bytes, stored: bytes) -> bool:
        spent["rounds"] += 2 ** int(stored[4:6])
        return by_bcrypt(password, stored)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    monkeypatch.setattr(bcrypt, "checkpw", checkpw)
    return spent


def test_every_try_is_as_much_work_whoever_it_is_about(work: Counter[str]) -> None:
    accounts = (None, CHEAP.hash_again(PASSWORD), hashed(PASSWORD, 4), hashed(PASSWORD, 6), hashed(PASSWORD, 7))
    for imported, rounds in ((7, 2**7), (0, 0)):
        for stored in accounts if imported else accounts[:2]:
            for typed in (PASSWORD, "wrong all along"):
                work.clear()
                assert CHEAP.matches(stored, typed, imported=imported) is (stored is not None and typed == PASSWORD)
                assert work == {"argon2": 1} | ({"rounds": rounds} if rounds else {})


def test_only_a_lower_cost_is_outdated() -> None:
    today = Passwords(Cost(memory_kib=128, passes=2))
    assert not today.outdated(today.hash_again(SHORT))
    assert today.outdated(Passwords(Cost(memory_kib=64, passes=2)).hash_again(SHORT))
    assert today.outdated(Passwords(Cost(memory_kib=128, passes=1)).hash_again(SHORT))
    assert not today.outdated(Passwords(Cost(memory_kib=256, passes=3)).hash_again(SHORT)), "no way down"


@pytest.fixture
def unlocked(house: House) -> Iterator[None]:
    yield
    house.done("DELETE FROM login_attempts")
    house.done("UPDATE user_credentials SET password_hash = %s", house.parts.passwords().hash(PASSWORD))


def stored_of(house: House, name: str) -> str:
    return str(house.one("SELECT password_hash FROM user_credentials WHERE id = %s", house.nurses[name].id))


def put(house: House, name: str, stored: str) -> str:
    house.done("UPDATE user_credentials SET password_hash = %s WHERE id = %s", stored, house.nurses[name].id)
    house.forget_codes(house.nurses[name])
    return stored


def sign_in(house: House, client: httpx.Client, name: str, password: str, totp: str | None = None) -> httpx.Response:
    nurse = house.nurses[name]
    house.forget_codes(nurse)
    typed = {
        "email": nurse.email,
        "password": password,
        "totp": totp or nurse.code(house.parts.clock.now()),
        "district": "testville",
    }
    return client.post("/v1/people/token", json=typed)


def people(house: House) -> AbstractContextManager[PostgresPeopleStore]:
    return PostgresPeople(house.parts.cells, house.parts.chance).open(house.district)


OLD = {
    "cheaper": lambda: Passwords(Cost(memory_kib=64, passes=1)).hash_again(SHORT),
    "bcrypt": lambda: hashed(SHORT),
}


@pytest.mark.postgres
@pytest.mark.usefixtures("unlocked")
@pytest.mark.parametrize("kind", OLD)
def test_a_right_sign_in_replaces_an_old_hash_and_nothing_else_does(
    house: House, client: httpx.Client, kind: str
) -> None:
    old = put(house, "bea", OLD[kind]())
    known = "SELECT password_changed_at FROM user_credentials WHERE id = %s"
    changed = house.one(known, house.nurses["bea"].id)
    assert code_of(sign_in(house, client, "bea", "wrong all along")) == "sign_in_failed"
    assert code_of(sign_in(house, client, "bea", SHORT, totp="000000")) == "second_factor_failed"
    assert stored_of(house, "bea") == old
    assert sign_in(house, client, "bea", SHORT).status_code == 200
    new = stored_of(house, "bea")
    settings, made = house.parts.settings, extract_parameters(new)
    assert (made.memory_cost, made.time_cost) == (settings.argon2_kib, settings.argon2_passes)
    assert house.one(known, house.nurses["bea"].id) == changed, "the password is the one it was"
    assert sign_in(house, client, "bea", SHORT).status_code == 200
    assert stored_of(house, "bea") == new


@pytest.mark.postgres
@pytest.mark.usefixtures("unlocked")
def test_enrolling_a_workstation_and_adding_a_colleague_replace_theirs(house: House, client: httpx.Client) -> None:
    ann, bea = house.nurses["ann"], house.nurses["bea"]
    put(house, "ann", hashed(PASSWORD))
    put(house, "bea", hashed(PASSWORD))
    office, code = Workstation(client=client), house.one_time_code()
    office.take(ann, office.enrol_request(house, ann, code).json())
    assert stored_of(house, "ann").startswith("$argon2id$")
    assert stored_of(house, "bea").startswith("$2b$")
    message = {"protocol": 1, "email": bea.email, "password": PASSWORD, "totp": bea.code(house.parts.clock.now())}
    office.ask("/v1/users", message)
    assert stored_of(house, "bea").startswith("$argon2id$")


@pytest.mark.postgres
@pytest.mark.usefixtures("unlocked")
def test_who_comes_second_with_a_code_replaces_nothing(house: House) -> None:
    old = put(house, "bea", hashed(PASSWORD))
    at = house.parts.clock.now()
    with people(house) as store:
        account = store.account_by_email(house.nurses["bea"].email)
        assert account is not None
        proven = Proven(account=account, step=7, rehashed=CHEAP.hash_again(PASSWORD))
        assert store.use_second_factor(account.id, 7, at)
        assert not proven.use_up(store, at)
        store.commit()
    assert stored_of(house, "bea") == old


@pytest.mark.postgres
@pytest.mark.usefixtures("unlocked")
def test_a_password_changed_meanwhile_is_not_put_back(house: House) -> None:
    changed = put(house, "bea", hashed("another that the operator gave"))
    with people(house) as store:
        store.replace_hash(house.nurses["bea"].id, hashed(SHORT), "$argon2id$of-the-old", house.parts.clock.now())
        store.commit()
    assert stored_of(house, "bea") == changed


@pytest.mark.postgres
@pytest.mark.usefixtures("unlocked")
def test_the_cost_of_the_dearest_hash_is_known_and_of_none_is_nothing(house: House) -> None:
    def highest() -> int:
        with people(house) as store:
            return store.highest_bcrypt_cost()

    assert highest() == 0
    put(house, "ann", hashed(SHORT, 4))
    put(house, "bea", hashed(SHORT, 6))
    put(house, "cleo", "$2b$31$" + hashed(SHORT)[7:])
    assert highest() == 6, "one that is never checked makes nobody wait"


@pytest.mark.postgres
@pytest.mark.usefixtures("unlocked")
def test_an_operator_brings_a_hash_and_its_person_keeps_the_password(house: House, client: httpx.Client) -> None:
    named = ("people", "add", "dora@testville.example", "--first-name", "Dora", "--last-name", "Duck")
    for wrong in (PASSWORD, ""):
        refused = run(house, *named, "--password-hash-stdin", typed=wrong + "\n")
        assert refused.returncode == 1
        assert "no hash of bcrypt" in refused.stderr
    brought = hashed(SHORT, 5)
    added = run(house, *named, "--password-hash-stdin", typed=brought + "\n")
    assert added.returncode == 0, added.stderr
    assert brought not in added.stdout + added.stderr
    kept = "SELECT c.password_hash FROM user_credentials c JOIN users u USING (id) WHERE u.email LIKE 'dora%%'"
    assert house.one(kept) == brought
    secret = re.findall(r"type the secret: (\w+)", added.stdout)[0]
    totp = pyotp.TOTP(secret).at(house.parts.clock.now())
    typed = {"email": "dora@testville.example", "password": SHORT, "totp": totp, "district": "testville"}
    assert code_of(client.post("/v1/people/token", json=typed | {"password": "x"})) == "sign_in_failed"
    assert client.post("/v1/people/token", json=typed).status_code == 200
    assert house.one(kept).startswith("$argon2id$")
