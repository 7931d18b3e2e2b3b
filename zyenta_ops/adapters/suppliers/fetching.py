"""Asking for many products, a few at a time, no further than somebody takes the answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from zyenta_ops.domain.items import ItemAnswer, ItemFault
from zyenta_ops.domain.supplier_errors import LoginFailed, RateLimited, SupplierError

Ask = Callable[[Sequence[str]], Iterable[ItemAnswer]]


def answers(
    product_refs: Iterable[str], ask: Ask, *, workers: int, batch: int = 1
) -> Iterator[ItemAnswer]:
    """Exactly one answer for each product.

    At most `workers` requests run ahead of the consumer, and none when it stops. What those still
    running answer is not lost when another one's error ends the iteration.

    Args:
        product_refs: of the products; a repeated one is asked for once.
        ask: one answer for each of a batch, in one request; a `SupplierError` stands for the
            whole batch.
        workers: requests that may run at once.
        batch: products a request may ask for.

    Raises:
        SupplierError: it concerns every further product: `LoginFailed`, or `RateLimited`, which
            is a quota that is used up or a wait beyond a call's patience.
    """
    refs = iter(dict.fromkeys(product_refs))
    with ThreadPoolExecutor(workers, thread_name_prefix="products") as pool:
        running: deque[Future[list[ItemAnswer]]] = deque()

        def run_ahead() -> None:
            while len(running) < workers and (part := list(islice(refs, batch))):
                running.append(pool.submit(_asked, part, ask))

        run_ahead()
        over: SupplierError | None = None
        while running:
            try:
                ready = running.popleft().result()
            except (LoginFailed, RateLimited) as error:
                over = over or error
                continue
            yield from ready
            if over is None:
                run_ahead()
    if over is not None:
        raise over


def _asked(part: list[str], ask: Ask) -> list[ItemAnswer]:
    try:
        return list(ask(part))
    except (LoginFailed, RateLimited):
        raise
    except SupplierError as error:
        return [ItemFault(ref, error) for ref in part]
