"""The colours of the ten digit classes, and of lines in charts.

Petroff (2021), "Accessible color sequences for data visualization", the sequence of ten: chosen
by measurement so that colour-blind eyes tell them apart and all read on white and on black.
"""

DIGIT_COLOURS = (
    "#3f90da",
    "#717581",
    "#bd1f01",
    "#ffa90e",
    "#e76300",
    "#a96b59",
    "#94a4a2",
    "#b9ac70",
    "#832db6",
    "#92dadd",
)
"""Kinds that lie near each other on maps, 3, 5 and 8 or 4, 7 and 9, have unlike colours."""

LINE_COLOURS = {
    "blue": "#2f80c9",
    "orange": "#c86f00",
    "violet": "#a05ad0",
    "red": "#d43a4e",
    "green": "#22874d",
    "brown": "#a4664f",
    "mustard": "#97790a",
    "slate": "#4f7f9e",
    "pink": "#c2569b",
    "teal": "#16899a",
}
"""For lines and words: about as far from the light paper as from the dark, so both can be read."""

GREY = "#7b8089"
