//! Measured numbers: in what they are measured, what they may be, and how they are written.

/// In what a figure is measured: `%`, `ms`, `/s`, `B`; empty for a bare number. Letters of a chart's font: ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unit(pub String);

/// On which side of its limit a figure is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Below it: a load, an error rate.
    Below,
    /// Above it: an availability.
    Above,
}

/// What a figure may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Where it is well.
    pub side: Side,
    /// The bound itself, which is not well any more.
    pub bound: f64,
}

impl Side {
    /// The worse of two figures.
    #[must_use]
    pub fn worse(self, one: f64, other: f64) -> f64 {
        match self {
            Self::Below => one.max(other),
            Self::Above => one.min(other),
        }
    }

    fn sign(self) -> char {
        match self {
            Self::Below => '<',
            Self::Above => '>',
        }
    }
}

impl Limit {
    /// Whether a figure is well.
    #[must_use]
    pub fn holds(self, figure: f64) -> bool {
        match self.side {
            Side::Below => figure < self.bound,
            Side::Above => figure > self.bound,
        }
    }

    /// As a manual writes it: `<70%`.
    #[must_use]
    pub fn written(self, unit: &Unit) -> String {
        format!("{}{}", self.side.sign(), unit.write(self.bound))
    }
}

/// The most digits behind the point.
const DIGITS: usize = 6;
/// What large numbers are counted in.
const THOUSANDS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
const BINARY: [(f64, &str); 4] = [
    (1_099_511_627_776.0, "Ti"),
    (1_073_741_824.0, "Gi"),
    (1_048_576.0, "Mi"),
    (1024.0, "Ki"),
];

impl Unit {
    /// A figure in about three digits: `41.3%`, `1.25kB/s`, `0.07%`.
    #[must_use]
    pub fn write(&self, figure: f64) -> String {
        self.written(figure, 0)
    }

    /// The same with as many digits as it takes to be seen on the side of the limit on which it is: 70.04 % is not 70 %
    /// where 70 is the bound.
    #[must_use]
    pub fn write_against(&self, figure: f64, limit: Limit) -> String {
        let bound = self.write(limit.bound);
        let apart = |more: &usize| figure == limit.bound || self.written(figure, *more) != bound;
        self.written(figure, (0..DIGITS).find(apart).unwrap_or(DIGITS))
    }

    fn written(&self, figure: f64, more: usize) -> String {
        if figure.is_nan() {
            return "NaN".to_owned();
        }
        if figure.is_infinite() {
            return if figure > 0.0 { "∞" } else { "-∞" }.to_owned();
        }
        let (scaled, prefix) = self.scaled(figure);
        let large = scaled.abs();
        let digits = match large {
            // What is missing to the whole is what counts there.
            99.0..100.0 if self.0 == "%" => 3,
            100.0.. => 0,
            10.0.. => 1,
            1.0.. => 2,
            _ if large == 0.0 => 0,
            // Three digits that count, however many noughts stand before them.
            _ => small_digits(large),
        };
        let text = format!("{scaled:.*}", (digits + more).min(12));
        let text = match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.'),
            false => text.as_str(),
        };
        let text = if text == "-0" { "0" } else { text };
        format!("{text}{prefix}{}", self.0)
    }

    fn scaled(&self, figure: f64) -> (f64, &'static str) {
        let steps = match self.0.as_str() {
            "%" | "ms" | "s" => return (figure, ""),
            "B" | "B/s" => BINARY,
            _ => THOUSANDS,
        };
        let fits = steps.into_iter().find(|(step, _)| figure.abs() >= *step);
        fits.map_or((figure, ""), |(step, prefix)| (figure / step, prefix))
    }
}

/// How many digits behind the point show two that count of a number below one.
fn small_digits(small: f64) -> usize {
    (1..12)
        .find(|digits| small * 10_f64.powi(*digits) >= 1.0)
        .map_or(12, |digits| usize::try_from(digits).unwrap_or_default() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Unit {
        Unit(text.to_owned())
    }

    #[test]
    fn figures_have_about_three_digits() {
        for (of, figure, written) in [
            ("%", 41.27, "41.3%"),
            ("%", 100.0, "100%"),
            ("%", 99.953, "99.953%"),
            ("%", 0.0712, "0.071%"),
            ("%", 0.0, "0%"),
            ("ms", 1234.4, "1234ms"),
            ("ms", 7.0, "7ms"),
            ("/s", 1250.0, "1.25k/s"),
            ("/s", 0.25, "0.25/s"),
            ("", 12_402.0, "12.4k"),
            ("B", 1536.0, "1.5KiB"),
            ("", -3.5, "-3.5"),
            ("", -0.0, "0"),
            ("", f64::INFINITY, "∞"),
            ("", f64::NEG_INFINITY, "-∞"),
            ("", f64::NAN, "NaN"),
        ] {
            assert_eq!(unit(of).write(figure), written, "{figure} {of}");
        }
    }

    #[test]
    fn a_figure_is_never_written_as_the_bound_that_it_is_not() {
        let limit = Limit {
            side: Side::Below,
            bound: 70.0,
        };
        let of = unit("%");
        assert_eq!(limit.written(&of), "<70%");
        assert_eq!(of.write_against(70.04, limit), "70.04%");
        assert_eq!(of.write_against(69.997, limit), "69.997%");
        assert_eq!(of.write_against(70.0, limit), "70%");
        assert_eq!(of.write_against(41.27, limit), "41.3%");
        assert!(!limit.holds(70.0) && limit.holds(69.9));
    }

    #[test]
    fn each_side_has_its_own_worst() {
        let limit = Limit {
            side: Side::Above,
            bound: 99.9,
        };
        assert!(limit.holds(99.95) && !limit.holds(99.9) && !limit.holds(98.0));
        assert!((limit.side.worse(99.0, 98.0) - 98.0).abs() < f64::EPSILON);
        assert!((Side::Below.worse(99.0, 98.0) - 99.0).abs() < f64::EPSILON);
        assert!(!limit.holds(f64::NAN), "what is not known is not well");
        assert_eq!(limit.written(&unit("%")), ">99.9%");
    }
}
