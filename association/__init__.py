"""Pure maths of association: overlap, motion, look, assignment, recovery; arrays in, arrays out."""
