"""Every sentence of the open network; `{names}` are filled in by the browser."""

from __future__ import annotations

from aecore.metrics import MEAN_IMAGE_BCE, PERFECT_BCE
from aecore.ui.language import _


def words() -> dict[str, str]:
    """The sentences by the names that the JavaScript knows them by."""
    return {**_sum(), **_network(), **_unit(), **_touch(), **_code()}


def _sum() -> dict[str, str]:
    return {
        "opening": _("The network is opening …"),
        "unreadable": _(
            "The network's weights did not arrive whole. Load the page again; if that does not "
            "help, choose another model."
        ),
        "notANumber": _(
            "The weights were disturbed so much that the network no longer answers with numbers. "
            "Take some noise away, or press “Undo all changes”."
        ),
        "sumTitle": _("The reconstruction is a sum"),
        "given": _("what the network sees"),
        "before": _("the sum so far: blue will be ink, red will be paper"),
        "after": _("the picture that makes"),
        "stepName": _("How many terms are added"),
        "terms": _("The terms of the sum, the most important first"),
        "sumHelp": _(
            "Upper row: what a unit paints, times its number now (blue adds ink, red takes it "
            "away). Lower row: the digit so far. Click a term to switch it off."
        ),
        "play": _("Play"),
        "pause": _("Pause"),
        "added": _("Terms added: {number} of {of}"),
        "allAdded": _("All terms added: the reconstruction"),
        "bias": _("start"),
        "others": _("{count} more"),
        "mapTerm": _("map {unit}"),
        "biasSpoken": _("Where the sum starts: the bias of every pixel, the same for all digits."),
        "othersSpoken": _("All other units together, {count} of them; not 0: {active}."),
        "termSpoken": _("Term {number}: the picture of unit {unit}, times {amount}."),
        "mapTermSpoken": _("Term {number}: what the last filter makes of map {unit}."),
        "switchTerm": _("Switch this term off, or on again"),
    }


def _network() -> dict[str, str]:
    return {
        "unfoldedTitle": _("The network, unfolded"),
        "unfoldedHelp": _(
            "Every number the network holds now, white where it is large. Point at one, or go "
            "there with Tab and the arrow keys (Shift: within a map); a click keeps it, dragging "
            "up or down changes it, Enter switches it off and on."
        ),
        "film": _("Its training:"),
        "epochName": _("Epoch of the training"),
        "epoch": _("epoch {number} of {of}"),
        "noFilm": _("The weights of the epochs did not arrive whole. Load the page again."),
        "sorted": _("Sort large layers by activity"),
        "imageStage": _("Image"),
        "reconstructionStage": _("Reconstruction"),
        "firstFilters": _("What each listens to"),
        "lastFilters": _("What each paints"),
        "codeStage": _("Code ({layer})"),
        "dense": _("Dense"),
        "conv": _("Convolution"),
        "pool": _("Pooling"),
        "upsample": _("Upsampling"),
        "pixels": _("{height} × {width} pixels"),
        "filters": _("{count} × {height} × {width} weights"),
        "maps": _("{count} × {height} × {width}"),
        "number": _("1 number"),
        "numbers": _("{count} numbers"),
        "active": _("{active} not 0"),
        "activeMaps": _("{active} not empty"),
        "isOff": _("switched off"),
        "listens": _("What the number answers to: more ink at blue makes it larger"),
        "adds": _("What it adds to the picture: blue is ink, red is ink it takes away"),
    }


def _unit() -> dict[str, str]:
    return {
        "unitRegion": _("The number you point at"),
        "noUnit": _("Point at a number"),
        "unitHint": _(
            "You will see what it answers to, what it adds to the picture, and how it was made. "
            "What will a unit of the code look like?"
        ),
        "pixelName": _("Image, row {row}, column {column}: {value}"),
        "unitName": _("{layer}, unit {unit}: {value}"),
        "mapName": _("{layer}, map {map}, row {row}, column {column}: {value}"),
        "pixelSays": _("A pixel of the image that the network sees."),
        "sees": _("It sees {height} × {width} pixels of the image."),
        "seesAll": _("It sees the whole image."),
        "asleep": _("It is 0 now: more ink at blue would wake it."),
        "unitAdds": _("What it adds is the reconstruction with it, less the one without it."),
        "mapAdds": _("What it adds is the reconstruction with its map, less the one without it."),
        "value": _("Its value"),
        "gain": _("Its map times"),
        "switchOff": _("Switch it off"),
        "switchOn": _("Switch it on again"),
        "letGo": _("Its own value again"),
        "layerOff": _("Switch its layer off"),
        "layerOn": _("Switch its layer on again"),
        "pooled": _("The largest of four numbers: the one of row {row}, column {column}."),
        "upsampled": _("A copy: every number of the layer before becomes four."),
        "inputs": _("pixels"),
        "weights": _("weights"),
        "products": _("pixel by pixel"),
        "fromMap": _("map {unit}"),
        "fromUnit": _("unit {unit}"),
        "fromPlace": _("map {map}, row {row}, column {column}"),
        "restOf": _("{count} more"),
        "sum_linear": _("Bias {bias}, and {inputs} from the inputs: {answer}."),
        "sum_relu": _(
            "Bias {bias}, and {inputs} from the inputs, is {sum}. The relu lets only what is "
            "above 0 through: {answer}."
        ),
        "sum_sigmoid": _(
            "Bias {bias}, and {inputs} from the inputs, is {sum}. The sigmoid turns that into a "
            "grey between 0 and 1: {answer}."
        ),
        "setByHand": _("You have set it to {value}."),
    }


def _touch() -> dict[str, str]:
    return {
        "touchTitle": _("Lay hands on it"),
        "prune": _("Without the weakest weights of every layer:"),
        "pruneNone": _("all stay"),
        "shake": _("Noise on the weights:"),
        "shakeValue": _("{share}% of their spread"),
        "loss": _("Loss (BCE)"),
        "asTrainedHead": _("as trained"),
        "nowHead": _("now"),
        "thisDigit": _("this digit"),
        "testDigits": _("200 test digits, without noise"),
        "scale": _(
            "The perfect answers to all test digits cost {perfect}, the mean image {mean}."
        ).format(perfect=PERFECT_BCE, mean=MEAN_IMAGE_BCE),
        "reset": _("Undo all changes"),
        "asTrained": _("The network is as it was trained."),
        "remove": _("Without the least important numbers of the code:"),
        "removeMaps": _("Without the least important maps of the code:"),
        "removed": _("{count} of {of}"),
    }


def _code() -> dict[str, str]:
    return {
        "codeTitle": _("The same network as Keras code"),
        "codeHelp": _(
            "Point at a line and its layer lights up; point at a layer and its lines do."
        ),
        "copy": _("Copy"),
        "copied": _("Copied"),
    }
