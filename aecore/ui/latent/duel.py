"""The fair duel: a prediction, the table, and a sentence on each of its columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import streamlit as st

from aecore.maps.duel import SCORED, Score, rivals, score_model
from aecore.metrics import MEAN_IMAGE_MSE
from aecore.ui.language import _
from aecore.ui.models import model_title, open_model, run_of
from aecore.ui.page import say_if_broken
from aecore.ui.predictions import ask
from aecore.ui.stage import shows
from aecore.ui.tables import show_table


def show_duel(name: str) -> None:
    """First a prediction, then the model's map against its rivals'.

    Scoring a model takes a second, so nothing is scored before somebody has asked.
    """
    st.markdown(_("Five methods give every digit two numbers."))
    with say_if_broken():
        if ask("duel", lambda: winner(name), about=name):
            spoken = {"kernel PCA": _("kernel PCA")}
            others = [
                replace(each, method=spoken.get(each.method, each.method)) for each in rivals()
            ]
            scores = [replace(score_of(name), method=model_title(name)), *others]
            _qualify(scores)
            _table(scores)


def winner(name: str) -> str:
    """Whose map has the smallest 1-NN error, by the names of the question's options."""
    scores = [replace(score_of(name), method="autoencoder"), *rivals()]
    return min(scores, key=lambda score: score.error_1).method


def _qualify(scores: list[Score]) -> None:
    winner = min(scores, key=lambda score: score.error_1)
    useful = [score for score in scores if score.places_new and score.mse is not None]
    best = min(useful, key=lambda score: score.error_1)
    if best is not winner:
        st.markdown(
            _(
                "But {winner} cannot do what an autoencoder does: place a digit it has never seen, "
                "and draw any place. Of the maps that can do both, **{best}** makes the fewest "
                "errors."
            ).format(winner=winner.method, best=best.method)
        )


def _table(scores: list[Score]) -> None:
    columns: list[tuple[str, Callable[[Score], float | None], bool, str]] = [
        (_("1-NN error"), lambda score: score.error_1, False, "{:.1%}"),
        (_("5-NN error"), lambda score: score.error_5, False, "{:.1%}"),
        (_("Trustworthiness"), lambda score: score.trustworthiness, True, "{:.3f}"),
        (_("Continuity"), lambda score: score.continuity, True, "{:.3f}"),
        (_("MSE, decoded"), lambda score: score.mse, False, "{:.4f}"),
    ]
    titles = [title for title, _value, _highest, _form in columns]
    heads = [_("Map"), *titles, _("Places new digits"), _("Can be decoded")]
    best = [_best(scores, value, highest=highest) for _title, value, highest, _form in columns]
    rows = []
    for score in scores:
        cells = [
            _cell(value(score), form, wins=score is winner)
            for (_title, value, _highest, form), winner in zip(columns, best, strict=True)
        ]
        answers = [_yes_or_no(score.places_new), _yes_or_no(score.mse is not None)]
        rows.append([escape(score.method), *cells, *answers])
    show_table(heads, rows)
    _sentences(best)


def _sentences(best: list[Score]) -> None:
    one, five, trusted, continuous, decoded = best
    st.markdown(
        "\n".join(
            f"- {sentence}"
            for sentence in (
                _(
                    "**1-NN error**: hide a digit's label and ask its nearest neighbour on the "
                    "map. How often is the answer wrong? Guessing is wrong 90% of the time; "
                    "{winner} wins with {value:.1%}."
                ).format(winner=one.method, value=one.error_1),
                _(
                    "**5-NN error**: the same, but five neighbours vote, so that one odd "
                    "neighbour does not decide. {winner} wins with {value:.1%}."
                ).format(winner=five.method, value=five.error_5),
                _(
                    "**Trustworthiness**: are neighbours on the map really alike as images? 1 is "
                    "perfect, 0.5 is chance. {winner} wins with {value:.3f}."
                ).format(winner=trusted.method, value=trusted.trustworthiness),
                _(
                    "**Continuity**: are images that are alike still neighbours on the map, or "
                    "were they torn apart? 1 is perfect. {winner} wins with {value:.3f}."
                ).format(winner=continuous.method, value=continuous.continuity),
                _(
                    "**MSE, decoded**: draw every digit again from its two numbers alone. 0 is "
                    "perfect, {mean} is answering with the mean image; {winner} wins with "
                    "{value:.4f}."
                ).format(mean=MEAN_IMAGE_MSE, winner=decoded.method, value=decoded.mse),
                _(
                    "**Places new digits**: t-SNE cannot say where your drawing belongs; it would "
                    "have to make the whole map again."
                ),
                _(
                    "**Can be decoded**: only a map with a decoder can paint under your mouse. "
                    "Isomap and t-SNE know where digits lie, and nothing in between."
                ),
            )
        )
    )
    st.caption(
        _(
            "All on the same {count:,} test digits, which no method but t-SNE saw before: t-SNE "
            "can only map what it is fitted to. Each digit is left out of its own vote. "
            "Trustworthiness and continuity look at 12 neighbours (Venna and Kaski 2001). Kernel "
            "PCA (Gaussian kernel) and Isomap were fitted to 2,000 training digits."
        ).format(count=SCORED)
    )


def show_second_loss() -> None:
    """Show what `neighbours2d` adds to `latent2d`: in words, then predicted, then in numbers."""
    before = score_of("latent2d").error_5
    st.markdown(
        _(
            "A reconstruction loss asks one thing of a code: that the decoder can draw from it. "
            "Where a digit lies *beside others* does not matter to it, so one class may be torn "
            "into several patches. **Neighbours, 2-D code** has a second loss beside the first: "
            "images that are near each other shall have codes near each other, and others shall "
            "keep their distance. It uses no labels either; which images are neighbours is read "
            "off their pixels. Without it, the five nearest neighbours on the map vote for a wrong "
            "digit in {before:.1%} of all cases (5-NN error). What does it gain, and what must it "
            "pay?"
        ).format(before=before)
    )
    if ask("second_loss", lambda: round(100 * score_of("neighbours2d").error_5, 1)):
        _gain_and_price()


def _gain_and_price() -> None:
    plain, neighbourly = score_of("latent2d"), score_of("neighbours2d")
    st.markdown(
        _(
            "It gains order: the 5-NN error goes from {before:.1%} to {after:.1%}. It pays in the "
            "drawing: the MSE goes from {mse_before:.4f} to {mse_after:.4f}."
        ).format(
            before=plain.error_5,
            after=neighbourly.error_5,
            mse_before=plain.mse,
            mse_after=neighbourly.mse,
        )
    )
    if shows("mapped") and shows("maps"):
        st.markdown(_("Choose it above, and compare the gaps between the classes."))


def score_of(name: str) -> Score:
    """The duel's score of a finished model, computed once. Raises RunError."""
    return _score(name, run_of(name).version())


@st.cache_resource(max_entries=24, show_spinner=False)
def _score(name: str, version: str) -> Score:  # noqa: ARG001 - a new version is a new model
    return score_model(open_model(name))


def _best(scores: list[Score], value: Callable[[Score], float | None], *, highest: bool) -> Score:
    known = [(number, score) for score in scores if (number := value(score)) is not None]
    pick = max if highest else min
    return pick(known, key=lambda pair: pair[0])[1]


def _cell(value: float | None, form: str, *, wins: bool) -> str:
    if value is None:
        return "–"
    text = form.format(value)
    return f"<b>{text}</b>" if wins else text


def _yes_or_no(answer: bool) -> str:  # noqa: FBT001 - it is the answer
    return escape(_("yes") if answer else _("no"))
