#!/usr/bin/env python3
"""Makes Tests/Fixtures/LinearAlgebra/principal_components.json with numpy's SVD in float64.

Usage: scripts/goldens/linear_algebra.py     (numpy 2.x; the file that is committed was made with 2.4.6)
"""
import json
import pathlib

import numpy as np

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/LinearAlgebra/principal_components.json"


def components(x, about, count=3):
    x = x.astype(np.float64)
    if about == "mean":
        x = x - x.mean(axis=0)
    _, s, vt = np.linalg.svd(x, full_matrices=False)
    v = vt[:count]
    biggest = np.abs(v).argmax(axis=1)
    v = v * np.sign(v[np.arange(count), biggest])[:, None]
    return {
        "about": about,
        "directions": v.tolist(),
        "ratios": (s[:count] ** 2 / np.sum(s**2)).tolist(),
        "total": float(np.sum(s**2)),
    }


def main():
    rng = np.random.default_rng(20240611)
    cases = []
    for name, shape in [("wide", (7, 24)), ("tall", (24, 7)), ("square", (9, 9))]:
        # A common offset, so that the two centres give different answers, and a falling spectrum.
        x = rng.standard_normal(shape) * np.geomspace(3, 0.3, shape[1]) + 0.7 * rng.standard_normal(shape[1])
        x = x.astype(np.float32)
        cases.append({
            "name": name,
            "rows": shape[0],
            "columns": shape[1],
            "elements": [float(f"{v:.9g}") for v in x.ravel()],
            "components": [components(x, "origin"), components(x, "mean")],
        })
    OUT.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
