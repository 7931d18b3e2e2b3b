"""What a person enters about a parcel."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from zyenta_ops.domain.errors import Refused
from zyenta_ops.domain.supplier_orders import Correction, Parcel, ParcelState
from zyenta_ops.domain.tracking.merging import correct, graver

LONGEST_NOTE: Final = 500


def corrected(
    parcel: Parcel, state: ParcelState, at: datetime, by: str, note: str, now: datetime
) -> Parcel:
    """A parcel with what a person says of it; its `correction` is the record of it.

    Args:
        parcel: as it stands.
        state: where it is.
        at: since when.
        by: who says so.
        note: why, for whoever asks later.
        now: the time.

    Raises:
        Refused: it says nothing, lies in the future, has no reason, or something of a later time
            is known already, which a correction does not beat.
    """
    reason = " ".join(note.split())
    if state is ParcelState.UNKNOWN:
        raise Refused("a correction says where the parcel is; UNKNOWN says nothing")
    if not reason or not by.strip():
        raise Refused("a correction needs a note that says why, and the name of who makes it")
    if len(reason) > LONGEST_NOTE or not reason.isprintable():
        raise Refused(f"the note is longer than {LONGEST_NOTE} characters or not printable")
    if at > now:
        raise Refused("a correction cannot be of a time to come")
    over = (
        parcel.state if parcel.correction is None else graver(parcel.state, parcel.correction.over)
    )
    after = correct(parcel, Correction(state, at, by, reason, now, over))
    if after.state is not state:
        raise Refused(
            f"the parcel is known to be {after.state} since {after.state_at:%Y-%m-%d %H:%M} UTC,"
            f" which is later than {at:%Y-%m-%d %H:%M}; a correction counts from its own time on"
        )
    return after
