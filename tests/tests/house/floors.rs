//! The floors of each crate: a room may use its own floor and those below, and no two files use each other.

use std::collections::BTreeSet;

use crate::{
    modules::{Modules, circles},
    none,
    scan::{Source, sources},
};

/// The floors of a crate, the lowest first.
struct Crate {
    src: &'static str,
    floors: &'static [&'static [&'static str]],
    /// Edges that go up a floor, each with its reason.
    allowed: &'static [(&'static str, &'static str, &'static str)],
}

const COMMANDS: Crate = Crate {
    src: "commands/src",
    floors: &[
        &["model", "texts"],
        &["policy", "input", "redact", "objects", "manual"],
        &["ticket", "incident", "health"],
        &["ports"],
        &["cluster", "failure", "stored"],
        &["diagnosis"],
        &["workflow", "logs"],
        &["ops"],
        &["engine"],
    ],
    allowed: &[(
        "ticket",
        "ports",
        "permit::claim, the one door to a run, commits what it decides",
    )],
};

const BOT: Crate = Crate {
    src: "bot/src",
    floors: &[
        &["catalogue"],
        &["settings"],
        &[
            "store",
            "http",
            "discord",
            "watch",
            "probe",
            "manual",
            "schedule",
            "prometheus",
            "chart",
        ],
        &["app"],
        &["cli"],
    ],
    allowed: &[],
};

fn runs_up(house: &Crate, sources: &[Source]) -> Vec<String> {
    let floor = |path: &str| {
        let inside = path.trim_start_matches(house.src).trim_start_matches('/');
        let room = inside
            .split('/')
            .next()
            .unwrap_or("")
            .trim_end_matches(".rs")
            .to_owned();
        let floor = house.floors.iter().position(|f| f.contains(&room.as_str()));
        (room, floor)
    };
    let mut wrong = Vec::new();
    let mut needed = BTreeSet::new();
    for (from, all) in Modules::of(sources, house.src).edges() {
        let (room, here) = floor(&from);
        if matches!(room.as_str(), "lib" | "main") {
            continue;
        }
        let Some(here) = here else {
            wrong.push(format!("{from}: {room} stands on no floor"));
            continue;
        };
        for to in all {
            let (there_room, there) = floor(&to);
            if there_room == room || there.is_none_or(|there| there <= here) {
                continue;
            }
            let excused = house
                .allowed
                .iter()
                .find(|(a, b, _)| *a == room && *b == there_room);
            match excused {
                Some((a, b, _)) => drop(needed.insert((*a, *b))),
                None => wrong.push(format!("{from}: {room} uses {to}, a floor above it")),
            }
        }
    }
    for (a, b, _) in house.allowed {
        if !needed.contains(&(*a, *b)) {
            wrong.push(format!("{}: nothing needs the exception {a} -> {b}", house.src));
        }
    }
    wrong
}

fn in_circles(src: &str, sources: &[Source]) -> Vec<String> {
    let edges = Modules::of(sources, src).edges();
    let mut wrong = Vec::new();
    for circle in circles(&edges) {
        for file in &circle {
            let to: Vec<&str> = edges[file]
                .iter()
                .filter(|to| circle.contains(to))
                .map(|to| to.trim_start_matches(src).trim_start_matches('/'))
                .collect();
            wrong.push(format!("{file} uses {}", to.join(", ")));
        }
    }
    wrong
}

#[test]
fn no_use_runs_up_a_floor() {
    let mut wrong = runs_up(&COMMANDS, &sources(&[COMMANDS.src]));
    wrong.extend(runs_up(&BOT, &sources(&[BOT.src])));
    none("uses that run up a floor", wrong);
}

#[test]
fn no_two_files_use_each_other() {
    let mut wrong = Vec::new();
    for house in [&COMMANDS, &BOT] {
        wrong.extend(in_circles(house.src, &sources(&[house.src])));
    }
    none("files in circles", wrong);
}

#[test]
fn every_floor_is_built_of_rooms_that_are_there() {
    let mut wrong = Vec::new();
    for house in [&COMMANDS, &BOT] {
        let rooms: BTreeSet<String> = sources(&[house.src])
            .iter()
            .filter_map(|s| {
                s.path
                    .strip_prefix(house.src)?
                    .trim_start_matches('/')
                    .split('/')
                    .next()
                    .map(str::to_owned)
            })
            .map(|room| room.trim_end_matches(".rs").to_owned())
            .collect();
        let floors: BTreeSet<&str> = house.floors.concat().into_iter().collect();
        let planned = ["texts", "workflow", "logs", "diagnosis", "schedule"];
        wrong.extend(
            floors
                .iter()
                .filter(|room| !rooms.contains(**room) && !planned.contains(room))
                .map(|room| format!("{}: no room {room}", house.src)),
        );
    }
    none("rooms", wrong);
}

mod planted {
    use super::*;
    use crate::modules::tests::planted;

    const HOUSE: Crate = Crate {
        src: "c/src",
        floors: &[&["low"], &["high", "beside"]],
        allowed: &[],
    };

    #[test]
    fn a_use_that_runs_up_is_found() {
        let good = planted(&[
            ("c/src/lib.rs", "mod low; mod high; mod beside;"),
            ("c/src/low.rs", "pub struct L; // crate::high"),
            ("c/src/high/mod.rs", "use crate::{low::L, beside::B};"),
            ("c/src/beside.rs", "use crate::low::L;"),
        ]);
        assert!(runs_up(&HOUSE, &good).is_empty());
        let bad = planted(&[
            ("c/src/low.rs", "mod deep;"),
            ("c/src/low/deep.rs", "use super::super::high::H;"),
            ("c/src/high/mod.rs", "pub struct H;"),
            ("c/src/attic.rs", ""),
        ]);
        let wrong = runs_up(&HOUSE, &bad);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].starts_with("c/src/attic.rs: attic stands on no floor"));
        assert!(wrong[1].starts_with("c/src/low/deep.rs: low uses c/src/high/mod.rs"));
    }

    #[test]
    fn an_exception_that_nothing_needs_is_found() {
        let house = Crate {
            allowed: &[("low", "high", "a reason")],
            ..HOUSE
        };
        let up = planted(&[
            ("c/src/low.rs", "use crate::high::H;"),
            ("c/src/high.rs", "pub struct H;"),
        ]);
        assert!(runs_up(&house, &up).is_empty());
        assert_eq!(runs_up(&house, &planted(&[("c/src/low.rs", "")])).len(), 1);
    }

    #[test]
    fn a_circle_is_found() {
        let line = planted(&[
            ("c/src/r/mod.rs", "mod a; mod b; pub use a::A;"),
            ("c/src/r/a.rs", "use super::b::B;"),
            ("c/src/r/b.rs", "pub struct B;"),
        ]);
        assert!(in_circles("c/src", &line).is_empty());
        let circle = planted(&[
            ("c/src/r/mod.rs", "mod a; mod b; pub use a::A;"),
            ("c/src/r/a.rs", "use super::b::B;"),
            ("c/src/r/b.rs", "use super::A;"),
        ]);
        assert_eq!(
            in_circles("c/src", &circle),
            ["c/src/r/a.rs uses r/b.rs", "c/src/r/b.rs uses r/a.rs"]
        );
    }

    #[test]
    fn a_face_that_uses_its_files_is_not_used_by_them() {
        let circle = planted(&[
            ("c/src/r/mod.rs", "mod a; struct Shared; fn f() { a::go() }"),
            ("c/src/r/a.rs", "use super::Shared;"),
        ]);
        assert_eq!(in_circles("c/src", &circle).len(), 2);
    }
}
