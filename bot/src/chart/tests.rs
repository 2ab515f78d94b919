//! Pictures as they come out. With `CEO_CHARTS` naming a folder they are left there to be looked at.

use std::time::Duration;

use ceo_commands::{
    model::{Limit, Side, Timestamp, Unit},
    ports::chart::{Line, Mark, Plot, Point},
};

use super::*;

const END: i64 = 1_780_003_600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn line(name: &str, figure: impl Fn(f64) -> Option<f64>) -> Line {
    let points = (0..=120).filter_map(|n| {
        let figure = figure(f64::from(n) / 120.0)?;
        let at = at(END - 3600 + i64::from(n) * 30);
        Some(Point { at, figure })
    });
    Line {
        name: name.to_owned(),
        points: points.collect(),
    }
}

fn plot(title: &str, unit: &str, limit: Option<(Side, f64)>, lines: Vec<Line>) -> Plot {
    let unit = Unit(unit.to_owned());
    let limit = limit.map(|(side, bound)| Limit { side, bound });
    let last = lines.first().and_then(|line| line.points.last());
    let now = last.filter(|point| point.at == at(END)).map(|point| point.figure);
    Plot {
        title: title.to_owned(),
        now: now.map(|now| unit.write(now)),
        over: now.is_some_and(|now| limit.is_some_and(|limit| !limit.holds(now))),
        unit,
        limit,
        lines,
    }
}

fn chart(plots: Vec<Plot>) -> Chart {
    Chart {
        from: at(END - 3600),
        to: at(END),
        step: Duration::from_secs(30),
        plots,
        marks: vec![
            Mark {
                at: at(END - 2400),
                number: 1,
            },
            Mark {
                at: at(END - 700),
                number: 2,
            },
        ],
    }
}

fn wave(x: f64) -> f64 {
    (x * 20.0).sin() + (x * 57.0).sin() / 3.0
}

/// The points of a picture, and how many stand in a row.
fn decoded(png: &[u8]) -> (Vec<u8>, usize) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut points = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut points).unwrap();
    (points, info.width as usize)
}

fn drawn(name: &str, chart: &Chart) -> Vec<u8> {
    let png = draw(chart).unwrap();
    if let Ok(folder) = std::env::var("CEO_CHARTS") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(format!("{folder}/{name}.png"), &png).unwrap();
    }
    assert!(png.len() < 300_000, "{name} has {} bytes", png.len());
    png
}

fn of_the_manual() -> Vec<Plot> {
    let below = |bound| Some((Side::Below, bound));
    vec![
        plot(
            "CPU",
            "%",
            below(70.0),
            vec![line("", |x| {
                Some(45.0 + 8.0 * wave(x) + if x > 0.8 { 35.0 } else { 0.0 })
            })],
        ),
        plot(
            "Memory",
            "%",
            below(80.0),
            vec![line("", |x| Some(50.0 + 20.0 * x))],
        ),
        plot("Disk", "%", below(85.0), vec![line("", |_| Some(61.2))]),
        plot(
            "Requests",
            "/s",
            None,
            vec![line("", |x| {
                (!(0.4..0.55).contains(&x)).then(|| 1250.0 + 200.0 * wave(x))
            })],
        ),
        plot(
            "Errors",
            "%",
            below(0.1),
            vec![line("", |x| {
                Some(0.02 + if x > 0.33 && x < 0.4 { 0.4 } else { 0.0 })
            })],
        ),
        plot(
            "P95",
            "ms",
            below(500.0),
            vec![line("", |x| Some(210.0 + 60.0 * wave(x)))],
        ),
        plot(
            "Available",
            "%",
            Some((Side::Above, 99.9)),
            vec![line("", |x| {
                Some(99.98 - if x > 0.33 && x < 0.4 { 0.4 } else { 0.0 })
            })],
        ),
        plot("Decisions", "/s", None, vec![]),
    ]
}

#[test]
fn all_figures_stand_side_by_side() {
    let png = drawn("all", &chart(of_the_manual()));
    let (points, width) = decoded(&png);
    assert_eq!((width, points.len() / 3 / width), (1000, 4 * 260));
}

#[test]
fn one_figure_is_large_and_its_lines_have_names() {
    let lines = (0..6).map(|n| {
        let name = format!("ceoagent-api-7d9f8-x{n}k2p");
        line(&name, move |x| {
            Some(30.0 + 6.0 * f64::from(n) + 9.0 * wave(x + f64::from(n)))
        })
    });
    let below = Some((Side::Below, 70.0));
    let many = plot("CPU", "%", below, lines.collect());
    let (points, width) = decoded(&drawn("many", &chart(vec![many])));
    assert_eq!((width, points.len() / 3 / width), (1000, 600 + 6 * 40));
    let one = plot(
        "P95",
        "ms",
        Some((Side::Below, 500.0)),
        vec![line("", |x| Some(300.0 + 280.0 * x * x))],
    );
    let (points, width) = decoded(&drawn("one", &chart(vec![one])));
    assert_eq!((width, points.len() / 3 / width), (1000, 600));
}

/// A gap is the ground, with nothing of the line's colour in it.
#[test]
fn nothing_is_drawn_where_nothing_was_measured() {
    let gap = |x: f64| (!(0.3..0.7).contains(&x)).then_some(50.0);
    let with = Chart {
        marks: vec![],
        ..chart(vec![plot("A", "", None, vec![line("", gap)])])
    };
    let (points, width) = decoded(&drawn("gap", &with));
    let blue = |x: usize| {
        (60..480).any(|y| {
            let at = (y * width + x) * 3;
            points[at] < 0x60 && points[at + 2] > 0xe0
        })
    };
    assert!(blue(250) && blue(900), "the line is there");
    assert!(!(450..650).any(blue), "the gap is a gap");
}

#[test]
fn whatever_is_measured_a_picture_comes_out() {
    let strange = [
        vec![],
        vec![line("", |_| Some(0.0))],
        vec![line("", |_| Some(f64::INFINITY))],
        vec![line("", |x| Some(if x < 0.5 { f64::MAX } else { f64::MIN }))],
        vec![line("", |x| (x == 0.0).then_some(5e-324))],
        vec![
            line("", |x| Some(-1e-9 * x)),
            line("\u{202e}名前\u{7}🦀", |_| Some(1e15)),
        ],
    ];
    for (n, lines) in strange.into_iter().enumerate() {
        for limit in [None, Some((Side::Below, 0.0)), Some((Side::Above, 1e9))] {
            let title = "a title that is much longer than there is room for it in the picture";
            drawn(
                &format!("strange-{n}"),
                &chart(vec![plot(title, "B", limit, lines.clone())]),
            );
        }
    }
    drawn("none", &chart(vec![]));
    let upside_down = Chart {
        from: at(END),
        to: at(END - 3600),
        ..chart(of_the_manual())
    };
    draw(&upside_down).unwrap();
}

#[test]
fn letters_that_are_not_there_are_known() {
    let painter = Painter::default();
    assert!(painter.writes("CPU 41.3% <70% ∞ – Größe память"));
    assert!(!painter.writes("内存使用率"));
}
