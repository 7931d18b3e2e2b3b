"""What operations may rely on, whichever tracker answers.

A rig brings a provider, and the world it answers from: carriers that scan parcels, a clock, and
faults. The suite is run on every rig, see `test_tracking_providers`.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import islice
from typing import Protocol

import pytest

from zyenta_ops.domain.supplier_errors import (
    AnswerInvalid,
    LoginRevoked,
    Misconfigured,
    SupplierError,
    SupplierUnavailable,
)
from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelState
from zyenta_ops.domain.tracking import (
    Knowledge,
    Registered,
    TrackedNumber,
    TrackingAnswer,
    follow,
    settled,
)
from zyenta_ops.ports.tracking import TrackingProvider

S = ParcelState
# Letters in lower case and spaces: numbers come as suppliers write them.
NUMBER = TrackedNumber("lx 473124829 cn", "China Post", "DE")
OTHER = TrackedNumber("YT2229521272164446", "YunExpress", "DE")
UNKNOWN = TrackedNumber("1Z5R89390357567127")


class Fault(Enum):
    """What a tracker can do to a request."""

    LOST_REPLY = auto()  # the next request is carried out, its answer never comes
    NOT_DONE = auto()  # the next request is not carried out, and nothing tells
    TOO_OFTEN = auto()  # the next request is one too many
    WEB_PAGE = auto()  # every answer is the web page of a proxy
    KEY_ENDED = auto()  # the key is no longer accepted
    FORBIDDEN = auto()  # the key may not do this
    SILENT = auto()  # nobody answers any more


class Rig(Protocol):
    """A provider, and the world it answers from; the clock moves only when told."""

    @property
    def provider(self) -> TrackingProvider: ...
    @property
    def secret(self) -> str:
        """What must not be seen anywhere."""
        ...

    def now(self) -> datetime: ...
    def advance(self, **delta: float) -> None: ...

    def scan(self, number: str, state: ParcelState, text: str, place: str = "") -> None:
        """Let the carrier scan a parcel now."""
        ...

    def expect(self, number: str, at: datetime) -> None:
        """Let the carrier say when a parcel arrives."""
        ...

    def hand_over(self, number: str, later: str) -> None:
        """Let another carrier bring a parcel on under a number of its own."""
        ...

    def used(self) -> int:
        """Numbers that were taken from the quota."""
        ...

    def leave(self, count: int) -> None:
        """Leave so many numbers of the quota."""
        ...

    def requests(self) -> int:
        """Requests that reached the tracker."""
        ...

    def suffer(self, fault: Fault) -> None:
        """Let the fault happen from now on."""
        ...


def outcomes(rig: Rig, *asked: TrackedNumber) -> list[Registered]:
    found = list(rig.provider.register(asked))
    assert [each.asked for each in found] == list(asked)
    return [each.outcome for each in found]


def read(rig: Rig, *asked: TrackedNumber) -> list[TrackingAnswer]:
    found = list(rig.provider.read(asked))
    assert [each.asked for each in found] == list(asked)
    for each in found:
        assert (each.parcel is not None) == (each.knowledge is Knowledge.TOLD)
    return found


def parcel(rig: Rig, asked: TrackedNumber = NUMBER) -> Parcel:
    (found,) = read(rig, asked)
    assert found.parcel is not None, found
    return found.parcel


def followed(rig: Rig, *asked: TrackedNumber) -> None:
    assert outcomes(rig, *asked) == [Registered.DONE] * len(asked)
    rig.advance(minutes=6)


class TrackingProviderContract:
    """Mixed into a test class that has a fixture `rig`."""

    def test_it_has_a_name_and_something_to_say_of_the_account(self, rig: Rig) -> None:
        assert rig.provider.name
        assert rig.provider.check()

    def test_a_number_is_followed_from_when_it_was_handed_over(self, rig: Rig) -> None:
        rig.scan(NUMBER.number, S.IN_TRANSIT, "Departed", "Shenzhen")
        assert [each.knowledge for each in read(rig, NUMBER)] == [Knowledge.UNREGISTERED]

        assert outcomes(rig, NUMBER) == [Registered.DONE]
        assert [each.knowledge for each in read(rig, NUMBER)] == [Knowledge.NOTHING_YET]
        rig.advance(minutes=6)

        assert parcel(rig).state is S.IN_TRANSIT

    def test_handing_it_over_again_costs_nothing(self, rig: Rig) -> None:
        followed(rig, NUMBER)
        used = rig.used()

        assert outcomes(rig, NUMBER, NUMBER) == [Registered.DONE, Registered.DONE]

        assert (used, rig.used()) == (1, 1)

    def test_what_cannot_be_a_number_is_refused_with_a_reason_and_the_others_are_not(
        self, rig: Rig
    ) -> None:
        bad = [TrackedNumber(each) for each in ("", "a/b,c&d", "LETTERSONLY", "x" * 500)]

        found = list(rig.provider.register([bad[0], NUMBER, *bad[1:]]))

        assert [each.outcome for each in found] == [
            Registered.REFUSED,
            Registered.DONE,
            *[Registered.REFUSED] * 3,
        ]
        assert all(each.reason for each in found if each.outcome is Registered.REFUSED)
        assert rig.used() == 1
        assert {each.knowledge for each in read(rig, *bad)} == {Knowledge.UNREGISTERED}

    def test_when_the_quota_is_used_up_the_rest_waits(self, rig: Rig) -> None:
        rig.leave(1)

        assert outcomes(rig, NUMBER, OTHER) == [Registered.DONE, Registered.LATER]
        assert outcomes(rig, NUMBER) == [Registered.DONE]  # known already

        assert rig.used() == 1

    def test_a_parcel_is_told_with_events_newest_first(self, rig: Rig) -> None:
        followed(rig, NUMBER)
        at = rig.now()
        rig.scan(NUMBER.number, S.ANNOUNCED, "Information received")
        rig.advance(hours=5)
        rig.scan(NUMBER.number, S.IN_TRANSIT, "Departed", "Shenzhen")

        told = parcel(rig)

        assert (told.number, told.carrier) == (NUMBER.number, "China Post")
        assert [(each.at, each.text, each.place, each.state) for each in told.events] == [
            (at + timedelta(hours=5), "Departed", "Shenzhen", S.IN_TRANSIT),
            (at, "Information received", "", S.ANNOUNCED),
        ]
        assert told.raw_state

    @pytest.mark.parametrize(
        "state",
        [
            S.ANNOUNCED,
            S.IN_TRANSIT,
            S.CUSTOMS,
            S.CUSTOMS_ACTION,
            S.OUT_FOR_DELIVERY,
            S.READY_FOR_PICKUP,
            S.FAILED_ATTEMPT,
            S.EXCEPTION,
            S.RETURNING,
            S.DELIVERED,
        ],
    )
    def test_every_tracker_has_a_word_for_it(self, rig: Rig, state: ParcelState) -> None:
        followed(rig, NUMBER)
        rig.scan(NUMBER.number, state, "scanned")

        (found,) = read(rig, NUMBER)

        assert found.parcel is not None
        assert (found.parcel.state, found.unknown_words) == (state, ())

    @pytest.mark.parametrize("state", [S.RETURNED, S.LOST])
    def test_what_few_have_a_word_for_is_trouble_at_least(
        self, rig: Rig, state: ParcelState
    ) -> None:
        followed(rig, NUMBER)
        rig.scan(NUMBER.number, state, "scanned")

        assert parcel(rig).state in (state, S.RETURNING, S.EXCEPTION)

    def test_a_number_that_no_carrier_scans_has_nothing_to_tell(self, rig: Rig) -> None:
        never = TrackedNumber("LP00123456780000")
        followed(rig, never)

        assert [each.knowledge for each in read(rig, never)] == [Knowledge.NOTHING_YET]

    def test_it_tells_when_the_parcel_is_expected_and_who_brings_it_on(self, rig: Rig) -> None:
        followed(rig, NUMBER)
        rig.scan(NUMBER.number, S.IN_TRANSIT, "Departed")
        rig.expect(NUMBER.number, rig.now() + timedelta(days=4))
        rig.hand_over(NUMBER.number, "US999999999")

        told = parcel(rig)

        assert told.expected_at == rig.now() + timedelta(days=4)
        assert [each.number for each in told.handovers] == ["US999999999"]
        assert isinstance(told.handovers[0], Handover)

    def test_answers_make_one_parcel_with_what_was_known(self, rig: Rig) -> None:
        followed(rig, NUMBER)
        rig.scan(NUMBER.number, S.IN_TRANSIT, "Departed")
        first = parcel(rig)
        rig.advance(days=9)
        rig.scan(NUMBER.number, S.DELIVERED, "Delivered")
        second = parcel(rig)

        known = follow(follow(settled(first), second), first)

        assert (known.state, known.state_at) == (S.DELIVERED, rig.now())
        assert [each.text for each in known.events] == ["Delivered", "Departed"]

    def test_the_carrier_is_told_where_it_was_not_known(self, rig: Rig) -> None:
        nameless = TrackedNumber(OTHER.number)
        followed(rig, nameless)
        rig.scan(OTHER.number, S.IN_TRANSIT, "Departed")

        assert parcel(rig, nameless).number == OTHER.number

    def test_many_numbers_are_answered_one_by_one_in_their_order(self, rig: Rig) -> None:
        many = [TrackedNumber(f"YT22295212721{number:05d}") for number in range(90)]
        assert set(outcomes(rig, *many)) == {Registered.DONE}
        rig.advance(minutes=6)

        assert UNKNOWN in [each.asked for each in read(rig, *many[:45], UNKNOWN, *many[45:])]

    def test_what_is_not_iterated_is_not_asked(self, rig: Rig) -> None:
        before = rig.requests()

        rig.provider.read([NUMBER])
        rig.provider.register([NUMBER])
        assert rig.requests() == before

        many = [TrackedNumber(f"YT22295212721{number:05d}") for number in range(90)]
        assert len(list(islice(rig.provider.read(many), 1))) == 1
        assert rig.requests() == before + 1

    def test_nothing_is_asked_about_nothing(self, rig: Rig) -> None:
        assert list(rig.provider.register([])) == []
        assert list(rig.provider.read([])) == []
        assert rig.requests() == 0

    @pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.NOT_DONE, Fault.TOO_OFTEN])
    def test_what_may_pass_is_tried_again(self, rig: Rig, fault: Fault) -> None:
        rig.suffer(fault)
        assert outcomes(rig, NUMBER) == [Registered.DONE]
        rig.suffer(fault)
        assert [each.knowledge for each in read(rig, NUMBER)] == [Knowledge.NOTHING_YET]

        assert rig.used() == 1

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            (Fault.WEB_PAGE, AnswerInvalid),
            (Fault.SILENT, SupplierUnavailable),
            (Fault.KEY_ENDED, LoginRevoked),
            (Fault.FORBIDDEN, Misconfigured),
        ],
    )
    def test_what_lasts_is_told_without_the_key(
        self, rig: Rig, fault: Fault, kind: type[SupplierError]
    ) -> None:
        rig.suffer(fault)
        for ask in asks(rig):
            with pytest.raises(kind) as caught:
                ask()
            shown = "".join(traceback.format_exception(caught.value))
            assert rig.secret not in shown
            assert NUMBER.number not in str(caught.value)

    def test_a_failure_takes_nothing_from_the_answers_before_it(self, rig: Rig) -> None:
        many = [TrackedNumber(f"YT22295212721{number:05d}") for number in range(90)]
        answers = rig.provider.read(many)
        assert next(answers).knowledge is Knowledge.UNREGISTERED

        rig.suffer(Fault.SILENT)

        with pytest.raises(SupplierUnavailable):
            list(answers)

    def test_it_can_be_asked_again_after_it_was_closed(self, rig: Rig) -> None:
        rig.provider.close()

        assert outcomes(rig, NUMBER) == [Registered.DONE]


def asks(rig: Rig) -> Sequence[Callable[[], object]]:
    return (
        lambda: list(rig.provider.register([NUMBER])),
        lambda: list(rig.provider.read([NUMBER])),
        rig.provider.check,
    )
