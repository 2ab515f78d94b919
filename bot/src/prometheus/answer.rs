//! An answer of Prometheus to a question about a stretch of time. However many series it holds, the worst alone are kept,
//! and all are counted.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use ceo_commands::{
    model::{Side, Timestamp},
    ports::{
        chart::Point,
        metrics::{Found, Range, Series, Silence},
    },
    texts::metrics as say,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// The longest message that is passed on.
const MESSAGE: usize = 600;
/// Labels of a series that are kept, and the longest of their values: nobody reads more.
const LABELS: usize = 30;
const VALUE: usize = 200;

/// What stands in every answer.
#[derive(Deserialize)]
struct Envelope<'a> {
    status: Cow<'a, str>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(rename = "errorType", default)]
    kind: String,
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

/// A series as it is written.
#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    metric: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(borrow, default)]
    values: Vec<(f64, Cow<'a, str>)>,
}

/// Reads an answer.
pub(super) fn read(body: &[u8], status: u16, range: &Range) -> Result<Found, Silence> {
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(body) else {
        let why = if (200..300).contains(&status) {
            say::not_understood()
        } else {
            say::status(status)
        };
        return Err(Silence::Outage(why));
    };
    if envelope.status != "success" {
        let said: String = envelope.error.chars().take(MESSAGE).collect();
        return Err(match envelope.kind.as_str() {
            "bad_data" => Silence::NoQuery(said),
            _ => Silence::Refused(said),
        });
    }
    let strange = || Silence::Outage(say::not_understood());
    let result = envelope.data.and_then(|data| data.result).ok_or_else(strange)?;
    let mut json = serde_json::Deserializer::from_str(result.get());
    Keep(range).deserialize(&mut json).map_err(|_| strange())
}

/// Reads a list of series one after the other and keeps the worst.
struct Keep<'r>(&'r Range);

impl<'de> DeserializeSeed<'de> for Keep<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Keep<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Found, A::Error> {
        let range = self.0;
        let (mut found, mut kept) = (Found::default(), Vec::new());
        while let Some(written) = list.next_element::<Written<'_>>()? {
            found.all += 1;
            let Some(read) = Read::of(written, range) else {
                continue;
            };
            found.now = worse(range.well, found.now, read.now);
            found.worst = worse(range.well, found.worst, Some(read.worst));
            kept.push(read);
            if kept.len() > 4 * range.most.max(1) {
                sort(range, &mut kept);
            }
        }
        sort(range, &mut kept);
        found.series = kept.into_iter().map(|read| read.series).collect();
        Ok(found)
    }
}

/// A series with its figures.
struct Read {
    series: Series,
    now: Option<f64>,
    worst: f64,
}

impl Read {
    /// None where it holds no figure.
    fn of(written: Written<'_>, range: &Range) -> Option<Self> {
        let mut points = Vec::with_capacity(written.values.len());
        for (at, figure) in written.values {
            let Ok(figure) = figure.parse::<f64>() else {
                continue;
            };
            #[allow(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
            let at = Timestamp::from_millisecond((at * 1000.0).round() as i64);
            if let (Ok(at), false) = (at, figure.is_nan()) {
                points.push(Point { at, figure });
            }
        }
        points.sort_by_key(|point| point.at);
        let last = points.last().filter(|point| point.at >= range.to);
        let now = last.map(|point| point.figure);
        let worst = points
            .iter()
            .map(|point| point.figure)
            .reduce(|one, other| range.well.worse(one, other))?;
        let label = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
            let short = |text: &str| text.chars().take(VALUE).collect();
            (short(&name), short(&value))
        };
        let labels = written.metric.into_iter().take(LABELS).map(label).collect();
        Some(Self {
            series: Series { labels, points },
            now,
            worst,
        })
    }
}

fn worse(well: Side, one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(well.worse(one, other)),
        (one, other) => one.or(other),
    }
}

