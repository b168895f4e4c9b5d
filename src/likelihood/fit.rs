//! Training: Newton's method on standardised features.

use super::Names;
use super::coefficients::probability;
use super::standard::{Standard, check, precedes, standardise};
use super::training::Training;
use crate::abi::{Facts, Output};
use crate::error::path;
use crate::exponential::exp_neg;
use crate::logarithm::{ln, ln_1p};
use crate::sort::sort_by;
use crate::{Error, Result};
use alloc::vec::Vec;

/// What a fit may cost: rows x (features + 1)^2 x iterations, some minutes.
const MAX_WORK: f64 = 1e11;
/// Steps that are smaller, relative to the largest coefficient, are the last: Newton's method doubles the digits that are
/// right, so after such a step all are.
const LAST_STEP: f64 = 1e-8;
/// A pivot that is smaller, relative to its element of the diagonal, is a rounding error.
const NO_PIVOT: f64 = 1e-11;
/// Losses that differ by less, relatively, are equal up to rounding.
const SAME_LOSS: f64 = 1e-12;
/// How often a step is halved before it is given up.
const MAX_HALVINGS: u32 = 30;

/// Trains a logistic model with an L2 penalty on observations whose outcome is 0 or 1 (NaN for NULL).
///
/// Minimises the sum of the rows' log losses plus `l2 / 2` times the sum of the squared weights of the standardised features,
/// without the intercept: scikit-learn's `LogisticRegression(C=1/l2)` behind `SimpleImputer` and `StandardScaler`. The method
/// is Newton's with halved steps where a whole one does not help (McCullagh and Nelder, Generalized Linear Models, 1989,
/// 2.5). Rows are sorted first, so that their order changes no bit.
///
/// Writes a document of [`Coefficients`](super::Coefficients) and how the fit went: name, version, intercept, features (name,
/// weight, mean, scale, impute, rows whose value was unknown), iterations, whether they converged, mean log loss, rows,
/// positives, and rows ignored because their outcome is unknown. Where all outcomes are equal (or there are none) nothing can
/// be learned: the intercept and the log loss are NULL, the weights 0, and it has not converged.
///
/// An outcome other than 0 and 1, a feature beyond 1e100, infinite or NaN, and rows x (features + 1)^2 x iterations beyond 10^11 is an error.
pub fn likelihood_fit(outcome: &[f64], features: Facts<'_>, training: &Training, out: &mut Output) -> Result<()> {
    let (names, fields) = (&training.names, training.names.features);
    let mut rows = Vec::with_capacity(outcome.len());
    for (index, &outcome) in outcome.iter().enumerate() {
        if outcome.is_nan() {
            continue;
        }
        if outcome != 0.0 && outcome != 1.0 {
            return Err(Error::new(path("observations").index(index).field("outcome"), "must be 0, 1 or NULL"));
        }
        check(&features, index, names, fields)?;
        rows.push(index as u32);
    }
    let size = (fields + 1) as f64;
    if rows.len() as f64 * size * size * training.max_iterations as f64 > MAX_WORK {
        return Err(Error::new("observations", TOO_MUCH));
    }
    // The negatives first.
    let outcome_of = |row: u32| outcome.get(row as usize).is_some_and(|&outcome| outcome == 1.0);
    sort_by(&mut rows, |&one, &other| match (outcome_of(one), outcome_of(other)) {
        (a, b) if a != b => b,
        _ => precedes(&features, one as usize, other as usize, fields),
    });
    let positives = rows.iter().filter(|&&row| outcome_of(row)).count();
    let (values, standards) = standardise(&features, &rows, fields);
    let mut fit = Fit {
        values: &values,
        fields,
        rows: rows.len(),
        negatives: rows.len() - positives,
        l2: training.l2,
        coefficients: Vec::new(),
    };
    let end = fit.run(training.max_iterations);
    fit.write(&standards, training, end, outcome.len() - rows.len(), out);
    Ok(())
}

const TOO_MUCH: &str = "are too many for so many features and iterations: rows x (features + 1)^2 x max_iterations must not \
                        exceed 100,000,000,000";

struct Fit<'a> {
    /// Row after row, the negatives first.
    values: &'a [f64],
    fields: usize,
    rows: usize,
    negatives: usize,
    l2: f64,
    /// The intercept and the weights.
    coefficients: Vec<f64>,
}

