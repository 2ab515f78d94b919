//! Which file of a crate uses which: paths are resolved as the compiler does, through what a room's face passes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::scan::Source;

/// The files of a crate and what each uses.
pub(crate) struct Modules<'a> {
    /// By path: `engine::press`; the crate's root is empty.
    files: BTreeMap<Vec<String>, Module<'a>>,
}

struct Module<'a> {
    source: &'a Source,
    /// What it passes on from elsewhere: the name here, and the whole path there.
    passed_on: BTreeMap<String, Vec<String>>,
    /// Whole paths of what it passes on by `*`.
    all_of: Vec<Vec<String>>,
}

/// A path in the code, and whether it only passes something on.
struct Used {
    path: Vec<String>,
    name: String,
    passed_on: bool,
}

impl<'a> Modules<'a> {
    /// The modules of a crate; `src` is its folder.
    pub(crate) fn of(sources: &'a [Source], src: &str) -> Self {
        let mut files = BTreeMap::new();
        for source in sources
            .iter()
            .filter(|s| !s.only_tests && s.path.starts_with(src))
        {
            let module = Module {
                source,
                passed_on: BTreeMap::new(),
                all_of: Vec::new(),
            };
            files.insert(module_of(&source.path, src), module);
        }
        let mut all = Self { files };
        let here: Vec<Vec<String>> = all.files.keys().cloned().collect();
        for at in here {
            let used = all.used(&at);
            let Some(module) = all.files.get_mut(&at) else {
                continue;
            };
            for one in used.into_iter().filter(|one| one.passed_on) {
                if one.name == "*" {
                    module.all_of.push(one.path[..one.path.len() - 1].to_vec());
                } else {
                    module.passed_on.insert(one.name, one.path);
                }
            }
        }
        all
    }

    /// For each file the files that it uses.
    pub(crate) fn edges(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut edges = BTreeMap::new();
        for (at, module) in &self.files {
            let to = self
                .used(at)
                .into_iter()
                .filter(|used| !used.passed_on)
                .filter_map(|used| self.file_of(&used.path, 0))
                .filter(|path| *path != module.source.path)
                .collect();
            edges.insert(module.source.path.clone(), to);
        }
        edges
    }

    /// The file in which something is, by its whole path.
    fn file_of(&self, path: &[String], depth: usize) -> Option<String> {
        let known = (0..=path.len())
            .rev()
            .find(|n| self.files.contains_key(&path[..*n]))?;
        let module = &self.files[&path[..known]];
        let Some(item) = path.get(known).filter(|_| depth < 8) else {
            return Some(module.source.path.clone());
        };
        if let Some(elsewhere) = module.passed_on.get(item) {
            return self.file_of(elsewhere, depth + 1);
        }
        let defined = [
            "fn",
            "struct",
            "enum",
            "trait",
            "type",
            "const",
            "static",
            "mod",
            "macro_rules!",
        ]
        .iter()
        .any(|kind| defines(&module.source.code, kind, item));
        if !defined && let Some(all) = module.all_of.first() {
            let mut elsewhere = all.clone();
            elsewhere.push(item.clone());
            return self.file_of(&elsewhere, depth + 1);
        }
        Some(module.source.path.clone())
    }

