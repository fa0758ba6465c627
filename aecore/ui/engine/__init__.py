"""The networks in the browser: what answers a hand runs there, on every frame.

`network.js` is the forward pass, `weights.py` and `weights.js` bring it the weights.
"""
