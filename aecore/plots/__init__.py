"""Drawing with Matplotlib, in a process of its own: see `aecore.takehome.figures`.

The only room with Matplotlib. The server starts it as `python -m aecore.plots` and never imports
it. Everything is drawn with Matplotlib's object interface: pyplot keeps figures for good.
"""
