"""What a device signs, and how two sides compare what they hold."""

import hashlib
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from wc_contract.wire.codes import Directive, Outcome, ProblemCode, Refusal
from wc_contract.wire.digests import KindDigest, digest_rows
from wc_contract.wire.proof import proof_text
from wc_contract.wire.versions import PROTOCOL, SUPPORTED_PROTOCOLS

rows = st.lists(st.tuples(st.uuids().map(str), st.integers(0, 2**62)), unique=True, max_size=20)


def test_the_signed_text_never_changes() -> None:
    body = hashlib.sha256(b"{}").hexdigest()
    token = hashlib.sha256(b"t").hexdigest()
    signed = proof_text(method="post", path="/v1/push?x=1", body=b"{}", nonce="n1", token="t")
    assert signed == f"wc-proof-1\nPOST\n/v1/push?x=1\n{body}\nn1\n{token}".encode()


def test_each_part_of_a_request_changes_what_is_signed() -> None:
    base = {"method": "POST", "path": "/a", "body": b"", "nonce": "n", "token": ""}
    changed = [
        proof_text(**(base | other))  # type: ignore[arg-type]
        for other in ({}, {"method": "GET"}, {"path": "/b"}, {"body": b"x"}, {"nonce": "m"}, {"token": "t"})
    ]
    assert len(set(changed)) == len(changed)


def test_a_digest_is_the_sum_that_the_database_makes_of_the_same_rows() -> None:
    by_hand = sum(int(hashlib.md5(text).hexdigest()[:15], 16) for text in (b"a:1", b"b:2")) % 2**60  # noqa: S324
    assert digest_rows([("a", 1), ("b", 2)]) == KindDigest(count=2, sum=by_hand)
    assert digest_rows([]) == KindDigest(count=0, sum=0)


@given(rows, st.randoms(use_true_random=False))
def test_a_digest_does_not_know_an_order(some: list[tuple[str, int]], chance: Random) -> None:
    assert digest_rows(chance.sample(some, len(some))) == digest_rows(some)


@given(rows, st.integers(0, 20))
def test_two_parts_of_a_kind_have_the_digest_of_the_whole(some: list[tuple[str, int]], cut: int) -> None:
    assert digest_rows(some[:cut]).plus(digest_rows(some[cut:])) == digest_rows(some)


@given(rows.filter(bool))
def test_a_missing_row_or_another_version_shows(some: list[tuple[str, int]]) -> None:
    record, version = some[0]
    assert digest_rows(some[1:]) != digest_rows(some)
    assert digest_rows([(record, version + 1), *some[1:]]) != digest_rows(some)


def test_codes_are_lower_snake_case_and_stable() -> None:
    for code in (*Outcome, *Refusal, *Directive, *ProblemCode):
        assert code.value == code.name.lower()
    assert PROTOCOL in SUPPORTED_PROTOCOLS
