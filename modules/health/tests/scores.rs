//! Scores held against a second implementation in exact integers: weights are whole tenths, points whole, and the mean is
//! rounded to millionths by integer division.

use plg_catalogue::host::Host;
use plg_module_health::Native;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Sum of weight times millionths of points, and sum of weights.
#[derive(Default)]
struct Exact(i128, i128);

impl Exact {
    fn add(&mut self, weight: i128, millionths: i128) {
        self.0 += weight * millionths;
        self.1 += weight;
    }

    /// Millionths, halves upwards; and whether the exact mean lies on a half, where a double may go either way.
    fn mean(&self) -> Option<(i128, bool)> {
        let twice = 2 * self.0;
        (self.1 > 0).then(|| {
            ((twice + self.1).div_euclid(2 * self.1), (twice + self.1) % (2 * self.1) == 0 && self.0 % self.1 != 0)
        })
    }
}

fn colour(millionths: i128) -> &'static str {
    match millionths {
        ..=50_000_000 => "Red",
        ..=75_000_000 => "Yellow",
        _ => "Green",
    }
}

#[test]
fn scores_are_exact_means_of_what_is_known() {
    let catalogue = plg_catalogue::load(&plg_catalogue::root()).unwrap();
    let module: Box<dyn plg_udfs::abi::Module> = Box::<Native>::default();
    let mut host = Host::new(catalogue, HashMap::from([("health".to_owned(), module)]));
    let mut random = fastrand::Rng::with_seed(1);
    let mut seen = HashMap::<String, usize>::new();
    for _ in 0..4_000 {
        let facts: Vec<Option<i32>> = (0..6).map(|_| (random.u8(..4) > 0).then(|| random.i32(-3..12))).collect();
        let mut whole = Exact::default();
        let (mut missing, mut uncertain) = (0, false);
        let mut declared = Vec::new();
        let mut expected = Vec::new();
        for number in 0..random.usize(..4) {
            let weight = random.i128(1..60);
            let mut own = Exact::default();
            let mut unknown = 0;
            let mut measures = Vec::new();
            let mut colours = Vec::new();
            let first = random.usize(..6);
            for fact in (0..random.usize(..5)).map(|offset| (first + offset) % 6) {
                let measure_weight = random.i128(1..60);
                let (low, high) = (random.i32(-2..6), random.i32(6..11));
                let lower = random.bool();
                let (green, yellow) = if lower { (low, high) } else { (high, low) };
                measures.push(json!({"measure": format!("m{fact}"), "weight": measure_weight as f64 / 10.0,
                    "better": if lower { "lower" } else { "higher" }, "green": green, "yellow": yellow}));
                let Some(value) = facts[fact] else {
                    unknown += 1;
                    colours.push(Value::Null);
                    continue;
                };
                // The bands as one would draw them on a line.
                let (name, points) = match (lower, value) {
                    (false, _) if value >= high => ("Green", 88),
                    (false, _) if value >= low => ("Yellow", 63),
                    (true, _) if value <= low => ("Green", 88),
                    (true, _) if value <= high => ("Yellow", 63),
                    _ => ("Red", 25),
                };
                own.add(measure_weight, points * 1_000_000);
                colours.push(json!(name));
            }
            let mean = own.mean();
            if let Some((mean, half)) = mean {
                whole.add(weight, mean);
                uncertain |= half;
            }
            missing += unknown;
            declared
                .push(json!({"use_case": format!("u{number}"), "weight": weight as f64 / 10.0, "measures": measures}));
            let shown = mean.map(|(mean, _)| colour(mean));
            expected.push((mean.map(|(mean, _)| mean as f64 / 1e6), shown, unknown, colours));
        }
        let definition = json!({"name": "random", "version": "1", "use_cases": declared});
        let row: Value = facts.iter().enumerate().map(|(number, fact)| (format!("m{number}"), json!(fact))).collect();
        let arguments =
            BTreeMap::from([("measures".to_owned(), row), ("definition".to_owned(), definition.to_string().into())]);
        let result = host.call("health_score", &arguments).unwrap();
        let whole = whole.mean();
        if uncertain || whole.is_some_and(|(_, half)| half) {
            continue;
        }
        let score = whole.map(|(mean, _)| mean as f64 / 1e6);
        let shown = whole.map_or("none", |(mean, _)| colour(mean));
        assert_eq!(result["score"], json!(score), "{definition} {facts:?}");
        assert_eq!(result["colour"].as_str().unwrap_or("none"), shown);
        assert_eq!(result["missing"], json!(f64::from(missing)));
        for (got, (score, shown, unknown, colours)) in result["use_cases"].as_array().unwrap().iter().zip(&expected) {
            assert_eq!(got["score"], json!(score), "{definition} {facts:?}");
            assert_eq!(got["colour"], json!(shown));
            assert_eq!(got["missing"], json!(f64::from(*unknown)));
            let measures = got["measures"].as_array().unwrap();
            assert_eq!(measures.iter().map(|measure| measure["colour"].clone()).collect::<Vec<_>>(), *colours);
        }
        assert_eq!(result["use_cases"].as_array().unwrap().len(), expected.len());
        *seen.entry(shown.to_owned()).or_default() += 1;
    }
    assert!(["Red", "Yellow", "Green", "none"].iter().all(|&shown| seen[shown] > 50), "{seen:?}");
}