/// The worst first, and no more than are kept. Of equal ones the order of their labels decides.
fn sort(range: &Range, kept: &mut Vec<Read>) {
    kept.sort_by(|one, other| {
        let ascending = one.worst.total_cmp(&other.worst);
        let order = match range.well {
            Side::Below => ascending.reverse(),
            Side::Above => ascending,
        };
        order.then_with(|| one.series.labels.cmp(&other.series.labels))
    });
    kept.truncate(range.most);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn range(well: Side) -> Range {
        Range {
            query: "up".to_owned(),
            from: Timestamp::from_second(0).unwrap(),
            to: Timestamp::from_second(60).unwrap(),
            step: Duration::from_secs(30),
            most: 3,
            well,
        }
    }

    fn matrix(series: &[(&str, &str)]) -> String {
        let one = |(name, values): &(&str, &str)| {
            format!("{{\"metric\":{{\"pod\":\"{name}\"}},\"values\":[{values}]}}")
        };
        let all: Vec<String> = series.iter().map(one).collect();
        format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{}]}}}}",
            all.join(",")
        )
    }

    fn answer(body: &str, well: Side) -> Result<Found, Silence> {
        read(body.as_bytes(), 200, &range(well))
    }

    #[test]
    fn figures_are_read_and_what_is_none_is_a_gap() {
        let body = matrix(&[("a", "[0,\"1\"],[30,\"NaN\"],[60.0,\"3.5\"]")]);
        let found = answer(&body, Side::Below).unwrap();
        let points: Vec<(i64, f64)> = found.series[0]
            .points
            .iter()
            .map(|point| (point.at.as_second(), point.figure))
            .collect();
        assert_eq!(points, [(0, 1.0), (60, 3.5)]);
        assert_eq!((found.all, found.now, found.worst), (1, Some(3.5), Some(3.5)));
        let found = answer(&matrix(&[("a", "[0,\"1\"],[30,\"2\"]")]), Side::Below).unwrap();
        assert_eq!(found.now, None, "what ended before is not now");
        let found = answer(&matrix(&[("a", "[60,\"+Inf\"]")]), Side::Below).unwrap();
        assert_eq!(found.now, Some(f64::INFINITY));
        let found = answer(&matrix(&[("a", "[60,\"NaN\"]")]), Side::Below).unwrap();
        assert_eq!((found.all, found.now, found.worst), (1, None, None));
        assert_eq!(answer(&matrix(&[]), Side::Below), Ok(Found::default()));
    }

    #[test]
    fn of_thousands_the_worst_are_kept_and_all_are_counted() {
        let values: Vec<(String, String)> = (0..5000)
            .map(|n| (format!("p{n:04}"), format!("[30,\"{n}\"],[60,\"{}\"]", 5000 - n)))
            .collect();
        let series: Vec<(&str, &str)> = values.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let found = answer(&matrix(&series), Side::Below).unwrap();
        assert_eq!((found.all, found.series.len()), (5000, 3));
        assert_eq!((found.now, found.worst), (Some(5000.0), Some(5000.0)));
        assert_eq!(found.series[0].labels[0].1, "p0000");
        let found = answer(&matrix(&series), Side::Above).unwrap();
        assert_eq!((found.now, found.worst), (Some(1.0), Some(0.0)));
        assert_eq!(found.series[0].labels[0].1, "p0000");
    }

    #[test]
    fn what_it_says_itself_is_told_apart() {
        let error =
            |kind: &str| format!("{{\"status\":\"error\",\"errorType\":\"{kind}\",\"error\":\"why\"}}");
        let told = |body: &str, status| read(body.as_bytes(), status, &range(Side::Below)).unwrap_err();
        assert_eq!(told(&error("bad_data"), 400), Silence::NoQuery("why".to_owned()));
        assert_eq!(told(&error("execution"), 422), Silence::Refused("why".to_owned()));
        assert_eq!(told(&error("timeout"), 503), Silence::Refused("why".to_owned()));
        assert_eq!(told("<html>", 502), Silence::Outage(say::status(502)));
        for strange in ["<html>", "{}", "{\"status\":\"success\"}", "[]", ""] {
            assert_eq!(
                told(strange, 200),
                Silence::Outage(say::not_understood()),
                "{strange}"
            );
        }
        let scalar = "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":7}}";
        assert_eq!(told(scalar, 200), Silence::Outage(say::not_understood()));
    }
}
