//! One figure over time.

use std::time::Duration;

use ceo_commands::{
    model::{Side, Timestamp, since},
    ports::chart::{Chart, Line, Mark, Plot},
};
use plotters::style::{Color, RGBColor};

use super::{
    axis::{Axis, times},
    canvas::{Area, At, Canvas, GRID, GROUND, LIMIT, Letters, QUIET, Spot, WIDTH, WORDS, spot, width},
};

/// The colours of lines, light on the grey and apart also for eyes that see few colours.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0x4d, 0xb6, 0xff),
    RGBColor(0xff, 0xc8, 0x57),
    RGBColor(0x6e, 0xe7, 0xa0),
    RGBColor(0xff, 0x8a, 0xc4),
    RGBColor(0xc3, 0xa6, 0xff),
    RGBColor(0xff, 0x9a, 0x5a),
];

/// How large its parts are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// The title.
    title: i32,
    /// The axes.
    marks: i32,
    /// The edge.
    edge: i32,
    /// Lines.
    wide: u32,
    /// Marks of the axis of figures.
    figures: usize,
    /// Marks of the axis of time.
    times: i64,
}

/// A plot of its own.
pub(super) const LARGE: Size = Size {
    title: 44,
    marks: 34,
    edge: 24,
    wide: 4,
    figures: 4,
    times: 4,
};

/// A plot among others.
pub(super) const SMALL: Size = Size {
    title: 32,
    marks: 25,
    edge: 14,
    wide: 3,
    figures: 2,
    times: 3,
};

/// Where figures and moments lie on the canvas.
struct Field {
    area: Area,
    axis: Axis,
    from: Timestamp,
    to: Timestamp,
}

impl Field {
    fn x(&self, at: Timestamp) -> i32 {
        let part = |to: Timestamp| to.duration_since(self.from).as_secs_f64();
        let share = part(at) / part(self.to).max(1.0);
        self.area.left + pixels(share, self.area.width())
    }

    fn y(&self, figure: f64) -> i32 {
        // Halves: the span of the largest figures is no number.
        let share = (figure / 2.0 - self.axis.least / 2.0) / (self.axis.most / 2.0 - self.axis.least / 2.0);
        self.area.bottom - pixels(share, self.area.bottom - self.area.top)
    }
}

/// A share of a length, within it.
#[allow(
    clippy::cast_possible_truncation,
    reason = "it is between nought and the length"
)]
fn pixels(share: f64, length: i32) -> i32 {
    let share = if share.is_nan() {
        0.0
    } else {
        share.clamp(0.0, 1.0)
    };
    (share * f64::from(length)).round() as i32
}

/// Draws a plot into a part of a canvas.
pub(super) fn draw(canvas: &mut Canvas, plot: &Plot, chart: &Chart, area: Area, size: Size) {
    head(canvas, plot, area, size);
    let axis = Axis::of(plot, size.figures);
    let labels: Vec<String> = axis.marks.iter().map(|mark| plot.unit.write(*mark)).collect();
    let widest = labels
        .iter()
        .map(|label| width(label, size.marks))
        .max()
        .unwrap_or(0);
    let field = Field {
        area: Area {
            left: area.left + size.edge + widest + 12,
            top: area.top + size.edge + size.title * 3 / 2,
            right: area.right - size.edge - 6,
            bottom: area.bottom - size.edge - size.marks * 4 / 3,
        },
        axis,
        from: chart.from,
        to: chart.to,
    };
    grid(canvas, &field, &labels, size);
    for (n, line) in plot.lines.iter().enumerate().rev() {
        let pen = Pen {
            colour: colour(n),
            wide: size.wide,
        };
        curve(canvas, &field, line, chart.step, pen);
    }
    limit(canvas, plot, &field, size);
    moments(canvas, chart, &field, size);
    if !plot.lines.iter().any(|line| !line.points.is_empty()) {
        let middle = spot(
            i32::midpoint(field.area.left, field.area.right),
            i32::midpoint(field.area.top, field.area.bottom),
        );
        let letters = Letters {
            size: size.title,
            colour: QUIET,
            at: At::Middle,
            room: field.area.width(),
        };
        canvas.text("no data", middle, letters);
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy)]
struct Pen {
    colour: RGBColor,
    wide: u32,
}

fn colour(n: usize) -> RGBColor {
    COLOURS[n % COLOURS.len()]
}

/// What happened meanwhile, by numbers.
fn moments(canvas: &mut Canvas, chart: &Chart, field: &Field, size: Size) {
    let radius = size.marks * 3 / 5;
    let letters = Letters {
        size: size.marks * 4 / 5,
        colour: GROUND,
        at: At::Middle,
        room: 4 * radius,
    };
    let within = |mark: &&Mark| mark.at >= chart.from && mark.at <= chart.to;
    for mark in chart.marks.iter().filter(within) {
        let x = field.x(mark.at);
        let top = spot(x, field.area.top);
        canvas.dashes(top, spot(x, field.area.bottom), WORDS.mix(0.6), 2);
        canvas.dot(top, radius, WORDS);
        canvas.text(&mark.number.to_string(), top, letters);
    }
}

/// The title, and what the figure is now.
fn head(canvas: &mut Canvas, plot: &Plot, area: Area, size: Size) {
    let y = area.top + size.edge + size.title / 2;
    let right = area.right - size.edge - 6;
    let (now, shade) = match &plot.now {
        Some(now) if plot.over => (now.as_str(), LIMIT),
        Some(now) => (now.as_str(), WORDS),
        None => ("–", QUIET),
    };
    let figure = Letters {
        size: size.title,
        colour: shade,
        at: At::Left,
        room: area.width(),
    };
    canvas.text(now, spot(right, y), figure);
    let left = area.left + size.edge;
    let title = Letters {
        colour: WORDS,
        at: At::Right,
        room: right - left - width(now, size.title) - size.title,
        ..figure
    };
    canvas.text(&plot.title, spot(left, y), title);
}

