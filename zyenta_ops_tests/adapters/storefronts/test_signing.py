from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest

from zyenta_ops.adapters.storefronts.signing import new_secret, signed_headers
from zyenta_ops.domain.errors import Refused
from zyenta_ops_tests.adapters.storefronts.reading_signatures import is_genuine

# The vector that the reference implementations of the specification share.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1_614_265_330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector_is_signed_as_published() -> None:
    assert signed_headers(MESSAGE, AT, BODY, [SECRET]) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_the_published_vector_is_genuine_to_the_receiver_of_these_tests() -> None:
    headers = {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": f"v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,x {SIGNATURE}",
    }

    assert is_genuine(SECRET, headers, BODY, AT.timestamp())
    assert not is_genuine(SECRET, headers, BODY + b" ", AT.timestamp())
    assert not is_genuine(SECRET, headers | {"webhook-id": "other"}, BODY, AT.timestamp())
    assert not is_genuine(SECRET, headers, BODY, (AT + timedelta(minutes=6)).timestamp())


def test_while_secrets_change_each_of_them_proves_the_message() -> None:
    new, old, other = (new_secret(bytes([number]) * 32) for number in range(3))

    headers = signed_headers("m1", AT, BODY, [new, old])

    now = AT.timestamp()
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert [is_genuine(each, headers, BODY, now) for each in (new, old, other)] == [
        True,
        True,
        False,
    ]


def test_a_new_secret_is_base64_of_enough_bytes() -> None:
    secret = new_secret(bytes(range(32)))

    assert b64decode(secret.removeprefix("whsec_")) == bytes(range(32))
    with pytest.raises(ValueError, match="needs 24 bytes"):
        new_secret(b"short")


def test_a_secret_of_another_form_is_refused_and_not_quoted() -> None:
    with pytest.raises(Refused) as refusal:
        signed_headers("m1", AT, BODY, ["whsec_not base64!"])

    assert "not base64!" not in str(refusal.value)