/// How it ended.
#[derive(Clone, Copy)]
struct End {
    iterations: u32,
    converged: bool,
}

impl Fit<'_> {
    /// Finds the coefficients.
    fn run(&mut self, max_iterations: u32) -> End {
        self.coefficients.resize(self.fields + 1, 0.0);
        let positives = self.rows - self.negatives;
        if positives == 0 || self.negatives == 0 {
            return End { iterations: 0, converged: false };
        }
        self.coefficients[0] = ln(positives as f64 / self.negatives as f64);
        let mut system = System::new(self.fields + 1);
        let mut loss = self.penalised(&self.coefficients);
        for iteration in 1..=max_iterations {
            let stopped = End { iterations: iteration, converged: false };
            self.fill(&mut system);
            // What is a combination of other features shows before the first step, when all rows weigh the same. A pivot
            // that vanishes later is a direction in which the outcomes are separated: the weight would grow for ever.
            if !system.decompose(iteration == 1) {
                return stopped;
            }
            let step = system.solve();
            let largest = |values: &[f64]| values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
            let last = largest(&step) <= LAST_STEP * largest(&self.coefficients).max(1.0);
            let Some((next, next_loss)) = self.descend(&step, loss) else { return stopped };
            (self.coefficients, loss) = (next, next_loss);
            if last {
                return End { iterations: iteration, converged: true };
            }
        }
        End { iterations: max_iterations, converged: false }
    }

    /// The coefficients after the step, halved until the loss does not grow; `None` if it always does.
    fn descend(&self, step: &[f64], loss: f64) -> Option<(Vec<f64>, f64)> {
        let mut share = 1.0;
        for _ in 0..MAX_HALVINGS {
            let next: Vec<f64> = self.coefficients.iter().zip(step).map(|(value, step)| value + share * step).collect();
            let next_loss = self.penalised(&next);
            if next_loss <= loss + SAME_LOSS * loss {
                return Some((next, next_loss));
            }
            share *= 0.5;
        }
        None
    }

    fn row(&self, row: usize) -> &[f64] {
        self.values.get(row * self.fields..(row + 1) * self.fields).unwrap_or(&[])
    }

    fn log_odds(&self, coefficients: &[f64], row: usize) -> f64 {
        let Some((&intercept, weights)) = coefficients.split_first() else { return 0.0 };
        self.row(row).iter().zip(weights).fold(intercept, |sum, (x, weight)| sum + x * weight)
    }

    /// The sum of the rows' log losses, `ln(1 + e^-z)` for the log-odds `z` of what happened.
    #[inline(never)]
    fn loss(&self, coefficients: &[f64]) -> f64 {
        (0..self.rows).fold(0.0, |sum, row| {
            let log_odds = self.log_odds(coefficients, row);
            let z = if row < self.negatives { -log_odds } else { log_odds };
            sum + (ln_1p(exp_neg(1.0, z.abs())) + if z < 0.0 { -z } else { 0.0 })
        })
    }

    #[inline(never)]
    fn penalised(&self, coefficients: &[f64]) -> f64 {
        let squares = coefficients.iter().skip(1).fold(0.0, |sum, weight| sum + weight * weight);
        self.loss(coefficients) + 0.5 * self.l2 * squares
    }

    /// The equations of Newton's step: the second derivatives, and the first ones with a minus.
    fn fill(&self, system: &mut System) {
        system.clear();
        for row in 0..self.rows {
            let happened = (row >= self.negatives) as u8 as f64;
            let probability = probability(self.log_odds(&self.coefficients, row));
            system.add(self.row(row), happened - probability, probability * (1.0 - probability));
        }
        for (place, &weight) in self.coefficients.iter().enumerate().skip(1) {
            system.penalise(place, self.l2, weight);
        }
    }

    fn write(&self, standards: &[Standard], training: &Training, end: End, ignored: usize, out: &mut Output) {
        let positives = self.rows - self.negatives;
        let learned = positives > 0 && self.negatives > 0;
        let known = |value: f64| if learned { value } else { f64::NAN };
        let intercept = self.coefficients.first().copied().unwrap_or(0.0);
        out.slots(&[Names::NAME, Names::VERSION, known(intercept)]);
        out.list(self.fields);
        let weights = self.coefficients.iter().skip(1);
        for (index, (standard, &weight)) in standards.iter().zip(weights).enumerate() {
            let name = training.names.feature(index) as f64;
            out.slots(&[name, weight, standard.mean, standard.scale, standard.mean, standard.imputed as f64]);
        }
        let log_loss = known(self.loss(&self.coefficients) / self.rows as f64);
        let counts = [self.rows as f64, positives as f64, ignored as f64];
        out.slots(&[end.iterations as f64, end.converged as u8 as f64, log_loss]);
        out.slots(&counts);
    }
}

