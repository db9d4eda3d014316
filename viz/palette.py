"""The colours of every picture, told apart by the colour-blind and readable on white and on black.

Colour never carries a meaning alone: shapes, markers and line styles say the same thing.

Source:
    M. A. Petroff, "Accessible Color Sequences for Data Visualization" (2021), the ten colours.
"""

__all__ = ["EDGE", "HEIGHTS", "INK", "PETROFF10", "SIGNED", "TINTS"]

PETROFF10 = (
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

INK = "#1c1f24"  # text, only ever on one of the tints
EDGE = "#757b85"  # lines and text on the bare background: contrast 4.2 on white, 4.5 on #111111

HEIGHTS = ("#f2f7fc", PETROFF10[0], "#12304f")  # of a field, from low to high
SIGNED = (PETROFF10[6], "#ffffff", PETROFF10[0])  # of a field whose sign matters: below 0, 0, above

# What a node is -> (fill, outline). Six digits: some versions of Graphviz paint "#ffd" black.
TINTS = {
    "input": ("#dbe9f7", "#3f90da"),
    "parameter": ("#ffe9c2", "#d98a00"),
    "constant": ("#e9ebee", "#94a4a2"),
    "operation": ("#f4f4f1", "#717581"),
    "part": ("#e0f3f4", "#3b979b"),
    "rest": ("#e4e1ea", "#832db6"),
}