    /// The whole paths in a file's code.
    fn used(&self, at: &[String]) -> Vec<Used> {
        let code: Vec<char> = self.files[at].source.code.chars().collect();
        let mut list = Vec::new();
        let mut i = 0;
        while i < code.len() {
            let begins = code[i].is_alphabetic() && (i == 0 || !in_path(code[i - 1]));
            if !begins {
                i += 1;
                continue;
            }
            let word = word(&code, i);
            let end = i + word.len();
            let is_use = word == "use";
            if is_use {
                let passed_on = ends_with_pub(&code[..i]);
                let mut tree = Vec::new();
                let end = self.tree(&code, skip(&code, end), &mut Vec::new(), &mut tree);
                let whole = tree.into_iter().filter_map(|(path, name)| {
                    let path = self.whole(at, &path)?;
                    Some(Used {
                        path,
                        name,
                        passed_on,
                    })
                });
                list.extend(whole);
                i = end;
                continue;
            }
            if code[end..].starts_with(&[':', ':']) {
                let mut tree = Vec::new();
                let after = self.tree(&code, i, &mut Vec::new(), &mut tree);
                let whole = tree.into_iter().filter_map(|(path, name)| {
                    let path = self.whole(at, &path)?;
                    Some(Used {
                        path,
                        name,
                        passed_on: false,
                    })
                });
                list.extend(whole);
                i = after.max(end);
                continue;
            }
            i = end;
        }
        list
    }

    /// A path from the crate's root; `None` when it leads elsewhere.
    fn whole(&self, at: &[String], path: &[String]) -> Option<Vec<String>> {
        let mut rest = path;
        let mut whole = at.to_vec();
        match path.first()?.as_str() {
            "crate" => {
                whole.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|w| w == "super") {
                    whole.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                let mut child = at.to_vec();
                child.push(first.to_owned());
                self.files.contains_key(&child).then_some(())?;
            }
        }
        whole.extend(rest.iter().cloned());
        Some(whole)
    }

    /// Reads a path or a tree of paths, each with the name that it has here; gives where it ends.
    fn tree(
        &self,
        code: &[char],
        from: usize,
        above: &mut Vec<String>,
        out: &mut Vec<(Vec<String>, String)>,
    ) -> usize {
        let depth = above.len();
        let mut at = from;
        loop {
            match code.get(at) {
                Some('{') => {
                    at = skip(code, at + 1);
                    while code.get(at).is_some_and(|c| *c != '}') {
                        let before = at;
                        at = skip(code, self.tree(code, at, above, out));
                        if code.get(at) == Some(&',') {
                            at = skip(code, at + 1);
                        }
                        if at == before {
                            break;
                        }
                    }
                    at += 1;
                    break;
                }
                Some('*') => {
                    above.push("*".to_owned());
                    out.push((above.clone(), "*".to_owned()));
                    at += 1;
                    break;
                }
                _ => {
                    let word = word(code, at);
                    if word.is_empty() {
                        break;
                    }
                    at += word.len();
                    if word != "self" || above.is_empty() {
                        above.push(word);
                    }
                    if code[at..].starts_with(&[':', ':']) {
                        at += 2;
                        continue;
                    }
                    let mut name = above.last().cloned().unwrap_or_default();
                    let next = skip(code, at);
                    if code[next..].starts_with(&['a', 's', ' ']) {
                        let from = skip(code, next + 2);
                        name = self::word(code, from);
                        at = from + name.len();
                    }
                    out.push((above.clone(), name));
                    break;
                }
            }
        }
        above.truncate(depth);
        at
    }
}

fn module_of(path: &str, src: &str) -> Vec<String> {
    let inside = path.strip_prefix(src).unwrap_or(path).trim_start_matches('/');
    let inside = inside.trim_end_matches(".rs");
    let inside = inside.strip_suffix("/mod").unwrap_or(inside);
    if matches!(inside, "lib" | "main" | "mod") {
        return Vec::new();
    }
    inside.split('/').map(str::to_owned).collect()
}

