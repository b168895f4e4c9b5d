//! From which rules are met to a score of fit; the conditions themselves are judged elsewhere.

use crate::Result;
use crate::score::model::{Bound, read_bounds};
use crate::score::units::Units;
use crate::status::expressions::Truth;
use crate::strings::Strings;
use crate::tape::Object;
use alloc::vec::Vec;

const FIELDS: [&str; 5] = ["bucket", "points", "rules", "tiers", "minimum_known"];
const RULE_FIELDS: [&str; 3] = ["rule", "weight", "when"];
/// The tiers of a model that names none.
const TIERS: [(&[u8], f64); 3] = [(b"A", 75.0), (b"B", 50.0), (b"C", f64::NEG_INFINITY)];

/// The weights of the rules of fit, and what a score is called and worth.
#[derive(Default)]
pub(crate) struct Scale {
    pub weights: Vec<f64>,
    all: f64,
    pub tiers: Vec<Bound>,
    minimum_known: f64,
    points: f64,
}

/// What an account's fit is.
#[derive(Clone, Copy)]
pub(crate) struct Fit {
    /// 0 to 100.
    pub score: f64,
    pub tier: Option<u32>,
    pub points: Units,
}

/// How much of the rules is known.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub met: f64,
    pub known: f64,
    pub rules_met: u32,
}

impl Scale {
    /// Reads the `fit` of a model, calling `rule` for each of the rules; `false` if the model has none.
    #[inline(never)]
    pub fn read(
        &mut self,
        model: &Object<'_, '_>,
        strings: &mut Strings,
        mut rule: impl FnMut(&Object<'_, '_>, &mut Strings) -> Result<()>,
    ) -> Result<bool> {
        let Some(fit) = model.object("fit", &FIELDS)? else { return Ok(false) };
        fit.required_text("bucket")?;
        fit.each("rules", |value, place| {
            let read = Object::new(value, place, &RULE_FIELDS)?;
            let weight = read.required_positive("weight")?;
            if weight > 1_000_000.0 {
                read.refuse("weight", "must not be above 1000000")?;
            }
            self.weights.push(weight);
            self.all += weight;
            rule(&read, strings)
        })?;
        if self.weights.is_empty() && fit.get("rules").is_some_and(|rules| rules.array().is_some()) {
            fit.refuse("rules", "must not be empty")?;
        }
        if fit.get("tiers").is_some() {
            read_bounds(&fit, "tiers", strings, &mut self.tiers)?;
        } else {
            self.tiers.extend(TIERS.map(|(name, bound)| (strings.add(name), bound)));
        }
        self.minimum_known = fit.number("minimum_known")?.unwrap_or(0.5);
        if !(0.0..=1.0).contains(&self.minimum_known) {
            fit.refuse("minimum_known", "must be a number from 0 to 1")?;
        }
        self.points = fit.number("points")?.unwrap_or(10.0);
        if !(0.0..=100_000.0).contains(&self.points) {
            fit.refuse("points", "must be a number from 0 to 100000")?;
        }
        Ok(true)
    }

    /// Counts what `truth` says of each rule.
    pub fn count(&self, mut truth: impl FnMut(usize) -> Truth) -> Tally {
        let mut tally = Tally::default();
        for (rule, weight) in self.weights.iter().enumerate() {
            match truth(rule) {
                Truth::Null => continue,
                Truth::False => {}
                Truth::True => {
                    tally.met += weight;
                    tally.rules_met += 1;
                }
            }
            tally.known += weight;
        }
        tally
    }

    /// The share of the weight that is known, 0 to 1.
    pub fn known(&self, tally: Tally) -> f64 {
        tally.known / self.all
    }

    /// The fit; `None` where too little is known.
    pub fn fit(&self, tally: Tally) -> Option<Fit> {
        if tally.known < self.minimum_known * self.all || self.all == 0.0 {
            return None;
        }
        let score = 100.0 * tally.met / self.all;
        let tier = self.tiers.iter().find(|(_, bound)| score >= *bound).map(|(name, _)| *name);
        Some(Fit { score, tier, points: Units::round(score * self.points / 100.0)? })
    }
}