fn grid(canvas: &mut Canvas, field: &Field, labels: &[String], size: Size) {
    let Area {
        left, right, bottom, ..
    } = field.area;
    let figure = Letters {
        size: size.marks,
        colour: QUIET,
        at: At::Left,
        room: left,
    };
    for (mark, label) in field.axis.marks.iter().zip(labels) {
        let y = field.y(*mark);
        canvas.line(&[spot(left, y), spot(right, y)], GRID, 1);
        canvas.text(label, spot(left - 10, y), figure);
    }
    canvas.line(&[spot(left, bottom), spot(right, bottom)], GRID, 2);
    let time = Letters {
        at: At::Middle,
        room: right,
        ..figure
    };
    for (at, label) in times(field.from, field.to, size.times) {
        let x = field.x(at);
        canvas.line(&[spot(x, bottom), spot(x, bottom + 8)], GRID, 2);
        let half = width(&label, size.marks) / 2;
        // A mark at the very edge keeps its label within the picture.
        let x = x.max(left + half - size.edge).min(right - half + size.edge);
        canvas.text(&label, spot(x, bottom + size.marks * 4 / 5 + 4), time);
    }
}

/// The bound, and a shade over what is beyond it.
fn limit(canvas: &mut Canvas, plot: &Plot, field: &Field, size: Size) {
    let Some(limit) = plot.limit else {
        return;
    };
    let Area {
        left,
        top,
        right,
        bottom,
    } = field.area;
    let y = field.y(limit.bound);
    let (top_of, bottom_of) = match limit.side {
        Side::Below => (top, y),
        Side::Above => (y, bottom),
    };
    let shade = Area {
        left,
        top: top_of,
        right,
        bottom: bottom_of,
    };
    canvas.block(shade, LIMIT.mix(0.1));
    canvas.dashes(spot(left, y), spot(right, y), LIMIT, 3);
    // On the side that has more room.
    let above = y - top > bottom - y || y - top > size.marks * 2;
    let by = size.marks * 3 / 5 + 2;
    let at = spot(right - 4, if above { y - by } else { y + by });
    let letters = Letters {
        size: size.marks,
        colour: LIMIT,
        at: At::Left,
        room: field.area.width(),
    };
    canvas.text(&limit.written(&plot.unit), at, letters);
}

/// A line, with a gap wherever nothing was measured.
fn curve(canvas: &mut Canvas, field: &Field, line: &Line, step: Duration, pen: Pen) {
    for run in runs(line, step) {
        let spots: Vec<Spot> = run
            .iter()
            .map(|(at, figure)| spot(field.x(*at), field.y(*figure)))
            .collect();
        match spots.as_slice() {
            [one] => canvas.dot(*one, i32::try_from(pen.wide).unwrap_or(3), pen.colour),
            many => canvas.line(many, pen.colour, pen.wide),
        }
    }
}

/// The stretches over which figures lie no further apart than a step, and can be drawn.
fn runs(line: &Line, step: Duration) -> Vec<Vec<(Timestamp, f64)>> {
    let apart = step.mul_f64(1.5);
    let mut runs: Vec<Vec<(Timestamp, f64)>> = Vec::new();
    let mut broken = true;
    for point in &line.points {
        if !point.figure.is_finite() {
            broken = true;
            continue;
        }
        let next = (point.at, point.figure);
        match runs.last_mut() {
            Some(run)
                if !broken
                    && run
                        .last()
                        .is_some_and(|(last, _)| since(*last, point.at) <= apart) =>
            {
                run.push(next);
            }
            _ => runs.push(vec![next]),
        }
        broken = false;
    }
    runs
}

/// What the lines are of, one below the other.
pub(super) fn legend(canvas: &mut Canvas, plot: &Plot, top: i32, height: i32) {
    for (n, line) in (0..).zip(&plot.lines) {
        let y = top + n * height + height / 2 - 8;
        let left = LARGE.edge;
        let block = Area {
            left,
            top: y - 9,
            right: left + 28,
            bottom: y + 9,
        };
        canvas.block(block, colour(usize::try_from(n).unwrap_or_default()));
        let letters = Letters {
            size: LARGE.marks - 4,
            colour: WORDS,
            at: At::Right,
            room: WIDTH - left - 60,
        };
        let name = if line.name.is_empty() { "–" } else { &line.name };
        canvas.text(name, spot(left + 42, y), letters);
    }
}

#[cfg(test)]
mod tests {
    use ceo_commands::ports::chart::Point;

    use super::*;

    #[test]
    fn where_nothing_was_measured_nothing_is_drawn() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let points = [
            (0, 1.0),
            (30, 2.0),
            (120, 3.0),
            (150, f64::INFINITY),
            (180, 4.0),
            (210, 0.0),
        ];
        let line = Line {
            name: String::new(),
            points: points
                .iter()
                .map(|(second, figure)| Point {
                    at: at(*second),
                    figure: *figure,
                })
                .collect(),
        };
        let found: Vec<Vec<i64>> = runs(&line, Duration::from_secs(30))
            .iter()
            .map(|run| run.iter().map(|(at, _)| at.as_second()).collect())
            .collect();
        assert_eq!(found, [vec![0, 30], vec![120], vec![180, 210]]);
    }
}
