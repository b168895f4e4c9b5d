//! The health of use cases: measures that are red, yellow or green by thresholds, weighted.

use crate::abi::{Document, FactKind, FactRow, Output};
use crate::error::path;
use crate::strings::Strings;
use crate::tape::{self, MAX_LIST, Object, Place, TOO_LONG, Value};
use crate::{Error, Result};
use alloc::vec::Vec;

const RED: usize = 0;
const YELLOW: usize = 1;
const GREEN: usize = 2;
const COLOURS: [&[u8]; 3] = [b"Red", b"Yellow", b"Green"];
/// The texts of the colours follow name and version.
const FIRST_COLOUR: usize = 2;
/// What a measure of each colour is worth.
const POINTS: [f64; 3] = [25.0, 63.0, 88.0];
/// Scores up to here are red, and yellow.
const AT_MOST: [f64; 2] = [50.0, 75.0];
/// Scores are rounded to one in so many: weights such as 1.3 and 2.5 must not leave a score of 50.000000000000007.
const PARTS: f64 = 1e6;

/// Compiled use cases; `docs/semantics.md` ("Use-case health") describes the JSON.
#[derive(Default)]
pub struct Definition {
    /// Name and version, the colours, and the names of use cases and measures.
    strings: Strings,
    points: [f64; 3],
    at_most: [f64; 2],
    /// The texts of the facts, each once.
    facts: Vec<u32>,
    use_cases: Vec<UseCase>,
    measures: Vec<Measure>,
}

struct UseCase {
    name: u32,
    weight: f64,
    /// How many measures there are up to here.
    end: usize,
}

struct Measure {
    fact: usize,
    weight: f64,
    green: f64,
    yellow: f64,
    lower_is_better: bool,
}

impl Document for Definition {
    fn compile(argument: &str, source: &[u8]) -> Result<Self> {
        tape::fill(argument, source, Self::read)
    }

    /// One dictionary with what results name. The facts are the measures, numbers that may be missing.
    fn describe(&self, out: &mut Output) {
        out.list(1);
        self.strings.describe(out);
        out.list(self.facts.len());
        for &fact in &self.facts {
            out.text(self.strings.get(fact));
            out.double((FactKind::Number as u8 + FactKind::OPTIONAL) as f64);
            out.list(0);
        }
    }

    fn fact_fields(&self) -> usize {
        self.facts.len()
    }
}

impl Definition {
    #[inline(never)]
    fn read(&mut self, root: Value<'_>, place: Place<'_>) -> Result<()> {
        let definition = Object::new(root, place, &["name", "version", "points", "at_most", "use_cases"])?;
        self.strings.add(definition.required_text("name")?);
        self.strings.add(definition.required_text("version")?);
        for colour in COLOURS {
            self.strings.add(colour);
        }
        self.points = POINTS;
        read_scale(&definition, "points", &["red", "yellow", "green"], &mut self.points)?;
        self.at_most = AT_MOST;
        read_scale(&definition, "at_most", &["red", "yellow"], &mut self.at_most)?;
        definition.each("use_cases", |value, place| {
            let use_case = Object::new(value, place, &["use_case", "weight", "measures"])?;
            let name = use_case.required_text("use_case")?;
            if self.use_cases.iter().any(|earlier| self.strings.get(earlier.name) == name) {
                return Err(use_case.error("use_case", "is listed twice"));
            }
            let name = self.strings.add(name);
            let weight = use_case.positive("weight")?.unwrap_or(1.0);
            let start = self.measures.len();
            use_case.each("measures", |value, place| self.read_measure(start, value, place))?;
            self.use_cases.push(UseCase { name, weight, end: self.measures.len() });
            Ok(())
        })
    }

    /// Reads a measure of the use case whose measures begin at `start`.
    #[inline(never)]
    fn read_measure(&mut self, start: usize, value: Value<'_>, place: Place<'_>) -> Result<()> {
        if self.measures.len() == MAX_LIST {
            return Err(place.error(TOO_LONG));
        }
        let measure = Object::new(value, place, &["measure", "weight", "better", "green", "yellow"])?;
        let name = measure.required_text("measure")?;
        let known = self.facts.iter().position(|&fact| self.strings.get(fact) == name);
        let fact = known.unwrap_or(self.facts.len());
        if known.is_none() {
            self.facts.push(self.strings.add(name));
        } else if self.measures.iter().skip(start).any(|earlier| earlier.fact == fact) {
            return Err(measure.error("measure", "is listed twice"));
        }
        let lower_is_better = match measure.text("better")? {
            None | Some(b"higher") => false,
            Some(b"lower") => true,
            Some(_) => return Err(measure.error("better", "must be 'higher' or 'lower'")),
        };
        let green = measure.required_number("green")?;
        let yellow = measure.required_number("yellow")?;
        if green != yellow && (green < yellow) != lower_is_better {
            return Err(measure.error("yellow", "must not be better than green"));
        }
        let weight = measure.positive("weight")?.unwrap_or(1.0);
        self.measures.push(Measure { fact, weight, green, yellow, lower_is_better });
        Ok(())
    }
}

