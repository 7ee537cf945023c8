#!/usr/bin/env python3
"""Writes Sources/Tokenizers/UnicodeCategories+Table.swift: the general category of every code point.

Needs the PyPI package unicodedata2==16.0.0. Unicode 16.0 is the version of the `tokenizers` wheel
(Oniguruma 6.9.10); the table is fixed so that a text has the same tokens with every toolchain.
"""
import pathlib

import unicodedata2 as unicodedata

ORDER = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split()
CONTROL_WHITESPACE = len(ORDER)  # the control characters with the property White_Space
assert unicodedata.unidata_version == "16.0.0"

ranges = []
for scalar in range(0x110000):
    category = ORDER.index(unicodedata.category(chr(scalar)))
    if scalar in (9, 10, 11, 12, 13, 0x85):
        category = CONTROL_WHITESPACE
    if not ranges or ranges[-1][1] != category:
        ranges.append((scalar, category))

target = pathlib.Path(__file__).parents[1] / "Sources/Tokenizers/UnicodeCategories+Table.swift"
with target.open("w") as out:
    out.write("// Made by scripts/unicode-categories.py from Unicode 16.0. Do not edit.\n\n")
    out.write("extension UnicodeCategories {\n")
    out.write("    /// The first code point of each range of one category, shifted left by 5, and the number of the\n")
    out.write("    /// category (`CharacterClass`).  // [ranges]\n")
    out.write("    // swift-format-ignore\n")
    out.write("    static let ranges: [UInt32] = [\n")
    words = [f"{start << 5 | category:#x}" for start, category in ranges]
    line = "       "
    for word in words:
        if len(line) + len(word) + 2 > 110:
            out.write(line + "\n")
            line = "       "
        line += " " + word + ","
    out.write(line + "\n    ]\n}\n")
