//! Where the marks of an axis stand: at round numbers, and few.

use ceo_commands::{
    model::{Side, Timestamp, Unit},
    ports::chart::Plot,
};

/// What an axis of figures spans, and its marks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) marks: Vec<f64>,
}

impl Axis {
    /// So that all figures and the limit are seen, with some air; from nought on where figures are no less.
    pub(super) fn of(plot: &Plot, marks: usize) -> Self {
        let figures = plot.lines.iter().flat_map(|line| &line.points);
        let figures = figures
            .map(|point| point.figure)
            .filter(|figure| figure.is_finite());
        let bound = plot
            .limit
            .map(|limit| limit.bound)
            .filter(|bound| bound.is_finite());
        let all = || figures.clone().chain(bound);
        let (mut least, mut most) = all()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), figure| {
                (least.min(figure), most.max(figure))
            });
        if least > most {
            (least, most) = (0.0, 1.0);
        }
        let is_share = plot.unit == Unit("%".to_owned());
        let high = plot.limit.is_some_and(|limit| limit.side == Side::Above);
        // How far a figure that should be high is from the whole is all that is seen of it.
        if least >= 0.0 && !high {
            least = 0.0;
        }
        let air = match most - least {
            none if none <= f64::EPSILON * most.abs() => (most.abs() * 0.1).max(f64::MIN_POSITIVE),
            span => span * 0.08,
        };
        let whole = is_share && most <= 100.0;
        most = if whole {
            (most + air).min(100.0)
        } else {
            most + air
        };
        if least != 0.0 {
            least -= air;
        }
        if most <= least {
            most = least + 1.0;
        }
        let step = step((most - least) / f64::from(u32::try_from(marks.max(1)).unwrap_or(1)));
        let mut at = (least / step).ceil() * step;
        let mut found = Vec::new();
        while at <= most + step * 1e-6 && found.len() < 20 {
            // What is meant as nought is written as it.
            found.push(if at.abs() < step * 1e-6 { 0.0 } else { at });
            at += step;
        }
        Self {
            least,
            most,
            marks: found,
        }
    }
}

/// The round number that is no less: 1, 2 or 5 and noughts.
fn step(rough: f64) -> f64 {
    let base = 10_f64.powf(rough.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|times| times * base)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * base)
}

/// Steps of time between marks, in seconds.
const TIMES: [i64; 12] = [
    60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
];
const DAY: i64 = 86_400;

/// At most so many round times between two, and how they are written: `14:30`, `Nov 28`.
pub(super) fn times(from: Timestamp, to: Timestamp, most: i64) -> Vec<(Timestamp, String)> {
    let (from, to) = (from.as_second(), to.as_second());
    let step = TIMES
        .into_iter()
        .find(|step| (to - from) / step <= most)
        .unwrap_or(DAY * 7);
    let first = (from.div_euclid(step) + 1) * step;
    let mut found = Vec::new();
    let mut at = first;
    while at <= to {
        if let Ok(moment) = Timestamp::from_second(at) {
            let form = if step >= DAY { "%b %-d" } else { "%H:%M" };
            found.push((moment, moment.strftime(form).to_string()));
        }
        at += step;
    }
    found
}

#[cfg(test)]
mod tests {
    use ceo_commands::{
        model::Limit,
        ports::chart::{Line, Point},
    };

    use super::*;

    fn plot(unit: &str, limit: Option<Limit>, figures: &[f64]) -> Plot {
        let at = Timestamp::UNIX_EPOCH;
        let points = figures
            .iter()
            .map(|figure| Point { at, figure: *figure })
            .collect();
        Plot {
            unit: Unit(unit.to_owned()),
            limit,
            lines: vec![Line {
                name: String::new(),
                points,
            }],
            ..Plot::default()
        }
    }

    fn limit(side: Side, bound: f64) -> Option<Limit> {
        Some(Limit { side, bound })
    }

    #[test]
    fn figures_and_limit_are_seen() {
        let load = Axis::of(&plot("%", limit(Side::Below, 70.0), &[12.0, 41.0]), 3);
        assert!(load.least == 0.0 && load.most > 70.0, "{load:?}");
        assert_eq!(load.marks, [0.0, 50.0]);
        let high = Axis::of(&plot("%", limit(Side::Above, 99.9), &[99.95, 100.0]), 3);
        assert!(
            high.least > 99.8 && high.least < 99.9 && high.most <= 100.0,
            "{high:?}"
        );
        let below = Axis::of(&plot("", None, &[-5.0, 5.0]), 3);
        assert!(
            below.least < -5.0 && below.most > 5.0 && below.marks.contains(&0.0),
            "{below:?}"
        );
    }

    #[test]
    fn strange_figures_give_an_axis() {
        for figures in [
            &[][..],
            &[0.0, 0.0],
            &[7.0],
            &[f64::INFINITY],
            &[f64::INFINITY, f64::NEG_INFINITY],
            &[1e300, -1e300],
            &[f64::MAX, f64::MIN],
            &[5e-324],
            &[100.0],
        ] {
            for unit in ["%", "ms", "B"] {
                let axis = Axis::of(&plot(unit, None, figures), 3);
                assert!(axis.least < axis.most, "{figures:?} {axis:?}");
                assert!(axis.marks.len() <= 20, "{figures:?} {axis:?}");
            }
        }
    }

    #[test]
    fn times_are_round_and_few() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for length in [900, 3600, 6 * 3600, DAY, 7 * DAY] {
            let marks = times(at(1_780_000_123), at(1_780_000_123 + length), 4);
            assert!((2..=4).contains(&marks.len()), "{length}: {marks:?}");
        }
        let hour = times(at(1_780_000_123), at(1_780_003_723), 4);
        assert!(
            hour.iter().all(|(_, text)| text.ends_with(['0', '5'])),
            "{hour:?}"
        );
        let week = times(at(1_780_000_123), at(1_780_000_123 + 7 * DAY), 4);
        assert!(
            week[0].1.starts_with("May") || week[0].1.starts_with("Jun"),
            "{week:?}"
        );
    }
}
