"""The metrics against scikit-learn, and against formulas in NumPy, on predictions for real data."""

import numpy as np
import pytest
from conftest import data
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, precision_recall_curve, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

NAMES = ["breast_cancer", "diabetes", "iris"]
PREDICTIONS = "(SELECT list({'score': score, 'outcome': outcome}) AS predictions FROM predicted)"


def probabilities(name):
    """Probabilities of a model for rows that it has not seen, and the outcomes."""
    features, outcomes = data(name)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return cross_val_predict(model, features, outcomes, cv=5, method="predict_proba")[:, 1], outcomes.to_numpy()


@pytest.fixture
def ask(connection):
    """Calls a function with predictions, and more arguments."""

    def ask(function, scores, outcomes, *more):
        connection.register("numbers", {"score": np.asarray(scores, float), "outcome": np.asarray(outcomes, float)})
        connection.execute("CREATE OR REPLACE TABLE predicted AS SELECT * FROM numbers")
        arguments = ", ".join(["predictions", *(f"${number + 1}" for number in range(len(more)))])
        return connection.execute(f"SELECT plg_{function}({arguments}) FROM {PREDICTIONS}", list(more)).fetchone()[0]

    return ask


@pytest.fixture(params=[(name, digits) for name in NAMES for digits in (16, 1)], ids=lambda case: f"{case[0]}, {case[1]} digits")
def predicted(request):
    """Scores that are all different, and scores of one digit, with many ties."""
    name, digits = request.param
    scores, outcomes = probabilities(name)
    return np.round(scores, digits), outcomes


def test_the_area_is_that_of_scikit_learn(ask, predicted):
    scores, outcomes = predicted
    ours = ask("auc", scores, outcomes)
    # Theirs is a sum of trapezoids, rounded each; ours is rounded once.
    assert ours["auc"] == pytest.approx(roc_auc_score(outcomes, scores), rel=1e-14)
    assert (ours["positives"], ours["negatives"], ours["ignored"]) == (outcomes.sum(), (1 - outcomes).sum(), 0)


def test_the_brier_score_is_that_of_scikit_learn(ask, predicted):
    scores, outcomes = predicted
    ours = ask("brier", scores, outcomes)
    assert ours["brier"] == pytest.approx(brier_score_loss(outcomes, scores), rel=1e-14)
    always = np.full(len(outcomes), outcomes.mean())
    assert ours["reference"] == pytest.approx(brier_score_loss(outcomes, always), rel=1e-14)


@pytest.mark.parametrize("bins", [1, 7, 10, 30])
def test_the_calibration_is_that_of_scikit_learn(ask, predicted, bins):
    scores, outcomes = predicted
    # Theirs has bounds such as 3 * 0.1, which is above 0.3; scores must not lie on them.
    scores = scores * 0.999 + 0.0003
    ours = ask("calibration", scores, outcomes, bins)
    observed, predicted_means = calibration_curve(outcomes, scores, n_bins=bins)
    filled = [bin for bin in ours["bins"] if bin["row_count"]]
    assert len(ours["bins"]) == bins
    assert [bin["observed_share"] for bin in filled] == pytest.approx(observed.tolist(), rel=1e-14)
    assert [bin["mean_predicted"] for bin in filled] == pytest.approx(predicted_means.tolist(), rel=1e-14)
    rows = np.array([bin["row_count"] for bin in filled])
    assert rows.sum() == len(scores)
    error = np.sum(rows * np.abs(observed - predicted_means)) / rows.sum()
    assert ours["expected_calibration_error"] == pytest.approx(error, rel=1e-12)


def test_deciles_are_those_of_the_gains_curve(ask, predicted):
    scores, outcomes = predicted
    ours = ask("lift", scores, outcomes)
    # The gains curve: positives over rows, score by score from the highest, straight between two scores.
    values = np.unique(scores)[::-1]
    rows = np.array([0, *(np.sum(scores >= value) for value in values)])
    positives = np.array([0, *(outcomes[scores >= value].sum() for value in values)])
    gains = np.interp(np.arange(11) / 10 * len(scores), rows, positives)
    rates = np.diff(gains) / (len(scores) / 10)
    assert [decile["positives"] for decile in ours["deciles"]] == pytest.approx(np.diff(gains).tolist(), abs=1e-10)
    assert [decile["lift"] for decile in ours["deciles"]] == pytest.approx((rates / outcomes.mean()).tolist(), abs=1e-10)
    shares = (gains[1:] / outcomes.sum()).tolist()
    assert [decile["cumulative_share"] for decile in ours["deciles"]] == pytest.approx(shares, abs=1e-12)


