"""A request that computes with arrays or tables.

## What it does

Finds the heavy calls of numpy, pandas, polars, scipy, scikit-learn, torch and TensorFlow.

## Why it blocks

A model or a large table takes a core (or all of them) while everybody else waits.

## Example

    import pandas

    def report(path):
        return pandas.read_csv(path).groupby("month").sum().to_html()

## Use instead

    import asyncio
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor()

    async def report(path):
        return await asyncio.get_running_loop().run_in_executor(pool, monthly_sums, path)

## References

- https://docs.python.org/3/library/asyncio-eventloop.html#executing-code-in-thread-or-process-pools
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB403",
    name="numbers",
    message="{sink} computes with large data",
    sinks=(
        "pandas",
        "numpy",
        "polars",
        "scipy",
        "sklearn",
        "torch",
        "tensorflow",
        "keras",
        "xgboost",
        "lightgbm",
        "transformers",
        "spacy",
        "nltk",
        "gensim",
        "statsmodels",
        "sympy",
        "networkx",
        "geopandas",
        "shapely",
        "dask",
        "pyarrow",
        "numba",
        "onnxruntime",
        "sentence_transformers",
    ),
)
