"""What each page asks visitors to predict: one table a page, for pages and for the worksheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aecore.settings import N_, Span
from aecore.shipped import shipped_title
from aecore.specs import MOST_PROLONGED

Answer = float | str | tuple[str, ...]
"""A number, an option's name, or the names of all options in order.

`math.inf` is the number of what never came, `-math.inf` that of what was so from the beginning.
"""


@dataclass(frozen=True)
class Number:
    """A number is asked for.

    span    what may be said
    form    how it is written, in English, around `{number}`
    never   what is written in place of infinity, in English
    always  what is written in place of minus infinity, in English
    one     how the number 1 is written, where that is another form
    """

    span: Span
    form: str = "{number}"
    never: str = ""
    always: str = ""
    one: str = ""


@dataclass(frozen=True)
class Choice:
    """One of a few options, or, `in_order`, all of them from the first to the last.

    Options are titles in English by name. Where there are none, the page offers the models,
    methods or runs that it shows.
    """

    options: Mapping[str, str]
    in_order: bool = False


@dataclass(frozen=True)
class Question:
    """One prediction that a page asks for.

    name      no two questions have the same
    text      the question, in English
    kind      what an answer looks like
    measured  what the true answer is computed from, in English; `{mean}` is the mean image's MSE
    """

    name: str
    text: str
    kind: Number | Choice
    measured: str


@dataclass(frozen=True)
class Prediction:
    """What a visitor said, and what it was.

    said     None from a visitor who only looked
    was      None as long as nobody knows
    about    what it was true for: the index of a test image; or "drawing", the name of a model, a
             run or a kind of noise; or "" if it is true in general
    through  the model, too, where it was true for one digit in one model alone
    given    what else decided it: the noise, the methods, the runs
    """

    said: Answer | None
    was: Answer | None = None
    about: int | str = ""
    through: str = ""
    given: tuple[object, ...] = ()

    def holds_for(
        self, about: int | str, *, through: str = "", given: tuple[object, ...] = ()
    ) -> bool:
        """Whether it was true for these."""
        return (self.about, self.through, self.given) == (about, through, given)


_READER = N_(
    "Read by a program: the five of 10,000 training digits most like the picture vote (by their "
    "32 PCA numbers). A picture that is as far from all five as the mean image is from a digit "
    "(MSE {mean}) cannot be read. Would your eye judge the same?"
)

QUESTIONS: dict[str, tuple[Question, ...]] = {
    "learn": (
        Question(
            "noise",
            N_("From which σ on can the network's answer no longer be read as this digit?"),
            Number(
                Span(0.0, 1.5, 0.05),
                N_("σ = {number}"),
                N_("not up to σ = 1.5"),
                N_("not for this program to say: it misreads this digit even without noise"),
            ),
            _READER,
        ),
        Question(
            "two_maps",
            N_("On which map do fewer digits lie among digits of another kind?"),
            Choice({"pca": N_("PCA"), "autoencoder": N_("Autoencoder")}),
            N_("A digit's five nearest neighbours on the map vote; 2,000 test digits."),
        ),
        Question(
            "one_number",
            N_("Set the largest number of this code to 0. How many of the 784 pixels will change?"),
            Number(Span(0, 784), N_("{number} of 784 pixels")),
            N_("Counted are the pixels that change by more than a tenth of white."),
        ),
        Question(
            "ladder",
            N_("Put the five answers in order, the smallest loss first."),
            Choice(
                {
                    "mean": N_("the mean of all digits"),
                    "plain": shipped_title("plain"),
                    "itself": N_("the digit itself"),
                    "pca": N_("PCA, 32 numbers"),
                    "deep": shipped_title("deep"),
                },
                in_order=True,
            ),
            N_("Binary cross-entropy per pixel of this one digit."),
        ),
        Question(
            "kinds",
            N_("Which of the four will make the smallest error?"),
            Choice({name: shipped_title(name) for name in ("plain", "deep", "conv", "denoise")}),
            N_(
                "The smallest mean squared error (MSE) of this one digit. Mind how many numbers "
                "each code has: more numbers keep more."
            ),
        ),
    ),
    "train": (
        Question(
            "epoch",
            N_("After which epoch will nine of the ten digits be readable?"),
            Number(Span(1, MOST_PROLONGED), N_("epoch {number}"), N_("not by its last epoch")),
            _READER,
        ),
        Question(
            "lowest_curve",
            N_("Which curve will end lowest?"),
            Choice({}),
            N_("The validation loss after the last epoch of each run."),
        ),
    ),
    "draw": (
        Question(
            "keeps_most",
            N_("Which model will keep most of this digit?"),
            Choice({}),
            N_(
                "The smallest mean squared error (MSE) between the digit and what comes back. "
                "Mind how many numbers each code has: more numbers keep more."
            ),
        ),
        Question(
            "same_five",
            N_("In how many rows will all five be the same digit?"),
            Number(Span(0, 12), N_("{number} rows"), one=N_("{number} row")),
            N_("Counted in the rows below, as the writers meant their digits."),
        ),
    ),
    "denoise": (
        Question(
            "by_eye",
            N_("Which of them is nearest to the clean digit, by your eye?"),
            Choice({}),
            N_("The highest PSNR."),
        ),
        Question(
            "pays",
            N_("From which level of noise on does a network beat every filter?"),
            Number(Span(0.0, 28.0, 0.05), never=N_("at no level")),
            N_(
                "PSNR on 200 test images: the first level measured at which one of the ticked "
                "networks is above all ticked filters."
            ),
        ),
    ),
    "inside": (
        Question(
            "terms",
            N_(
                "The decoder adds up pictures, one for each number of the code. After how many of "
                "them will the digit be readable?"
            ),
            Number(
                Span(0, 784),
                N_("{number} terms"),
                N_("not after all of them"),
                one=N_("{number} term"),
            ),
            _READER,
        ),
        Question(
            "can_go",
            N_(
                "How many numbers of the code can be switched off, the least important first, "
                "while the digit stays readable?"
            ),
            Number(Span(0, 784), N_("{number} numbers"), one=N_("{number} number")),
            _READER,
        ),
    ),
    "latent": (
        Question(
            "gap",
            N_("What will the decoder draw half-way between two kinds of digits?"),
            Choice(
                {
                    "one": N_("one of the two"),
                    "third": N_("a third kind"),
                    "none": N_("nothing that can be read"),
                }
            ),
            N_(
                "The 45 places half-way between the middles of two kinds, read by a program: of "
                "the five training digits most like the picture, four must agree."
            ),
        ),
        Question(
            "walk",
            N_("Which straight way shows a digit at most of its steps?"),
            Choice(
                {
                    "model": N_("on the learnt map"),
                    "pca": N_("on PCA's map"),
                    "fade": N_("cross-fading the pixels"),
                }
            ),
            N_(
                "The ways between 50 pairs of digits of two kinds, eight steps each. A step shows "
                "a digit when the five training digits most like it agree."
            ),
        ),
        Question(
            "duel",
            N_("On whose map is the nearest neighbour of a digit most often one of its own kind?"),
            Choice(
                {
                    "autoencoder": N_("Autoencoder"),
                    "PCA": N_("PCA"),
                    "kernel PCA": N_("kernel PCA"),
                    "Isomap": "Isomap",
                    "t-SNE": "t-SNE",
                }
            ),
            N_("The 1-NN error on 2,000 test digits."),
        ),
        Question(
            "second_loss",
            N_("How large will the 5-NN error be with the second loss?"),
            Number(Span(0.0, 100.0, 0.1), N_("{number}%")),
            N_("The 5-NN error on 2,000 test digits."),
        ),
    ),
}
"""For each page its questions from top to bottom."""

QUESTION = {question.name: question for page in QUESTIONS.values() for question in page}
"""Every question by its name."""