def test_deciles_of_different_scores_are_tenths_of_the_sorted_rows(ask):
    scores, outcomes = probabilities("diabetes")
    scores, outcomes = scores[:440], outcomes[:440]
    ours = ask("lift", scores, outcomes)
    tenths = outcomes[np.argsort(-scores)].reshape(10, 44)
    assert [decile["positives"] for decile in ours["deciles"]] == tenths.sum(axis=1).tolist()
    assert [decile["least_score"] for decile in ours["deciles"]] == np.sort(scores)[::-1].reshape(10, 44)[:, -1].tolist()


def test_thresholds_are_those_of_the_precision_curve(ask, predicted):
    scores, outcomes = predicted
    targets = [0.0, 0.3, 0.5, 0.62, 0.8, 0.95, 1.0]
    ours = ask("suggested_thresholds", scores, outcomes, targets)
    precision, _, thresholds = precision_recall_curve(outcomes, scores)
    for target, found in zip(targets, ours["thresholds"], strict=True):
        # The curve ends with a point for no rows at all. It leaves thresholds below the lowest positive out.
        good = thresholds[precision[:-1] >= target]
        lowest = good.min() if len(good) else None
        if lowest == thresholds.min() and outcomes.mean() >= target:
            lowest = scores.min()
        assert found["score"] == lowest, target
        above = outcomes[scores >= found["score"]] if found["score"] is not None else np.array([])
        assert (found["row_count"], found["positives"]) == (len(above), above.sum())


@pytest.mark.parametrize("bins", [2, 10, 25])
@pytest.mark.parametrize("digits", [16, 1])
def test_the_stability_index_is_that_of_quantiles_in_numpy(connection, bins, digits):
    expected, actual = (np.round(probabilities(name)[0], digits) for name in ("diabetes", "breast_cancer"))
    ours = connection.execute("SELECT plg_psi($1, $2, $3)", [expected.tolist(), actual.tolist(), bins]).fetchone()[0]
    bounds = np.unique(np.quantile(expected, np.arange(1, bins) / bins, method="inverted_cdf"))
    bounds = bounds[bounds < expected.max()]
    old, new = (
        np.bincount(np.digitize(values, bounds, right=True), minlength=len(bounds) + 1) / len(values)
        for values in (expected, actual)
    )
    assert [bin["upper_bound"] for bin in ours["bins"]] == [*bounds.tolist(), None]
    assert [bin["actual_share"] for bin in ours["bins"]] == new.tolist()
    counted = np.where(new == 0, 0.5 / len(actual), new)
    index = np.sum((counted - old) * np.log(counted / old))
    assert ours["psi"] == pytest.approx(index, rel=1e-13)
    assert ours["band"] == ("large" if index >= 0.25 else "moderate" if index >= 0.1 else "stable")


def test_halves_of_one_distribution_are_stable(connection):
    scores = probabilities("diabetes")[0]
    ours = connection.execute("SELECT plg_psi($1, $2, 5)", [scores[::2].tolist(), scores[1::2].tolist()]).fetchone()[0]
    assert ours["band"] == "stable"


def test_millions_of_predictions_are_answered(connection):
    connection.execute("""
        CREATE TABLE many AS
        SELECT (hash(i) % 1000003) / 1000003.0 AS score, CAST(hash(i + 7) % 100 < 20 + i % 3 AS DOUBLE) AS outcome
        FROM range(2000000) AS rows(i)
    """)
    area, brier, deciles, bins, thresholds, psi = connection.execute("""
        WITH rows AS (SELECT list({'score': score, 'outcome': outcome}) AS p, list(score) AS s FROM many)
        SELECT plg_auc(p), plg_brier(p), plg_lift(p), plg_calibration(p, 10), plg_suggested_thresholds(p, [0.1]), plg_psi(s, s, 10)
        FROM rows
    """).fetchone()
    score, outcome = (np.array(column) for column in zip(*connection.execute("FROM many").fetchall(), strict=True))
    assert area["auc"] == pytest.approx(roc_auc_score(outcome, score), rel=1e-12)
    assert brier["brier"] == pytest.approx(brier_score_loss(outcome, score), rel=1e-12)
    assert sum(decile["positives"] for decile in deciles["deciles"]) == pytest.approx(outcome.sum(), rel=1e-12)
    assert sum(bin["row_count"] for bin in bins["bins"]) == 2_000_000
    assert thresholds["thresholds"][0]["score"] == score.min()
    assert psi["psi"] == 0
