"""The crash matrix: dying everywhere, at every pair of places and at some triples.

    python -m zyenta_ops_tests.fulfillment.matrix [--pairs N] [--triples N] [--seed N]

Prints a table of what came of it. A run is watched; at the first passing of each failpoint an image
of the world is taken, which is what a death there leaves. From every image everything of ours is
built anew and runs to its end, is watched again, and so on. Deaths that leave the same image are
one run: not having committed anything, they cannot be told apart.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from zyenta_ops.domain.supplier_orders import Placement
from zyenta_ops.operations.fulfillment import Failpoint
from zyenta_ops_tests.conftest import FixedClock
from zyenta_ops_tests.fulfillment.vendor import SETTLE, Manner, a_vendor
from zyenta_ops_tests.fulfillment.world import Fate, Image, Scene, World, a_scene

_REFUNDED_AFTER = timedelta(minutes=5)
_EVERYWHERE = (Manner.ANSWERS, Manner.REPLY_LOST, Manner.SLOW_LANDING, Manner.PAYMENT_LOST)
# Nobody is asked for a reference but SEARCHABLE_REF, and who is blind is never sent to twice: for
# them the manners left out are those of a lost reply.
_ONLY_WITH = {
    Placement.SEARCHABLE_REF: (Manner.INDEX_LAG, Manner.DUPLICATE_ERROR),
    Placement.IDEMPOTENT_REF: (Manner.DUPLICATE_ERROR,),
    Placement.BLIND: (),
}

# Found only after the settle window, it is taken for not placed and called off; the unpaid order
# stays at the supplier. Only comparing the supplier's list with ours finds it.
_LEFT_BEHIND = (Placement.SEARCHABLE_REF, Manner.DUPLICATE_ERROR, Fate.TAKEN_BACK)

HEAD = (
    *("supplier", "its manner", "customer", "dead once", "twice", "three times", "runs"),
    *("doubles", "differ", "stuck", "broken", "by a person"),
)


@dataclass(frozen=True)
class Case:
    """A kind of supplier, what is odd about it, and what the customer wants."""

    placement: Placement
    manner: Manner
    fate: Fate
    settle: timedelta = SETTLE

    def __str__(self) -> str:
        return f"{self.placement}, {self.manner}, {self.fate}"


def cases() -> Iterator[Case]:
    """Every case there is."""
    for fate in Fate:
        for placement in Placement:
            for manner in (*_EVERYWHERE, *_ONLY_WITH[placement]):
                if (placement, manner, fate) != _LEFT_BEHIND:
                    yield Case(placement, manner, fate)


@dataclass
class Outcome:
    """What a run came to, from an image on.

    Attributes:
        images: what a death leaves at each place, as it is passed; None = nobody watched.
    """

    ended: bool
    ending: dict[str, Any]
    doubles: int
    breaches: list[str]
    decisions: int
    images: list[tuple[Failpoint, Image]] | None


@dataclass
class Tally:
    """What came of all schedules of a case.

    Attributes:
        schedules: how many, by how often we die; `runs` that this took.
        doubles: schedules after which the supplier has, or was paid for, more than one order.
        differ: after which anything differs from the end of the undisturbed run.
        stuck: that came to no end.
        broken: after which an invariant does not hold.
        by_person: in which a person had to decide.
        faults: each a line.
    """

    case: Case
    schedules: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    runs: int = 0
    doubles: int = 0
    differ: int = 0
    stuck: int = 0
    broken: int = 0
    by_person: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class Matrix:
    """All that is known of one case so far."""

    scene: Scene
    case: Case
    known: dict[str, Outcome] = field(default_factory=dict)
    runs: int = 0

    def start(self) -> Image:
        """One paid order, of which nothing is planned."""
        self.scene.put_back(self.scene.start)
        clock = FixedClock()
        vendor = a_vendor(self.case.placement, self.case.manner, clock, self.case.settle)
        refund_at = clock() + _REFUNDED_AFTER if self.case.fate is Fate.TAKEN_BACK else None
        return World(self.scene, vendor, clock, lambda failpoint: None, refund_at).image()

    def outcome(self, image: Image, *, watched: bool) -> Outcome:
        """What comes of an image; with the images on the way when watched."""
        found = self.known.get(image.digest)
        if found is None or (watched and found.images is None):
            found = self.known[image.digest] = self._run(image, watched=watched)
        return found

    def tally(self, pairs: int | None, triples: int, seed: int) -> Tally:
        """Die wherever an undisturbed run passes, at pairs of places and at some triples.

        Args:
            pairs: so many of them; None = all there are.
            triples: so many of them.
            seed: chooses.
        """
        tally, choice = Tally(self.case), Random(seed)
        start = self.start()
        base = self._run(start, watched=True, every=True)
        self._count(tally, (), base, base)
        for place, image in _images(base):
            self._count(tally, (place,), self.outcome(image, watched=False), base)
        firsts = list(dict(reversed(_images(base))).items())
        if pairs is not None:
            firsts = choice.sample(firsts, min(pairs, len(firsts)))
        thirds: list[tuple[tuple[Failpoint, ...], Image]] = []
        for first, one in firsts:
            seconds = _images(self.outcome(one, watched=True))
            for second, two in seconds if pairs is None else [choice.choice(seconds)]:
                self._count(tally, (first, second), self.outcome(two, watched=False), base)
                thirds.append(((first, second), two))
        for places, two in choice.sample(thirds, min(triples, len(thirds))):
            third, three = choice.choice(_images(self.outcome(two, watched=True)))
            self._count(tally, (*places, third), self.outcome(three, watched=False), base)
        tally.runs = self.runs
        return tally

    def _run(self, image: Image, *, watched: bool, every: bool = False) -> Outcome:
        images: list[tuple[Failpoint, Image]] = []
        passed: set[Failpoint] = set()

        def watch(failpoint: Failpoint) -> None:
            if watched and (every or failpoint not in passed):
                images.append((failpoint, world.image()))
            passed.add(failpoint)

        world = World.of(self.scene, image, watch)
        self.runs += 1
        ended = world.run()
        return Outcome(
            ended,
            world.ending(),
            world.vendor.doubles(),
            world.breaches(),
            world.decisions,
            images if watched else None,
        )

    def _count(
        self, tally: Tally, deaths: tuple[Failpoint, ...], outcome: Outcome, base: Outcome
    ) -> None:
        tally.schedules[len(deaths)] += 1
        tally.by_person += outcome.decisions > 0
        wrong = []
        if outcome.doubles:
            tally.doubles += 1
            wrong.append(f"{outcome.doubles} too many at the supplier")
        if not outcome.ended:
            tally.stuck += 1
            wrong.append("it got stuck")
        if outcome.ending != base.ending:
            tally.differ += 1
            wrong += [
                f"{key} is {value}, not {base.ending[key]}"
                for key, value in outcome.ending.items()
                if value != base.ending[key]
            ]
        if outcome.breaches:
            tally.broken += 1
            wrong += outcome.breaches
        if wrong:
            tally.faults.append(f"{self.case}, dead at {', '.join(deaths)}: {'; '.join(wrong)}")


def _images(outcome: Outcome) -> list[tuple[Failpoint, Image]]:
    assert outcome.images is not None
    return outcome.images


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, help="of each case; all of them unless it is said")
    parser.add_argument("--triples", type=int, default=40, help="of each case")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    faults: list[str] = []
    _say(*HEAD)
    _say(*["---"] * 3 + ["--:"] * (len(HEAD) - 3))
    with a_scene() as scene:
        for case in cases():
            tally = Matrix(scene, case).tally(options.pairs, options.triples, options.seed)
            faults += tally.faults
            wrong = (tally.doubles, tally.differ, tally.stuck, tally.broken)
            figures = (*tally.schedules[1:], tally.runs, *wrong, tally.by_person)
            _say(case.placement, case.manner, case.fate, *figures)
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


def _say(*cells: object) -> None:
    sys.stdout.write(f"| {' | '.join(str(each) for each in cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