/// Linear equations with a symmetric matrix, solved by Cholesky's decomposition without square roots: `A = L D L'`.
struct System {
    size: usize,
    /// The lower triangle, row after row, each of `size` places; then L below the diagonal, and D on it.
    matrix: Vec<f64>,
    right: Vec<f64>,
    /// Combinations of earlier ones, which keep their coefficient, 0.
    left_out: Vec<bool>,
}

impl System {
    fn new(size: usize) -> Self {
        System { size, matrix: zeros(size * size), right: zeros(size), left_out: (0..size).map(|_| false).collect() }
    }

    fn clear(&mut self) {
        self.matrix.fill(0.0);
        self.right.fill(0.0);
    }

    /// Adds a row of features, behind a 1 for the intercept.
    #[inline]
    fn add(&mut self, row: &[f64], gradient: f64, weight: f64) {
        let mut lines = self.matrix.chunks_exact_mut(self.size).zip(&mut self.right);
        let Some((line, right)) = lines.next() else { return };
        line[0] += weight;
        *right += gradient;
        for (number, ((line, right), &x)) in lines.zip(row).enumerate() {
            let weighted = weight * x;
            *right += gradient * x;
            let Some((first, line)) = line.split_first_mut() else { return };
            *first += weighted;
            for (element, &other) in line.iter_mut().zip(row).take(number + 1) {
                *element += weighted * other;
            }
        }
    }

    fn penalise(&mut self, place: usize, l2: f64, weight: f64) {
        self.matrix[place * self.size + place] += l2;
        self.right[place] -= l2 * weight;
    }

    /// Decomposes the matrix. Where a pivot is nothing but a rounding error, the coefficient is left out, if they are
    /// `chosen` now; otherwise the answer is false. It is false, too, where the intercept has no pivot.
    fn decompose(&mut self, chosen: bool) -> bool {
        let size = self.size;
        for row in 0..size {
            let diagonal = self.matrix[row * size + row];
            let (before, line) = self.matrix.split_at_mut(row * size);
            for column in 1..row {
                // So far the line holds L times D.
                let products = line.iter().zip(&before[column * size..column * size + column]);
                let sum = products.fold(0.0, |sum, (one, other)| sum + one * other);
                line[column] -= sum;
            }
            let mut pivot = diagonal;
            for (element, earlier) in line.iter_mut().take(row).zip(before.iter().step_by(size + 1)) {
                let scaled = if *earlier > 0.0 { *element / earlier } else { 0.0 };
                pivot -= *element * scaled;
                *element = scaled;
            }
            line[row] = pivot;
            // NaN is no pivot either.
            let has_pivot = pivot > NO_PIVOT * diagonal;
            if !has_pivot && chosen && row > 0 {
                self.left_out[row] = true;
            } else if !has_pivot && !self.left_out[row] {
                return false;
            }
            if self.left_out[row] {
                // Its equation says nothing: no step, and no part in the others.
                line[..=row].fill(0.0);
            }
        }
        true
    }

    /// The solution; 0 for what is left out.
    fn solve(&self) -> Vec<f64> {
        let size = self.size;
        let mut solution = self.right.clone();
        for row in 0..size {
            for column in 0..row {
                solution[row] -= self.matrix[row * size + column] * solution[column];
            }
        }
        for row in 0..size {
            let pivot = self.matrix[row * size + row];
            solution[row] = if self.left_out[row] { 0.0 } else { solution[row] / pivot };
        }
        for row in (0..size).rev() {
            for below in row + 1..size {
                solution[row] -= self.matrix[below * size + row] * solution[below];
            }
            if self.left_out[row] {
                solution[row] = 0.0;
            }
        }
        solution
    }
}

fn zeros(count: usize) -> Vec<f64> {
    (0..count).map(|_| 0.0).collect()
}
