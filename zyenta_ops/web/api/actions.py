"""What the API does: each action is a function of the caller and what was asked, and one row below.

Expected refusals become answers in `dispatch`; actions only say what is particular about them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from zyenta_ops.domain.errors import NotFound, Refused
from zyenta_ops.operations.payments import RefundRequest
from zyenta_ops.web.api import given, told
from zyenta_ops.web.api.caller import Caller
from zyenta_ops.web.problems import nothing_here


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks: the id in its path, its query and its body, both checked."""

    id: str = ""
    query: Any = None
    body: Any = None


@dataclass(frozen=True, slots=True)
class Done:
    """An answer: a value of the domain, or a mapping of such, that the action's shape is read off.

    `status` None = the action's usual one.
    """

    value: object
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the API.

    Attributes:
        does: raises `Problem`, or an expected error that `dispatch` turns into one.
        status: of success; `also` are other statuses of success.
        refusals: beyond those every action may answer with.
        operators_only: does not exist for other tokens.
        judged_below: the operation itself checks the body, and names its faults; `takes` is then
            what the OpenAPI document says of it.
    """

    method: str
    path: str
    summary: str
    does: Callable[[Caller, Asked], Done]
    gives: type[BaseModel]
    query: type[BaseModel] | None = None
    takes: type[BaseModel] | None = None
    status: int = 200
    also: tuple[int, ...] = field(default=())
    refusals: tuple[int, ...] = field(default=())
    operators_only: bool = False
    judged_below: bool = False

    @property
    def name(self) -> str:
        """A name of its own, for generated clients."""
        return self.does.__name__


def list_stores(caller: Caller, asked: Asked) -> Done:
    """The stores that the token reaches."""
    return Done({"stores": caller.stores()})


def hand_over_order(caller: Caller, asked: Asked) -> Done:
    """201 the first time, 200 when the same order is handed over again."""
    received = caller.edge.orders.receive(None, asked.body, caller.actor, within=caller.within)
    return Done(received.order, 201 if received.created else 200)


def list_orders(caller: Caller, asked: Asked) -> Done:
    """Orders of the stores that the token reaches."""
    wanted = asked.query
    orders = caller.edge.orders.list(
        wanted.store,
        wanted.payment_status,
        wanted.limit,
        before=wanted.before,
        within=caller.within,
    )
    return Done({"orders": orders})


def show_order(caller: Caller, asked: Asked) -> Done:
    """An order with its timeline and refunds."""
    return Done(caller.edge.orders.show(asked.id, within=caller.within))


def hold_order(caller: Caller, asked: Asked) -> Done:
    """Keep an order from being bought until somebody releases it."""
    wish = asked.body
    held = caller.edge.orders.hold(
        asked.id, wish.note, caller.actor, wish.expires_at, within=caller.within
    )
    return Done(held.order)


def release_order(caller: Caller, asked: Asked) -> Done:
    """End a hold of an order."""
    source, within = asked.body.source, caller.within
    return Done(caller.edge.orders.release(asked.id, source, caller.actor, within=within).order)


def refund_order(caller: Caller, asked: Asked) -> Done:
    """Plan a refund; it is carried out within a minute."""
    within = caller.within
    order = caller.edge.orders.show(asked.id, within=within).order
    if caller.edge.refunds is None:
        raise Refused("refunds need a key of the payment provider; set ZYENTA_STRIPE_KEY")
    wish = asked.body
    wanted = RefundRequest(
        key=wish.key,
        reason=wish.reason,
        amount_minor=wish.amount_minor,
        quantities=tuple((each.item_id, each.quantity) for each in wish.items),
        shipping_minor=wish.shipping_minor,
    )
    planned = caller.edge.refunds.request(order.id, wanted, caller.actor, within=within)
    return Done({"refunds": planned})


def act_on_order(caller: Caller, asked: Asked) -> Done:
    """Do what an operator may do about an order, once by its key."""
    return Done(
        caller.edge.operators.act(
            asked.id,
            asked.body.wish(),
            caller.actor,
            asked.body.key,
            rehearse=asked.body.dry_run,
            within=caller.within,
        )
    )


def list_queue(caller: Caller, asked: Asked) -> Done:
    """What waits for a person in the stores that the token reaches."""
    wanted = asked.query
    store = None if wanted.store is None else caller.store(wanted.store).id
    return Done({"waiting": caller.edge.queue.listed(store, wanted.limit, within=caller.within)})


def list_alerts(caller: Caller, asked: Asked) -> Done:
    """Alerts of the stores that the token reaches; for operators internal ones, too."""
    wanted = asked.query
    listed = caller.edge.alerts.listed
    if wanted.store is not None:
        return Done({"alerts": listed(caller.store(wanted.store).id, wanted.status, wanted.limit)})
    if caller.token.is_operators:
        return Done({"alerts": listed(None, wanted.status, wanted.limit)})
    found = [
        alert
        for store in caller.stores()
        for alert in listed(store.id, wanted.status, wanted.limit)
    ]
    found.sort(key=lambda alert: (alert.opened_at, alert.id), reverse=True)
    return Done({"alerts": found[: wanted.limit]})


def acknowledge_alert(caller: Caller, asked: Asked) -> Done:
    """Note that somebody takes care of an open alert."""
    return Done(caller.edge.alerts.acknowledge(caller.alert(asked.id).id))


def list_inbox(caller: Caller, asked: Asked) -> Done:
    """Events from outside, without their bodies."""
    wanted = asked.query
    return Done({"events": caller.edge.inbox.listed(wanted.source, wanted.status, wanted.limit)})


def replay_event(caller: Caller, asked: Asked) -> Done:
    """Act on a settled or parked event once more."""
    inbox = caller.edge.inbox
    try:
        event = inbox.show(asked.id)
    except NotFound:
        raise nothing_here() from None
    try:
        inbox.replay([event.id])
    except NotFound:
        raise Refused("the event waits to be acted on already") from None
    return Done(inbox.show(event.id))


ACTIONS: Final = (
    Action("GET", "/v1/stores", "List stores", list_stores, told.StoreList),
    Action(
        "POST",
        "/v1/orders",
        "Hand over an order, once by store and number",
        hand_over_order,
        told.OrderTold,
        takes=given.OrderHandedOver,
        status=201,
        also=(200,),
        refusals=(409,),
        judged_below=True,
    ),
    Action(
        "GET",
        "/v1/orders",
        "List orders, newest first",
        list_orders,
        told.OrderList,
        query=given.OrderFilter,
    ),
    Action(
        "GET",
        "/v1/orders/{id}",
        "Show an order with its timeline and refunds",
        show_order,
        told.OrderShown,
    ),
    Action(
        "POST",
        "/v1/orders/{id}/holds",
        "Keep an order from being bought",
        hold_order,
        told.OrderTold,
        takes=given.HoldWish,
        status=201,
        refusals=(409,),
    ),
    Action(
        "POST",
        "/v1/orders/{id}/holds/release",
        "End a hold of an order",
        release_order,
        told.OrderTold,
        takes=given.ReleaseWish,
        refusals=(409,),
    ),
    Action(
        "POST",
        "/v1/orders/{id}/refunds",
        "Plan a refund, once by its key",
        refund_order,
        told.RefundList,
        takes=given.RefundOrder,
        status=202,
        refusals=(409,),
    ),
    Action(
        "POST",
        "/v1/orders/{id}/actions",
        "Act on an order that waits, once by its key",
        act_on_order,
        told.ActedTold,
        takes=given.OrderAction,
        refusals=(409,),
    ),
    Action(
        "GET",
        "/v1/queue",
        "List what waits for a person, the longest waiting first",
        list_queue,
        told.QueueTold,
        query=given.QueueFilter,
    ),
    Action(
        "GET",
        "/v1/alerts",
        "List alerts, newest first",
        list_alerts,
        told.AlertList,
        query=given.AlertFilter,
    ),
    Action(
        "POST",
        "/v1/alerts/{id}/acknowledge",
        "Note that somebody takes care of an alert",
        acknowledge_alert,
        told.AlertTold,
        refusals=(409,),
    ),
    Action(
        "GET",
        "/v1/inbox",
        "List events from outside, newest first",
        list_inbox,
        told.InboxList,
        query=given.InboxFilter,
        operators_only=True,
    ),
    Action(
        "POST",
        "/v1/inbox/{id}/replay",
        "Act on a settled or parked event once more",
        replay_event,
        told.InboxEventTold,
        refusals=(409,),
        operators_only=True,
    ),
)
