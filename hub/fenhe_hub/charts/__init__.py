"""Charts as SVG text, made of values and nothing else; behind each stands its table. Pure.

Start at `chart.Chart`. No chart tells by colour alone: numbers stand in it, and series differ by
their dashes. The pages of console and portal show one with a macro of their own.

    paper     shapes and texts, escaped, within a frame with title and description
    scale     round numbers for an axis
    course    values over days, as lines; days of which nothing is known are gaps
    bars      values by name, as bars with their numbers, against a threshold where there is one
    ahead     how much is due on each of the next days
    cities    the eleven cities of Shanxi as tiles
"""
