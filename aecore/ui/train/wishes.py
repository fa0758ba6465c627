"""Wishes to the training service, and what visitors read when one cannot be granted."""

from __future__ import annotations

import streamlit as st

from aecore.service.host import ENOUGH_TO_TRAIN
from aecore.service.refusals import (
    CannotWriteError,
    HostTooSmallError,
    NoRoomError,
    OneIsWaitingError,
    QueueFullError,
    RefusedError,
    ServerTrainsTooOftenError,
    VisitorTrainsTooOftenError,
)
from aecore.specs import TrainingSpec
from aecore.ui.language import _, ngettext
from aecore.ui.models import remember_asked
from aecore.ui.service import trainer, visitor
from aecore.ui.state import mirror, visit
from aecore.ui.train.durations import spoken_seconds

_REFUSAL = "refusal"


def submit(spec: TrainingSpec) -> None:
    """Ask for a training and watch it; a refusal waits for `say_refusal`."""
    try:
        ask_for(spec)
    except RefusedError as error:
        st.session_state[_REFUSAL] = error


def ask_for(spec: TrainingSpec, brought: bytes = b"") -> None:
    """Ask for a training, or for brought weights to be measured, and watch it.

    Raises RefusedError.
    """
    st.session_state.pop("left_to_others", None)
    visit().run = trainer().submit(spec, visitor(), brought)
    remember_asked(visit().run)
    mirror()


def say_refusal() -> None:
    """Say once why the last wish was not granted, if it was not."""
    refusal = st.session_state.pop(_REFUSAL, None)
    if refusal is not None:
        st.warning(refusal_words(refusal))


def refusal_words(error: RefusedError) -> str:
    """Why a wish cannot be granted now, and what to do about it."""
    if isinstance(error, HostTooSmallError):
        return host_words()
    if error.count == 0:  # a limit that whoever runs the server has set
        return _(
            "This server is set to take no trainings. Open one that is trained already, or take "
            "the script home and train on your own computer."
        )
    wait = spoken_seconds(max(error.seconds or 60.0, 1.0))
    count = error.count or 0
    match error:
        case QueueFullError():
            words = ngettext(
                "{count} training is waiting already, as many as this server lets wait. Watch "
                "it, or try again in about {wait}.",
                "{count} trainings are waiting already, as many as this server lets wait. Watch "
                "one of them, or try again in about {wait}.",
                count,
            )
        case OneIsWaitingError():
            words = _(
                "You have a training waiting; it begins in about {wait}. Leave its place in the "
                "queue first, or ask again then."
            )
        case VisitorTrainsTooOftenError():
            words = ngettext(
                "You asked for {count} training within an hour, as many as one browser may. The "
                "next one can begin in about {wait}; looking at it goes on.",
                "You asked for {count} trainings within an hour, as many as one browser may. The "
                "next one can begin in about {wait}; looking at all of them goes on.",
                count,
            )
        case ServerTrainsTooOftenError():
            words = ngettext(
                "{count} training began here within an hour, as many as this server allows. "
                "Watch it, or try again in about {wait}.",
                "{count} trainings began here within an hour, as many as this server allows. "
                "Watch one of them, or try again in about {wait}.",
                count,
            )
        case NoRoomError():
            words = _(
                "The trainings that are open in browsers fill the disk space that they may take. "
                "Try again in about {wait}: what nobody looks at any more is removed by then."
            )
        case CannotWriteError():
            words = _("The server's disk is full or read-only, so nothing can be trained just now.")
        case _:
            words = _("This training cannot be taken just now. Try again in a minute.")
    return words.format(count=count, wait=wait)


def host_words() -> str:
    """Why nothing can be trained on this host, and what to do about it."""
    return _(
        "Networks cannot be trained on this server: it has {has:,} MB of memory, and a training "
        "takes {needed:,} MB. Open one that is trained already, or take the script home and train "
        "on your own computer."
    ).format(has=trainer().host.megabytes or 0, needed=ENOUGH_TO_TRAIN)
