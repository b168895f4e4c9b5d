//! How well an account fits the ideal customer profile.

use super::scale::Scale;
use crate::Result;
use crate::abi::{Document, FactRow, Output};
use crate::score::model::FIELDS;
use crate::status::expressions::{Expression, Expressions, Truth, Type};
use crate::strings::Strings;
use crate::tape::{self, Object, Place, Value};
use alloc::vec::Vec;

/// Why a rule of fit may not ask what day it is.
pub(crate) const NO_AS_OF: &str = "as_of cannot be used in rules of fit: give the point in time as a fact";

/// What is said of a rule, in the order of the strings before the rules' names.
const OUTCOMES: [&[u8]; 3] = [b"met", b"not met", b"unknown"];

/// The rules of fit of a scoring model; `docs/semantics.md` ("Fit") describes the JSON.
#[derive(Default)]
pub struct IcpFit {
    strings: Strings,
    scale: Scale,
    expressions: Expressions,
    /// Name and condition of each rule.
    rules: Vec<(u32, Expression)>,
}

impl Document for IcpFit {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary: outcomes, rules and tiers.
    fn describe(&self, out: &mut Output) {
        self.expressions.describe(&self.strings, out);
    }

    fn fact_fields(&self) -> usize {
        self.expressions.fact_fields()
    }
}

impl IcpFit {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let model = Object::new(root, place, &FIELDS)?;
        OUTCOMES.iter().for_each(|outcome| {
            self.strings.add(outcome);
        });
        self.expressions.refuse_as_of(NO_AS_OF);
        self.expressions.read_on_missing(&model)?;
        let (expressions, rules) = (&mut self.expressions, &mut self.rules);
        let found = self.scale.read(&model, &mut self.strings, |rule, name, strings| {
            rules.push((strings.add(name), expressions.read_required(rule, "when", Type::Boolean)?));
            Ok(())
        })?;
        if !found {
            return Err(model.error("fit", "is missing"));
        }
        self.expressions.finish(model.place())
    }
}

/// How well an account fits the model's ideal customer profile.
///
/// Writes score (0 to 100), tier, points for the score of a lead, the share of the weight that is known (0 to 1), and
/// for each rule its name, its weight and whether it is met. Score, tier and points are NULL where less is known than the
/// model's `minimum_known`. There is no error beside those of compiling the model.
pub fn icp_fit(facts: FactRow<'_, '_>, model: &IcpFit, out: &mut Output) -> Result<()> {
    let truths: Vec<Truth> = model.rules.iter().map(|&(_, when)| model.expressions.truth(when, facts, 0.0)).collect();
    let tally = model.scale.count(|rule| truths.get(rule).copied().unwrap_or(Truth::Null));
    let fit = model.scale.fit(tally);
    out.optional(fit.map(|fit| fit.score));
    out.double(fit.and_then(|fit| fit.tier).map_or(-1.0, f64::from));
    out.optional(fit.map(|fit| fit.points.points()));
    out.double(model.scale.known(tally));
    out.list(model.rules.len());
    for ((&(name, _), &weight), truth) in model.rules.iter().zip(&model.scale.weights).zip(&truths) {
        let outcome = match truth {
            Truth::True => 0.0,
            Truth::False => 1.0,
            Truth::Null => 2.0,
        };
        out.slots(&[name as f64, weight, outcome]);
    }
    Ok(())
}
