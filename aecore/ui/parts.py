"""The parts of every page: what a lesson may show alone, or leave out."""

from __future__ import annotations

from aecore.settings import N_

HEADING = "heading"
"""The one part that every page has. It goes with others: alone it makes no stage."""

_HEADING = {HEADING: N_("Title and first question")}

PARTS: dict[str, dict[str, str]] = {
    "learn": _HEADING
    | {
        "digit_bar": N_("The choice of a digit"),
        "one_network": N_("1 · One digit through one network"),
        "cleaning": N_("2 · Noise taken away"),
        "two_maps": N_("2 · Two maps of 2,000 digits"),
        "code_numbers": N_("3 · The numbers of a code, to be turned"),
        "strangers": N_("3 · What is no digit"),
        "losses": N_("4 · Five answers and their losses"),
        "kinds": N_("5 · Four kinds side by side"),
        "measured": N_("5 · The chapter's numbers and ours"),
        "invented": N_("6 · Digits that nobody wrote"),
    },
    "train": _HEADING
    | {
        "networks": N_("The choice of a network"),
        "settings": N_("The settings of the training"),
        "trained": N_("Loading a trained one"),
        "training": N_("The training, watched"),
        "runs": N_("Runs compared"),
    },
    "draw": _HEADING
    | {
        "canvas": N_("The canvas"),
        "became": N_("What the drawing became"),
        "noise": N_("The noise"),
        "models": N_("The choice of models"),
        "strip": N_("What each model makes of it"),
        "nearest": N_("The nearest codes"),
    },
    "denoise": _HEADING
    | {
        "digit": N_("The choice of a digit"),
        "level": N_("Kind and level of the noise"),
        "methods": N_("The choice of models and filters"),
        "attempts": N_("The same noisy image for everyone"),
        "curves": N_("Every level of noise"),
        "sigma3": N_("The chapter's σ = 3"),
        "slip": N_("A slip in the chapter's last snippet"),
    },
    "inside": _HEADING
    | {
        "network": N_("The choice of a network"),
        "seen": N_("What the network sees: digit, drawing, noise"),
        "sum": N_("The sum that makes the picture"),
        "layers": N_("The network, unfolded"),
        "unit": N_("One unit: what it listens to, what it adds"),
        "hands": N_("Laying hands on the network"),
        "keras": N_("The code that builds it"),
    },
    "latent": _HEADING
    | {
        "mapped": N_("The choice of a model"),
        "star": N_("Your own digit on the maps"),
        "maps": N_("The two maps"),
        "walk": N_("From A to B in ten steps"),
        "duel": N_("A fair duel"),
        "second_loss": N_("What a second loss adds"),
    },
    "teaching": _HEADING,
}
"""For each page its parts from top to bottom: their names in links, and what visitors read.

No two pages have a part of the same name (but their headings), so that a stage which is set on one
page leaves the others whole.
"""

PART_NAMES = tuple(dict.fromkeys(name for parts in PARTS.values() for name in parts))
"""All that a link may name."""
