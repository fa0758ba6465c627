"""The pipeline strip: input → (noise) → encoder → code → decoder → reconstruction → difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from aecore.datasets import Floats
from aecore.metrics import mse, psnr
from aecore.networks import Shape
from aecore.ui.engine.live import Live, bring_to_life
from aecore.ui.figures import figure, picture
from aecore.ui.language import _, ngettext
from aecore.ui.models import Model, model_title
from aecore.ui.page import show_html
from aecore.ui.pictures import code_picture, difference_uri, digit_uri


@dataclass(frozen=True)
class StripRow:
    """One model's way with one image; every image is float32 `(28, 28)` in [0, 1].

    name      the model's
    original  the clean image, which the reconstruction is measured against
    seen      what the encoder got: `original`, or its noisy version
    code      in the shape it has inside the network: (32,), or (7, 7, 32) for maps
    """

    name: str
    original: Floats
    seen: Floats
    code: Floats
    reconstruction: Floats

    @classmethod
    def through(cls, name: str, model: Model, original: Floats, seen: Floats) -> StripRow:
        """The row of the model called `name`."""
        code = model.encode(seen[None])
        reconstruction = model.decode(code)[0]
        return cls(name, original, seen, code[0].reshape(model.code_shape), reconstruction)

    @property
    def title(self) -> str:
        """What visitors read for the model."""
        return model_title(self.name)


def pipeline_strip(
    rows: Sequence[StripRow],
    *,
    subject: str,
    with_noise: bool = False,
    live: Live | None = None,
    waiting: bool = False,
    covered: bool = False,
) -> None:
    """Draw one row for each model.

    `subject` says in words what the input shows ("a 7 from the test set"): it becomes the
    pictures' alternative text. `with_noise` adds the stage with the noisy image. A `live` strip
    answers in the browser, too; one that is `waiting` shows itself at the pen's first stroke.
    While its numbers are `covered`, the browser finds no place to write them either.
    """
    stages = 5 if with_noise else 4
    body = "".join(_row(row, subject, with_noise=with_noise, covered=covered) for row in rows)
    key = _(
        "Difference: <b>blue</b> is ink too much, <b>red</b> is ink that is missing. MSE is the "
        "mean of its squares (mean squared error); PSNR says the same in decibels."
    )
    kind = "strip waiting" if waiting else "strip"
    show_html(
        f'<div class="{kind}" data-strip="{live.strip if live else ""}" style="--stages:{stages}">'
        f'{body}<p class="small key">{key}</p></div>'
    )
    if live is not None and rows:
        bring_to_life(live, [row.name for row in rows], rows[0].original)


def _row(row: StripRow, subject: str, *, with_noise: bool, covered: bool) -> str:
    spoken = {"model": row.title, "subject": subject}
    alt = _("Input: {subject}").format(**spoken)
    stages = [_picture(digit_uri(row.original), _("input"), alt, "given")]
    if with_noise:
        alt = _("{subject}, with noise").format(**spoken)
        stages.append(_picture(digit_uri(row.seen), _("with noise"), alt, "seen"))
    code_alt = ngettext(
        "Code of {subject} in the model {model}: {size} number",
        "Code of {subject} in the model {model}: {size} numbers",
        row.code.size,
    ).format(**spoken, size=row.code.size)
    stages.append(_stage(code_picture(row.code, code_alt), _code_caption(row.code.shape), "coded"))
    alt = _("Reconstruction of {subject} by the model {model}").format(**spoken)
    stages.append(_picture(digit_uri(row.reconstruction), _("reconstruction"), alt, "decoded"))
    alt = _("Difference between {subject} and its reconstruction by the model {model}").format(
        **spoken
    )
    difference = difference_uri(row.original, row.reconstruction)
    stages.append(_picture(difference, _("difference"), alt, "compared"))
    squeeze = ngettext(
        "784 pixels → {size:,} number", "784 pixels → {size:,} numbers", row.code.size
    ).format(size=row.code.size)
    if covered:
        numbers = _("MSE ? <span class='small'>(predict below)</span>")
    else:
        numbers = f"{_error(row)}<br>{_decibels(row)}"
    return (
        f'<div class="strip-row" data-model="{row.name}">'
        f'<div class="strip-title">{escape(row.title)}'
        f'<span class="small">{escape(squeeze)}</span></div>'
        f"{''.join(stages)}<div class='strip-numbers'>{numbers}</div></div>"
    )


def _error(row: StripRow) -> str:
    return _("MSE <b>{mse:.4f}</b> <span class='small'>(0 is perfect)</span>").format(
        mse=mse(row.original, row.reconstruction)
    )


def _decibels(row: StripRow) -> str:
    return _("PSNR <b>{psnr:.1f} dB</b> <span class='small'>(higher is better)</span>").format(
        psnr=psnr(row.original, row.reconstruction)
    )


def _code_caption(shape: Shape) -> str:
    if len(shape) > 1:
        return _("code: {shape}").format(shape="×".join(str(side) for side in shape))
    return ngettext("code: {size} number", "code: {size} numbers", shape[0]).format(size=shape[0])


def _picture(uri: str, caption: str, alt: str, stage: str) -> str:
    return _stage(picture(uri, alt), caption, stage)


def _stage(shown: str, caption: str, stage: str) -> str:
    return f'<div class="strip-stage {stage}">{figure(shown, escape(caption))}</div>'