fn defines(code: &str, kind: &str, item: &str) -> bool {
    let head = format!("{kind} {item}");
    code.match_indices(&head).any(|(at, _)| {
        let next = code[at + head.len()..].chars().next();
        !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

fn in_path(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '$' | '.')
}

fn word(code: &[char], at: usize) -> String {
    code[at.min(code.len())..]
        .iter()
        .take_while(|c| c.is_alphanumeric() || **c == '_')
        .collect()
}

fn skip(code: &[char], at: usize) -> usize {
    (at..code.len())
        .find(|i| !code[*i].is_whitespace())
        .unwrap_or(code.len())
}

/// Whether `pub` or `pub(...)` stands before.
fn ends_with_pub(code: &[char]) -> bool {
    let from = code.len().saturating_sub(24);
    let before: String = code[from..].iter().collect();
    let before = before.trim_end();
    before.ends_with("pub")
        || before
            .rfind("pub(")
            .is_some_and(|at| before[at..].ends_with(')') && !before[at..].contains(';'))
}

/// The groups of files that use one another in a circle.
pub(crate) fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        edges.keys().map(|from| (from, reached(edges, from))).collect();
    let mut left: BTreeSet<&String> = edges.keys().collect();
    let mut list = Vec::new();
    while let Some(from) = left.pop_first() {
        let together: Vec<String> = reach[from]
            .iter()
            .filter(|to| reach.get(**to).is_some_and(|back| back.contains(from)))
            .map(|to| (*to).clone())
            .collect();
        for one in &together {
            left.remove(one);
        }
        if together.len() > 1 {
            list.push(together);
        }
    }
    list
}

fn reached<'e>(edges: &'e BTreeMap<String, BTreeSet<String>>, from: &'e String) -> BTreeSet<&'e String> {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        for to in edges.get(at).into_iter().flatten() {
            if seen.insert(to) {
                next.push(to);
            }
        }
    }
    seen
}

pub(crate) mod tests {
    use super::*;

    /// A crate of planted files.
    pub(crate) fn planted(files: &[(&str, &str)]) -> Vec<Source> {
        files
            .iter()
            .map(|(path, text)| Source::of(path, text, false))
            .collect()
    }

    fn edges_of(files: &[(&str, &str)]) -> Vec<String> {
        let sources = planted(files);
        let edges = Modules::of(&sources, "c/src").edges();
        let pairs = edges
            .iter()
            .flat_map(|(from, all)| all.iter().map(move |to| format!("{from} -> {to}")));
        pairs
            .map(|pair| pair.replace("c/src/", "").replace(".rs", ""))
            .collect()
    }

    #[test]
    fn every_way_to_another_file_is_seen() {
        let found = edges_of(&[
            ("c/src/lib.rs", "pub mod a; mod b; pub use b::Root;"),
            (
                "c/src/a/mod.rs",
                "mod x; mod y; mod z; pub use y::{Why, z as Other}; pub(crate) use z::*; struct Own; fn f() { x::go() }",
            ),
            (
                "c/src/a/x.rs",
                "use super::{Why, Own, super::b::{self, c::Deep}}; fn go() { crate::d::Thing::new(); other::e() }",
            ),
            (
                "c/src/a/y.rs",
                "use super::Zed as Last; // use super::x;\n#[cfg(test)] mod tests { use super::super::x; }",
            ),
            ("c/src/a/z.rs", "macro_rules! m { () => { $crate::a::x::go() } }"),
            (
                "c/src/b.rs",
                "use crate::{Root, d::*}; use self::c::Deep; mod c { }",
            ),
            ("c/src/d.rs", "fn f() { let s = \"crate::a\"; }"),
        ]);
        let expected = [
            "a/mod -> a/x",
            "a/x -> a/mod",
            "a/x -> a/y",
            "a/x -> b",
            "a/x -> d",
            "a/y -> a/z",
            "b -> d",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn circles_are_found_and_lines_are_none() {
        let edges = |pairs: &[(&str, &str)]| {
            let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (from, to) in pairs {
                edges
                    .entry((*from).to_owned())
                    .or_default()
                    .insert((*to).to_owned());
                edges.entry((*to).to_owned()).or_default();
            }
            edges
        };
        assert!(circles(&edges(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
        let two = circles(&edges(&[
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("c", "d"),
            ("d", "e"),
            ("e", "d"),
        ]));
        assert_eq!(two, [vec!["a", "b", "c"], vec!["d", "e"]]);
    }
}
