"""The ten digit classes' colours.

Petroff (2021), "Accessible color sequences for data visualization", the sequence of ten: chosen
by measurement so that colour-blind eyes tell them apart and all read on white and on black.
"""

DIGIT_COLOURS = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
