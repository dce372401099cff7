"""How it goes: figures about sellers against what was promised.

Owns no rows yet; it reads those of the contexts below. Figures are computed when they are asked for.
"""