/// Reads ascending numbers from 0 to 100 where the field is there.
fn read_scale(definition: &Object<'_, '_>, field: &str, names: &[&str], scale: &mut [f64]) -> Result<()> {
    let Some(object) = definition.object(field, names)? else { return Ok(()) };
    let mut least = 0.0;
    for (name, place) in names.iter().zip(scale) {
        let number = object.required_number(name)?;
        if number < least || number > 100.0 {
            return Err(object.error(name, "must be a number up to 100, and not below the one before"));
        }
        *place = number;
        least = number;
    }
    Ok(())
}

impl Measure {
    /// The number of the colour of a value.
    fn colour(&self, value: f64) -> usize {
        let reaches = |bound: f64| if self.lower_is_better { value <= bound } else { value >= bound };
        if reaches(self.green) {
            GREEN
        } else if reaches(self.yellow) {
            YELLOW
        } else {
            RED
        }
    }
}

/// A weighted mean of what is known.
#[derive(Default)]
struct Mean {
    sum: f64,
    /// The weights of what is known, and of all.
    known: f64,
    all: f64,
}

impl Mean {
    fn add(&mut self, weight: f64, points: Option<f64>) {
        self.all += weight;
        if let Some(points) = points {
            self.sum += weight * points;
            self.known += weight;
        }
    }

    fn score(&self) -> Option<f64> {
        // Scores are 0 to 100: the next lower whole number is what a cast leaves.
        (self.known > 0.0).then(|| (self.sum / self.known * PARTS + 0.5) as i64 as f64 / PARTS)
    }

    /// The share of the weight that is known, 0 to 1.
    fn share(&self) -> f64 {
        if self.all > 0.0 { self.known / self.all } else { 0.0 }
    }
}

/// How healthy each use case is, and all of them together.
///
/// Writes definition, version, score (0 to 100, NULL where nothing is known), colour, the share of the weight that is known,
/// how many measures are missing, and per use case the same with its measures: name, value, points, colour. A measure is
/// green where its value reaches the bound `green` (at least, or at most where lower is better), else yellow where it
/// reaches `yellow`, else red. A use case's score is the mean of the points of its measures by their weights, without
/// those that are NULL or missing; the whole score that of the use cases by theirs, without those that have no score.
/// Scores are rounded to millionths and red up to 50, yellow up to 75, else green. The numbers can be chosen; the shipped
/// ones are GitLab's for the adoption of use cases.
///
/// The facts are those that the definition [describes](Document::describe). One that is NaN or infinite is an error.
pub fn health_score(measures: FactRow<'_, '_>, definition: &Definition, out: &mut Output) -> Result<()> {
    let mut whole = Mean::default();
    let mut share = Mean::default();
    let mut missing = 0;
    // What stands before the use cases in the stream is known after them.
    let head = out.stream.len();
    out.slots(&[0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    out.list(definition.use_cases.len());
    let mut start = 0;
    for use_case in &definition.use_cases {
        let own = definition.measures.get(start..use_case.end).unwrap_or(&[]);
        start = use_case.end;
        let mut mean = Mean::default();
        let mut unknown = 0;
        let place = out.stream.len();
        out.slots(&[use_case.name as f64, 0.0, 0.0, 0.0, 0.0]);
        out.list(own.len());
        for measure in own {
            let name = definition.facts.get(measure.fact).copied().unwrap_or(0);
            let mut shown = [name as f64, f64::NAN, f64::NAN, -1.0];
            let mut points = None;
            if measures.is_null(measure.fact) {
                unknown += 1;
            } else {
                let value = measures.value(measure.fact);
                if !value.is_finite() {
                    let name = crate::utf8::text(definition.strings.get(name)).unwrap_or("?");
                    return Err(Error::new(path("measures").field(name), "must be a finite number"));
                }
                let colour = measure.colour(value);
                points = Some(definition.points[colour]);
                shown = [name as f64, value, definition.points[colour], (FIRST_COLOUR + colour) as f64];
            }
            mean.add(measure.weight, points);
            out.slots(&shown);
        }
        write(&mut out.stream, place + 1, &mean, mean.share(), unknown, definition);
        whole.add(use_case.weight, mean.score());
        share.add(use_case.weight, Some(mean.share()));
        missing += unknown;
    }
    let known = share.sum / if share.all > 0.0 { share.all } else { 1.0 };
    write(&mut out.stream, head + 2, &whole, known, missing, definition);
    Ok(())
}

/// Writes score, colour, the known share and how many measures are missing.
#[inline(never)]
fn write(stream: &mut [f64], at: usize, mean: &Mean, known: f64, missing: usize, definition: &Definition) {
    let score = mean.score();
    let colour = score.map_or(-1.0, |score| {
        let above = definition.at_most.iter().filter(|&&bound| score > bound).count();
        (FIRST_COLOUR + above) as f64
    });
    let slots = [score.unwrap_or(f64::NAN), colour, known, missing as f64];
    for (place, slot) in stream.iter_mut().skip(at).zip(slots) {
        *place = slot;
    }
}
