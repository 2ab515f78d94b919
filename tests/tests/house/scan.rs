//! Reads Rust source as far as the rules of the house need it: without comments, texts and test modules, and with the
//! names of the modules that it uses.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of Rust source.
pub(crate) struct Source {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    /// As written.
    pub(crate) text: String,
    /// Comments and the insides of texts blanked, test modules cut out; as many lines as written until the cut.
    pub(crate) code: String,
    /// Whether the whole file is a test module of another.
    pub(crate) only_tests: bool,
}

impl Source {
    /// Lines that hold code.
    pub(crate) fn lines_of_code(&self) -> usize {
        if self.only_tests {
            return 0;
        }
        self.code.lines().filter(|line| !line.trim().is_empty()).count()
    }
}

/// All Rust source under some folders.
pub(crate) fn sources(folders: &[&str]) -> Vec<Source> {
    let mut list = Vec::new();
    for folder in folders {
        for path in files(&root().join(folder)) {
            if path.extension().is_some_and(|e| e == "rs") {
                list.push(source(&path));
            }
        }
    }
    assert!(!list.is_empty(), "no source in {folders:?}");
    list
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Source {
        path: relative(path),
        code: without_tests(&blank(&text)),
        only_tests: is_test_module(path),
        text,
    }
}

/// `settings/tests.rs` is a test module when `settings/mod.rs` declares it under `cfg(test)`; so is a file that a module
/// beside it names by `path` there.
fn is_test_module(path: &Path) -> bool {
    let (Some(name), Some(file), Some(folder)) = (path.file_stem(), path.file_name(), path.parent()) else {
        return false;
    };
    let declared = format!("#[cfg(test)]\nmod {};", name.to_string_lossy());
    let named = format!("#[cfg(test)]\n#[path = \"{}\"]", file.to_string_lossy());
    let mut beside = files(folder);
    beside.push(folder.with_extension("rs"));
    beside
        .iter()
        .filter(|other| *other != path && other.extension().is_some_and(|e| e == "rs"))
        .filter_map(|other| fs::read_to_string(other).ok())
        .any(|text| text.contains(&declared) || text.contains(&named))
}

/// A path from the repository's root, with `/`.
pub(crate) fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// All files under a folder, in order; without what is built or hidden.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut list = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return list;
    };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name == "target" || name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            list.extend(files(&path));
        } else {
            list.push(path);
        }
    }
    list.sort();
    list
}

/// Comments and the insides of texts as spaces; line breaks stay.
pub(crate) fn blank(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = comment_end(&chars, at)
            .map(|end| (end, false))
            .or_else(|| text_end(&chars, at).map(|end| (end, true)));
        match end {
            Some((end, keep_ends)) => {
                for (i, c) in chars.iter().enumerate().take(end).skip(at) {
                    let edge = keep_ends && (i == at || i + 1 == end);
                    out.push(if edge || *c == '\n' { *c } else { ' ' });
                }
                at = end;
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

fn comment_end(chars: &[char], at: usize) -> Option<usize> {
    match chars.get(at..at + 2)? {
        ['/', '/'] => Some(
            (at..chars.len())
                .find(|i| chars[*i] == '\n')
                .unwrap_or(chars.len()),
        ),
        ['/', '*'] => {
            let mut depth = 0;
            let mut i = at;
            while i + 1 < chars.len() {
                match (chars[i], chars[i + 1]) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') if depth == 1 => return Some(i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
            }
            Some(chars.len())
        }
        _ => None,
    }
}

fn text_end(chars: &[char], at: usize) -> Option<usize> {
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match chars[at] {
        'r' if !in_word || chars[at - 1] == 'b' => {
            let marks = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            if chars.get(at + 1 + marks) != Some(&'"') {
                return None;
            }
            let mut i = at + 2 + marks;
            while i < chars.len() {
                let closed = chars[i] == '"'
                    && chars[i + 1..].iter().take(marks).filter(|c| **c == '#').count() == marks;
                if closed {
                    return Some(i + 1 + marks);
                }
                i += 1;
            }
            Some(chars.len())
        }
        '"' => {
            let mut i = at + 1;
            while i < chars.len() && chars[i] != '"' {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            Some((i + 1).min(chars.len()))
        }
        // A character; what is not one is a lifetime.
        '\'' if chars.get(at + 1) == Some(&'\\') => {
            let from = at + 3;
            (from..chars.len().min(from + 10))
                .find(|i| chars[*i] == '\'')
                .map(|i| i + 1)
        }
        '\'' if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        _ => None,
    }
}

/// Cuts out `#[cfg(test)] mod x { ... }`.
pub(crate) fn without_tests(code: &str) -> String {
    let mut rest = code;
    let mut out = String::new();
    while let Some(at) = rest.find("#[cfg(test)]") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let body = after["#[cfg(test)]".len()..].trim_start();
        let open = body.find('{').filter(|_| body.starts_with("mod "));
        let semicolon = body.find(';');
        rest = match (open, semicolon) {
            (Some(open), semicolon) if semicolon.is_none_or(|s| open < s) => &body[closing(body, open)..],
            (_, Some(semicolon)) => &body[semicolon + 1..],
            _ => body,
        };
    }
    out.push_str(rest);
    out
}

fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The top-level modules of its own crate that a file's code names, by `crate::` or by `super::` up to the root.
pub(crate) fn uses(source: &Source, src: &str) -> Vec<String> {
    let mut list = heads(&source.code, "crate::");
    let inside = source
        .path
        .strip_prefix(src)
        .unwrap_or(&source.path)
        .trim_start_matches('/');
    let depth = inside
        .trim_end_matches("/mod.rs")
        .trim_end_matches(".rs")
        .split('/')
        .count();
    let up = "super::".repeat(depth);
    list.extend(heads(&source.code, &up));
    list.sort();
    list.dedup();
    list
}

fn heads(code: &str, prefix: &str) -> Vec<String> {
    let mut list = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        if code[..at].ends_with("super::") {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => list.extend(word(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut begins = true;
                for (i, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => begins = true,
                        c if begins && (c.is_alphanumeric() || c == '_') => {
                            list.extend(word(&group[i..]));
                            begins = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    list
}

fn word(text: &str) -> Option<String> {
    let word: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    // A capital is an item of the crate's root, not a module.
    (word.starts_with(|c: char| c.is_lowercase())).then_some(word)
}
