"""likelihood and likelihood_fit against scikit-learn's logistic regression on real data."""

import json

import numpy as np
import pytest
from conftest import data
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# Both stop where the sum of the rows' derivatives is some 1e-12, the rounding of a sum of hundreds of terms. Around the
# minimum the loss curves at least as strongly as the penalty does, or, without one, as these data make it (the smallest
# eigenvalue of iris is 0.1), so coefficients differ by 1e-11 at most.
AGREES = 1e-9

FIT = "(SELECT plg_likelihood_fit(list({'outcome': outcome, 'features': features}), $training) FROM observations)"


def reference(features, outcomes, l2):
    model = LogisticRegression(C=1 / l2 if l2 else np.inf, solver="newton-cholesky", tol=1e-13, max_iter=1000)
    return make_pipeline(SimpleImputer(), StandardScaler(), model).fit(features, outcomes)


def training(names, l2, **more):
    return json.dumps({"name": "model", "version": "1", "features": names, "l2": l2, **more})


def fit(connection, document):
    return connection.execute(f"SELECT {FIT}", {"training": document}).fetchone()[0]


CASES = [
    *((name, l2) for name in ("breast_cancer", "diabetes", "diabetes with gaps", "iris") for l2 in (0.1, 1, 50)),
    ("breast_cancer with gaps", 1),
    ("diabetes", 0),
    ("iris", 0),
]


@pytest.mark.parametrize("name, l2", CASES)
def test_coefficients_are_those_of_scikit_learn(connection, table, name, l2):
    features, outcomes = data(name)
    ours = fit(connection, training(table(features, outcomes), l2))
    theirs = reference(features, outcomes, l2)
    imputer, scaler, model = (step for _, step in theirs.steps)
    assert ours["converged"]
    weights = np.array([feature["weight"] for feature in ours["features"]])
    largest = np.abs(model.coef_).max()
    assert np.abs(weights - model.coef_[0]).max() <= AGREES * largest
    assert abs(ours["intercept"] - model.intercept_[0]) <= AGREES * largest
    assert np.allclose([feature["mean"] for feature in ours["features"]], scaler.mean_, rtol=1e-13, atol=0)
    assert np.allclose([feature["scale"] for feature in ours["features"]], scaler.scale_, rtol=1e-12, atol=0)
    assert np.allclose([feature["impute"] for feature in ours["features"]], imputer.statistics_, rtol=1e-13, atol=0)
    assert [feature["imputed"] for feature in ours["features"]] == features.isna().sum().tolist()
    assert ours["log_loss"] == pytest.approx(log_loss(outcomes, theirs.predict_proba(features)[:, 1]), rel=1e-9)
    assert (ours["row_count"], ours["positives"], ours["ignored"]) == (len(outcomes), outcomes.sum(), 0)


@pytest.mark.parametrize("name, l2", [("breast_cancer", 1), ("diabetes with gaps", 1), ("iris", 0)])
def test_what_is_fitted_is_a_document_whose_probabilities_are_those_of_scikit_learn(connection, table, name, l2):
    features, outcomes = data(name)
    document = training(table(features, outcomes), l2)
    query = f"""
        SELECT answer.probability, answer.log_odds, list_sum(list_transform(answer.contributions, lambda c: c.log_odds))
        FROM (SELECT rowid, plg_likelihood(features, CAST(to_json({FIT}) AS VARCHAR)) AS answer FROM observations)
        ORDER BY rowid
    """
    probabilities, log_odds, sums = np.array(connection.execute(query, {"training": document}).fetchall()).T
    theirs = reference(features, outcomes, l2)
    assert np.array_equal(log_odds, sums)
    # A contribution is rounded by 2^-33 at most, and there are up to 31.
    assert np.abs(log_odds - theirs.decision_function(features)).max() <= 31 * 2.0**-33 + AGREES * np.abs(log_odds).max()
    assert np.abs(probabilities - theirs.predict_proba(features)[:, 1]).max() <= 31 * 2.0**-33 + AGREES
    # Exact where the log-odds are: the numbers of one formula.
    assert np.allclose(probabilities, 1 / (1 + np.exp(-log_odds)), rtol=4e-16, atol=0)


def test_the_order_of_rows_and_their_container_change_no_bit(connection, table):
    document = training(table(*data("diabetes with gaps")), 1)
    queries = [
        "list({'outcome': outcome, 'features': features} ORDER BY rowid)",
        "list({'outcome': outcome, 'features': features} ORDER BY hash(rowid))",
        "list({'features': to_json(features), 'outcome': CAST(outcome AS INTEGER)} ORDER BY hash(rowid + 1))",
    ]
    answers = [
        connection.execute(
            f"SELECT CAST(to_json(plg_likelihood_fit({rows}, $training)) AS VARCHAR) FROM observations", {"training": document}
        ).fetchone()
        for rows in queries
    ]
    assert answers[0] == answers[1] == answers[2]


def test_outcomes_that_features_separate_end_without_penalty_and_have_not_converged(connection, table):
    # Thirty measurements separate the tumours; scikit-learn warns of the same.
    ours = fit(connection, training(table(*data("breast_cancer")), 0))
    assert not ours["converged"]
    assert ours["log_loss"] < 1e-6


def test_each_group_gets_a_fit_of_its_own(connection, table):
    features, outcomes = data("diabetes")
    document = training(table(features, outcomes), 1)
    rows = connection.execute(
        "SELECT rowid % 3 AS part, plg_likelihood_fit(list({'outcome': outcome, 'features': features}), $1) "
        "FROM observations GROUP BY part ORDER BY part",
        [document],
    ).fetchall()
    for part, ours in rows:
        inside = features.index % 3 == part
        theirs = reference(features[inside], outcomes[inside], 1)[-1]
        weights = np.array([feature["weight"] for feature in ours["features"]])
        assert np.abs(weights - theirs.coef_[0]).max() <= AGREES


def test_a_hundred_thousand_rows_are_fitted(connection):
    connection.execute("""
        CREATE TABLE observations AS
        SELECT CAST(hash(i) % 1000 < 100 + 80 * (i % 10) AS DOUBLE) AS outcome, {'a': i % 10, 'b': hash(i + 1) % 7} AS features
        FROM range(100000) AS rows(i)
    """)
    ours = fit(connection, training(["a", "b"], 1))
    features = connection.execute("SELECT features.a AS a, CAST(features.b AS DOUBLE) AS b FROM observations").df()
    outcomes = connection.execute("SELECT CAST(outcome AS INTEGER) AS outcome FROM observations").df()["outcome"]
    theirs = reference(features, outcomes, 1)[-1]
    assert ours["converged"]
    assert [feature["weight"] for feature in ours["features"]] == pytest.approx(theirs.coef_[0].tolist(), abs=AGREES)
