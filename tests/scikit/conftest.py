"""The real data on which likelihood and metrics are held against scikit-learn, and a DuckDB with the extension."""

import os
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).parents[2]))
DIST = Path(os.environ.get("PLG_DIST", ROOT / "dist"))


@pytest.fixture
def connection():
    with duckdb.connect(config={"allow_unsigned_extensions": True, "threads": 2}) as connection:
        connection.execute(f"LOAD '{DIST / 'duckdb' / 'plg.duckdb_extension'}'")
        yield connection


def with_gaps(features, share=0.05, seed=1):
    """The features with some values unknown."""
    return features.mask(np.random.default_rng(seed).random(features.shape) < share)


def data(name):
    """Features and outcomes of a data set that scikit-learn brings along."""
    match name.split():
        case ["breast_cancer", *rest]:
            # 569 tumours, 30 measurements, malign or not.
            features, outcomes = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
        case ["diabetes", *rest]:
            # 442 patients, 10 measurements, whether the disease went on faster than in half of them.
            features, progress = datasets.load_diabetes(return_X_y=True, as_frame=True, scaled=False)
            outcomes = (progress > progress.median()).astype(int)
        case ["iris", *rest]:
            # 100 flowers, 4 measurements, of the two species that nothing separates.
            features, species = datasets.load_iris(return_X_y=True, as_frame=True)
            features, outcomes = features[species > 0], species[species > 0] - 1
    features.columns = [f"f{number}" for number in range(features.shape[1])]
    features, outcomes = features.reset_index(drop=True).astype(float), outcomes.reset_index(drop=True)
    return (with_gaps(features) if rest == ["with", "gaps"] else features), outcomes


@pytest.fixture
def table(connection):
    """Makes the table `observations` with `outcome` and `features`, and returns the names of the features."""

    def make(features, outcomes):
        frame = pd.DataFrame(features).assign(y=outcomes)
        connection.register("frame", frame)
        # pandas has NaN for what is unknown.
        fields = ", ".join(f"'{name}': nullif({name}, 'NaN'::DOUBLE)" for name in features.columns)
        connection.execute(
            f"CREATE OR REPLACE TABLE observations AS SELECT CAST(y AS DOUBLE) AS outcome, {{{fields}}} AS features FROM frame"
        )
        return list(features.columns)

    return make
