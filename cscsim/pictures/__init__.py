"""Images and what is measured of them, as an observer looks at them: found in a run or a folder, chosen, drawn as PNG.

`shots`, `sources` and `choosing` need no pixels; `drawing` and `curve_drawing` need matplotlib and are imported when
something is drawn.
"""
