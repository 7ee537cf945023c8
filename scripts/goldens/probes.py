#!/usr/bin/env python3
"""Makes Tests/Fixtures/LinearAlgebra/probes.json with scikit-learn: logistic regression and shrunk discriminants.

Usage: scripts/goldens/probes.py     (pip install scikit-learn)
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LogisticRegression

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests/Fixtures/LinearAlgebra/probes.json"


def main():
    rng = np.random.default_rng(20261121)
    cases = []
    for name, rows, columns, size in [("wide", 8, 20, 1.0), ("tall", 40, 6, 1.0), ("offset", 30, 8, 40.0)]:
        # A correlated spread, a common mean far from zero, and classes a little apart.
        mixing = rng.standard_normal((columns, columns)) * np.geomspace(2, 0.2, columns)
        trait = rng.standard_normal(columns)
        sides = [
            (rng.standard_normal((rows, columns)) @ mixing + s * 0.4 * trait + size * 5).astype(np.float32)
            for s in (1, -1)
        ]
        positive, negative = (np.round(s, 4).astype(np.float32) for s in sides)
        x = np.vstack([positive, negative]).astype(np.float64)
        y = np.r_[np.ones(rows), -np.ones(rows)]
        mean = x.mean(axis=0)
        probes = []
        for c in (0.01, 1.0, 100.0):
            # scikit-learn's own solver; centring changes the intercept alone and lets it converge.
            model = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(x - mean, y)
            w = model.coef_[0]
            probes.append({"c": c, "weights": w.tolist(), "intercept": float(model.intercept_[0] - w @ mean)})
        centred = np.vstack([s.astype(np.float64) - s.astype(np.float64).mean(axis=0) for s in (positive, negative)])
        covariance, shrinkage = ledoit_wolf(centred, assume_centered=True)
        difference = positive.astype(np.float64).mean(axis=0) - negative.astype(np.float64).mean(axis=0)
        cases.append({
            "name": name, "rows": rows, "columns": columns,
            "positive": [float(f"{v:.9g}") for v in positive.ravel()],
            "negative": [float(f"{v:.9g}") for v in negative.ravel()],
            "probes": probes, "shrinkage": float(shrinkage),
            "discriminant": np.linalg.solve(covariance, difference).tolist(),
        })
    OUT.write_text(json.dumps({"sklearn": sklearn.__version__, "cases": cases}, separators=(",", ":")) + "\n")


main()
