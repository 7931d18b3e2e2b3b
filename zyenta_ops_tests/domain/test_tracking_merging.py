"""One parcel out of many answers, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zyenta_ops.domain.supplier_orders import Handover, Parcel, ParcelEvent, ParcelState
from zyenta_ops.domain.tracking import follow, follow_all, join, settled

S = ParcelState
DAY = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def after(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def event(hours: float, text: str, state: ParcelState = S.UNKNOWN, place: str = "") -> ParcelEvent:
    return ParcelEvent(after(hours), text, place, state)


def parcel(state: ParcelState = S.UNKNOWN, *events: ParcelEvent, raw: str = "") -> Parcel:
    return Parcel("LX1", "Cainiao", state=state, raw_state=raw, events=events)


# Few times and words, so that answers meet.
times = st.sampled_from([after(hours) for hours in (0, 0.005, 1, 24, 48)])
states = st.sampled_from(list(ParcelState))
events = st.builds(
    ParcelEvent,
    times,
    st.sampled_from(["Departed", "departed.", "Arrived", ""]),
    st.sampled_from(["", "Leipzig", "Leipzig DE"]),
    states,
)
answers = st.builds(
    Parcel,
    st.just("LX1"),
    st.sampled_from(["Cainiao", "CAINIAO"]),
    url=st.sampled_from(["", "https://a.example", "https://b.example"]),
    state=states,
    raw_state=st.sampled_from(["", "x", "y"]),
    events=st.lists(events, max_size=4).map(tuple),
    expected_at=st.none() | times,
    internal_number=st.booleans(),
    state_at=st.none() | times,
    handovers=st.sets(st.builds(Handover, st.sampled_from(["US1", "GB1"])), max_size=2).map(
        lambda found: tuple(sorted(found))
    ),
)


def told(parts: Sequence[Parcel]) -> Parcel:
    return reduce(follow, parts[1:], settled(parts[0]))


@given(answers, answers)
def test_joining_is_commutative(one: Parcel, other: Parcel) -> None:
    assert join(settled(one), settled(other)) == join(settled(other), settled(one))


@given(answers, answers, answers)
def test_joining_is_associative(one: Parcel, two: Parcel, three: Parcel) -> None:
    a, b, c = settled(one), settled(two), settled(three)
    assert join(join(a, b), c) == join(a, join(b, c))


@given(answers)
def test_joining_is_idempotent(one: Parcel) -> None:
    known = settled(one)
    assert join(known, known) == known


@given(st.lists(answers, min_size=1, max_size=5), st.data())
def test_any_order_and_any_repetition_of_answers_gives_the_same_parcel(
    parts: list[Parcel], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(parts))
    repeated = [*shuffled, *data.draw(st.lists(st.sampled_from(parts), max_size=3))]

    assert told(repeated) == told(parts)


@given(st.lists(answers, min_size=1, max_size=5), answers)
def test_no_event_and_no_number_is_ever_lost(parts: list[Parcel], more: Parcel) -> None:
    before = told(parts)
    later = follow(before, more)

    assert {(each.text.strip(".").lower()) for each in before.events} <= {
        each.text.strip(".").lower() for each in later.events
    }
    assert set(before.handovers) <= set(later.handovers)


@given(answers, answers)
def test_what_was_delivered_stays_so_unless_it_is_returned(one: Parcel, other: Parcel) -> None:
    known = settled(one)
    if known.state is S.DELIVERED:
        assert follow(known, other).state in (S.DELIVERED, S.RETURNED)
    if known.state is S.RETURNED:
        assert follow(known, other).state is S.RETURNED


@given(answers)
def test_who_knows_nothing_changes_no_state(one: Parcel) -> None:
    known = settled(one)
    nothing = Parcel("LX1", "Cainiao", state=S.UNKNOWN, raw_state="NotFound")

    after_it = follow(known, nothing)

    assert (after_it.state, after_it.state_at) == (known.state, known.state_at)


def test_the_later_news_counts_in_whatever_order_they_come() -> None:
    out = parcel(S.OUT_FOR_DELIVERY, event(24, "Out for delivery"))
    failed = parcel(S.FAILED_ATTEMPT, event(30, "Nobody at home"))

    for first, second in ((out, failed), (failed, out)):
        known = follow(settled(first), second)
        assert (known.state, known.state_at) == (S.FAILED_ATTEMPT, after(30))
        assert [each.text for each in known.events] == ["Nobody at home", "Out for delivery"]


def test_a_parcel_that_is_found_again_is_no_longer_lost() -> None:
    known = follow(
        settled(parcel(S.LOST, event(1, "Lost"))), parcel(S.IN_TRANSIT, event(9, "Here"))
    )

    assert known.state is S.IN_TRANSIT


def test_claims_without_a_time_only_go_forward_and_yield_to_those_with_one() -> None:
    assert told([parcel(S.OUT_FOR_DELIVERY), parcel(S.IN_TRANSIT)]).state is S.OUT_FOR_DELIVERY
    dated = parcel(S.IN_TRANSIT, event(1, "Departed"))
    assert told([parcel(S.OUT_FOR_DELIVERY), dated]).state is S.IN_TRANSIT
    assert told([dated, parcel(S.DELIVERED)]).state is S.DELIVERED


def test_who_gave_up_without_news_beats_only_who_knows_nothing() -> None:
    assert told([parcel(S.UNKNOWN), parcel(S.EXPIRED)]).state is S.EXPIRED
    assert told([parcel(S.ANNOUNCED), parcel(S.EXPIRED)]).state is S.ANNOUNCED
    stopped = parcel(S.EXPIRED, event(1, "Departed", S.IN_TRANSIT))
    assert told([stopped]).state is S.EXPIRED
    assert told([stopped, parcel(S.IN_TRANSIT, event(2, "Arrived"))]).state is S.IN_TRANSIT


def test_a_word_that_nobody_knows_means_on_the_way_where_there_are_events() -> None:
    known = settled(parcel(S.UNKNOWN, event(3, "Beamed up"), raw="Beaming"))
    assert (known.state, known.raw_state, known.state_at) == (S.IN_TRANSIT, "Beaming", after(3))
    assert settled(parcel(S.UNKNOWN, raw="Beaming")).state is S.UNKNOWN


def test_a_parcel_was_delivered_when_it_was_first_said_to_be() -> None:
    known = told(
        [
            parcel(S.DELIVERED, event(30, "How was it?"), event(24, "Delivered", S.DELIVERED)),
            parcel(S.DELIVERED),
        ]
    )
    assert known.state_at == after(24)


def test_the_same_event_told_twice_is_one() -> None:
    supplier = event(1, "Departed from sorting center", S.UNKNOWN, "Leipzig")
    tracker = event(1.005, "DEPARTED  from sorting-center.", S.IN_TRANSIT)
    elsewhere = event(2, "Departed from sorting center")

    known = told([parcel(S.IN_TRANSIT, supplier), parcel(S.IN_TRANSIT, tracker, elsewhere)])

    assert [(each.at, each.place, each.state) for each in known.events] == [
        (after(2), "", S.UNKNOWN),
        (after(1), "Leipzig", S.IN_TRANSIT),
    ]


class TestTheParcelsOfAnOrder:
    def numbers(self, parcels: Sequence[Parcel]) -> list[tuple[str, str]]:
        return [(each.number, each.carrier) for each in parcels]

    def test_a_new_parcel_does_not_replace_another(self) -> None:
        first = follow_all((), [Parcel("A1", "UPS", state=S.IN_TRANSIT)])
        both = follow_all(first, [Parcel("B2", "UPS", state=S.ANNOUNCED)])

        assert self.numbers(both) == [("A1", "UPS"), ("B2", "UPS")]
        assert follow_all(both, []) == both

    def test_spelling_makes_no_second_parcel(self) -> None:
        known = follow_all((), [Parcel("1z 5r8-9", "UPS"), Parcel("1Z5R89", "ups ground")])

        assert len(known) == 1

    def test_one_number_of_two_carriers_is_two_parcels(self) -> None:
        known = follow_all((), [Parcel("A1", "UPS"), Parcel("A1", "Yodel")])

        assert self.numbers(known) == [("A1", "UPS"), ("A1", "Yodel")]

    def test_a_parcel_whose_carrier_was_not_named_is_the_one_of_its_number(self) -> None:
        nameless = Parcel("A1", state=S.IN_TRANSIT, events=(event(1, "Departed"),))
        named = Parcel("A1", "UPS")

        for first, second in ((nameless, named), (named, nameless)):
            (known,) = follow_all(follow_all((), [first]), [second])
            assert (known.carrier, known.state) == ("UPS", S.IN_TRANSIT)

    def test_a_parcel_without_a_number_is_kept_until_one_has_a_number(self) -> None:
        unnumbered = follow_all((), [Parcel("", "Cainiao", events=(event(1, "Accepted"),))])
        assert self.numbers(unnumbered) == [("", "Cainiao")]

        assert self.numbers(follow_all(unnumbered, [Parcel("AP1", "Cainiao")])) == [
            ("AP1", "Cainiao")
        ]

    def test_a_parcel_goes_on_under_the_number_of_the_last_carrier(self) -> None:
        first = Parcel("CN1", "CJPacket", state=S.CUSTOMS, handovers=(Handover("US1", "USPS"),))
        last = Parcel("US1", "USPS", state=S.DELIVERED, events=(event(9, "Delivered"),))

        for told_first, told_then in ((first, last), (last, first)):
            (known,) = follow_all(follow_all((), [told_first]), [told_then])
            assert (known.number, known.carrier, known.state) == ("CN1", "CJPacket", S.DELIVERED)
            assert known.handovers == (Handover("US1", "USPS"),)

    def test_a_number_that_another_post_brings_on_is_one_parcel(self) -> None:
        first = Parcel("LX1CN", "China Post", handovers=(Handover("LX1CN", "USPS"),))

        known = follow_all((), [first, Parcel("LX1CN", "USPS", state=S.DELIVERED)])

        assert [(each.carrier, each.state) for each in known] == [("China Post", S.DELIVERED)]

    def test_several_hands_and_circles_come_to_an_end(self) -> None:
        a = Parcel("A", "UPS", handovers=(Handover("B"),))
        b = Parcel("B", "DPD", handovers=(Handover("C"),))
        c = Parcel("C", "DHL", state=S.DELIVERED, handovers=(Handover("A"), Handover("C")))

        (known,) = follow_all((), [c, b, a])

        assert (known.number, known.state) == ("A", S.DELIVERED)

    @given(
        st.lists(
            st.builds(
                replace,
                answers,
                number=st.sampled_from(["A1", "B2"]),
                carrier=st.sampled_from(["UPS", "DPD"]),
                handovers=st.just(()),
            ),
            max_size=5,
        ),
        st.data(),
    )
    def test_any_order_of_answers_gives_the_same_parcels(
        self, parts: list[Parcel], data: st.DataObject
    ) -> None:
        shuffled = data.draw(st.permutations(parts))
        nothing: tuple[Parcel, ...] = ()
        one_by_one = reduce(follow_all, [[each] for each in shuffled], nothing)

        assert one_by_one == follow_all((), parts)


@pytest.mark.parametrize("state", list(ParcelState))
def test_every_state_can_be_told(state: ParcelState) -> None:
    assert settled(parcel(state, event(1, "x"))).state in (state, S.IN_TRANSIT)
