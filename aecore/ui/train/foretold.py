"""The prediction of the page Train: after which epoch the answers can be read.

It is said before a training, and held against it. Whoever has a network's answers on the page
cannot predict them any more, but those of the next network.
"""

from __future__ import annotations

from dataclasses import replace

from aecore.runs import Run, RunError
from aecore.sentences import joined
from aecore.specs import TrainingSpec
from aecore.ui.language import _
from aecore.ui.models import run_of, spec_of
from aecore.ui.predictions import ask, ask_ahead, ask_no_more, is_covered
from aecore.ui.question_forms import take_typed
from aecore.ui.service import trainer
from aecore.ui.state import visit
from aecore.ui.train.measured import first_readable_epoch
from aecore.ui.train.wishes import submit

_EPOCH = "epoch"


def ask_before_training(spec: TrainingSpec) -> bool:
    """The question above the button; not while the page shows what its network answers.

    Returns whether it stands there and is about the run that is watched.
    """
    shown = _shown()
    if not visit().run or (shown is None and is_covered(_EPOCH)):
        ask(_EPOCH, lambda: None, elsewhere=True)
        return is_covered(_EPOCH)
    if shown is not None and is_covered(_EPOCH) and not _tells_of(shown, spec):
        ask_ahead(_EPOCH, _("What you say here counts for the training that you start now."))
    return False


def train(spec: TrainingSpec) -> None:
    """What the button does: a number in the field is said, and the training is asked for."""
    shown = _shown()
    if shown is None or not _tells_of(shown, spec):
        take_typed(_EPOCH)
    submit(spec)


def say_typed() -> None:
    """A number in the field is said, for a network's answers come onto the page."""
    take_typed(_EPOCH)


def hold_against(run: Run, *, ended: bool) -> None:
    """What was predicted beside what became of it; or why it cannot be predicted any more."""
    if not is_covered(_EPOCH):
        ask(_EPOCH, lambda: first_readable_epoch(run, ended=ended), about=run.name)
    elif run.has_epochs():
        why = _(
            "What this network answers is on the page already, so there is nothing left to predict."
        )
        if trainer().can_train:
            why = joined(why, _("Set up another one, say a number, then press Train."))
        ask_no_more(_EPOCH, why)


def said_of(run: Run) -> float | None:
    """The epoch that was predicted of a run, if one was."""
    held = visit().predictions.get(_EPOCH)
    if held is None or held.about not in ("", run.name) or not isinstance(held.said, int | float):
        return None
    return held.said


def can_be_said_of(run: Run) -> bool:
    """Whether somebody who watches a run can still predict it, and has not."""
    return is_covered(_EPOCH) and not run.has_epochs()


def _shown() -> Run | None:
    """The run whose answers are on the page, if there is one."""
    try:
        run = run_of(visit().run)
    except RunError:
        return None
    return run if run.has_epochs() else None


def _tells_of(shown: Run, spec: TrainingSpec) -> bool:
    """Whether a run is the training that is asked for, but for its number of epochs."""
    return replace(spec_of(shown.name), epochs=spec.epochs) == spec
