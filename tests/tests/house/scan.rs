//! Reads Rust source as far as the rules of the house need it: the code without comments, texts and test modules, the
//! texts with what stands around them, and the functions.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// A file of Rust source.
#[derive(Clone)]
pub(crate) struct Source {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    /// As written.
    pub(crate) text: String,
    /// Comments, the insides of texts, and test modules blanked; each character stands where it stood.
    pub(crate) code: String,
    /// The texts outside test modules.
    pub(crate) literals: Vec<Literal>,
    /// Whether the whole file is a test module of another.
    pub(crate) only_tests: bool,
}

/// A text in the source.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    pub(crate) line: usize,
    /// What stands between the quotes, escapes as written.
    pub(crate) value: String,
    /// The calls, macros and attributes around it, the outermost first: `tracing::info!`, `#`, `split_once`.
    pub(crate) inside: Vec<String>,
}

/// A function of the code, closures not counted.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// Whether it may be called from elsewhere by its own right, not by a trait's.
    pub(crate) is_public: bool,
    /// The types of its parameters; a receiver is `self`.
    pub(crate) parameters: Vec<String>,
    /// Lines of code between its braces.
    pub(crate) lines: usize,
}

impl Source {
    /// Source as it would be read from a file.
    pub(crate) fn of(path: &str, text: &str, only_tests: bool) -> Self {
        let code = without_tests(&blank(text));
        Self {
            path: path.to_owned(),
            literals: literals(text, &code),
            code,
            text: text.to_owned(),
            only_tests,
        }
    }

    /// Lines that hold code.
    pub(crate) fn lines_of_code(&self) -> usize {
        if self.only_tests { 0 } else { lines_of(&self.code) }
    }

    /// Its functions.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let chars: Vec<char> = self.code.chars().collect();
        let mut list = Vec::new();
        let mut line = 1;
        for at in 0..chars.len() {
            if chars[at] == '\n' {
                line += 1;
            }
            let begins = chars[at..].starts_with(&['f', 'n', ' ']) && (at == 0 || !is_word(chars[at - 1]));
            if begins {
                list.extend(function(&chars, at + 3, line));
            }
        }
        list
    }
}

fn lines_of(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

fn function(chars: &[char], from: usize, line: usize) -> Option<Function> {
    let name: String = chars[from..].iter().take_while(|c| is_word(**c)).collect();
    // A type `fn (..)` has no name.
    if name.is_empty() {
        return None;
    }
    let mut at = from + name.len();
    if chars.get(at) == Some(&'<') {
        at = closing(chars, at);
    }
    if chars.get(at) != Some(&'(') {
        return None;
    }
    let end = closing(chars, at);
    let parameters = split(&chars[at + 1..end - 1])
        .iter()
        .map(|p| kind_of(p))
        .collect();
    let body = chars[end..].iter().position(|c| matches!(c, '{' | ';'))? + end;
    let lines = if chars[body] == '{' {
        let inside: String = chars[body + 1..closing(chars, body).saturating_sub(1).max(body + 1)]
            .iter()
            .collect();
        lines_of(&inside)
    } else {
        0
    };
    let before: String = chars[from.saturating_sub(60)..from].iter().collect();
    let head = before.rsplit([';', '{', '}', '\n']).next().unwrap_or("");
    Some(Function {
        name,
        line,
        is_public: head.split_whitespace().any(|word| word.starts_with("pub")),
        parameters,
        lines,
    })
}

/// The type of a parameter.
fn kind_of(parameter: &str) -> String {
    let parameter = parameter.trim();
    let mut depth = 0;
    for (at, c) in parameter.char_indices() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            ')' | ']' | '}' | '>' => depth -= 1,
            ':' if depth == 0 => return parameter[at + 1..].trim().to_owned(),
            _ => {}
        }
    }
    parameter.to_owned()
}

/// At the commas that stand in no bracket.
fn split(chars: &[char]) -> Vec<String> {
    let mut list = vec![String::new()];
    let mut depth = 0;
    for (at, c) in chars.iter().enumerate() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if at > 0 && matches!(chars[at - 1], '-' | '=') => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            ',' if depth == 0 => {
                list.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = list.last_mut() {
            last.push(*c);
        }
    }
    list.retain(|part| !part.trim().is_empty());
    list
}

/// Behind the bracket that closes the one at `open`.
fn closing(chars: &[char], open: usize) -> usize {
    let (opens, closes) = match chars[open] {
        '(' => ('(', ')'),
        '[' => ('[', ']'),
        '<' => ('<', '>'),
        _ => ('{', '}'),
    };
    let mut depth = 0;
    for at in open..chars.len() {
        if chars[at] == opens {
            depth += 1;
        } else if chars[at] == closes && !(closes == '>' && matches!(chars[at - 1], '-' | '=')) {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    chars.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// All Rust source under some folders.
pub(crate) fn sources(folders: &[&str]) -> Vec<Source> {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let mut list = Vec::new();
        for folder in ["bot", "commands", "tests"] {
            for path in files(&root().join(folder)) {
                if path.extension().is_some_and(|e| e == "rs") {
                    let text =
                        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                    list.push(Source::of(&relative(&path), &text, is_test_module(&path)));
                }
            }
        }
        list
    });
    let under = |s: &&Source| {
        folders.iter().any(|folder| {
            s.path
                .strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    let list: Vec<Source> = ALL.iter().filter(under).cloned().collect();
    assert!(!list.is_empty(), "no source in {folders:?}");
    list
}

/// `settings/tests.rs` is a test module when the room's face declares it under `cfg(test)`; so is a file that a module
/// beside it or above it names by `path` there, and all that stands in the folder of such a module.
fn is_test_module(path: &Path) -> bool {
    let (Some(name), Some(file), Some(folder)) = (path.file_stem(), path.file_name(), path.parent()) else {
        return false;
    };
    if !relative(path).contains("/src/") {
        return false;
    }
    let (name, file) = (name.to_string_lossy(), file.to_string_lossy());
    let room = folder.file_name().map(|f| f.to_string_lossy().into_owned());
    let mut marks = Vec::new();
    for sight in ["", "pub(crate) ", "pub(super) "] {
        marks.push(format!("#[cfg(test)]\n{sight}mod {name};"));
        for at in [
            file.to_string(),
            format!("{}/{file}", room.as_deref().unwrap_or("")),
        ] {
            marks.push(format!("#[cfg(test)]\n#[path = \"{at}\"]\n{sight}mod "));
        }
    }
    let mut beside: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|other| other != path && other.extension().is_some_and(|e| e == "rs"))
        .collect();
    beside.push(folder.with_extension("rs"));
    let declared = beside
        .iter()
        .filter_map(|other| fs::read_to_string(other).ok())
        .any(|text| marks.iter().any(|mark| text.contains(mark)));
    declared
        || room.as_deref() == Some("tests") && name != "mod" && is_test_module(&folder.join("mod.rs"))
        || name == "mod" && room.as_deref() == Some("tests") && is_test_module(&folder.with_extension("rs"))
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
    let in_word = at > 0 && is_word(chars[at - 1]);
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

/// Blanks `#[cfg(test)] mod x { ... }`, and whatever else follows such a mark.
pub(crate) fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut chars: Vec<char> = code.chars().collect();
    let mark: Vec<char> = MARK.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at..].starts_with(&mark) {
            at += 1;
            continue;
        }
        let open = chars[at..].iter().position(|c| *c == '{').map(|i| i + at);
        let semicolon = chars[at..].iter().position(|c| *c == ';').map(|i| i + at);
        let end = match (open, semicolon) {
            (Some(open), semicolon) if semicolon.is_none_or(|s| open < s) => closing(&chars, open),
            (_, Some(semicolon)) => semicolon + 1,
            _ => at + mark.len(),
        };
        for c in &mut chars[at..end] {
            if *c != '\n' {
                *c = ' ';
            }
        }
        at = end;
    }
    chars.into_iter().collect()
}

/// The texts of a file, told by what stands of them in its code.
fn literals(text: &str, code: &str) -> Vec<Literal> {
    let (text, code): (Vec<char>, Vec<char>) = (text.chars().collect(), code.chars().collect());
    let mut list = Vec::new();
    let mut around: Vec<String> = Vec::new();
    let (mut at, mut line) = (0, 1);
    // The function whose body is to come.
    let mut function = None;
    while at < code.len() {
        match code[at] {
            '\n' => line += 1,
            'f' if let Some(name) = function_at(&code, at) => function = Some(format!("fn {name}")),
            ';' => function = None,
            '{' => around.push(function.take().unwrap_or_else(|| before(&code, at))),
            '(' | '[' => around.push(before(&code, at)),
            ')' | ']' | '}' => drop(around.pop()),
            'r' | '"' if let Some(end) = text_end(&text, at) => {
                let value: String = text[at..end].iter().collect();
                list.push(Literal {
                    line,
                    value: value
                        .trim_start_matches('r')
                        .trim_matches('#')
                        .trim_matches('"')
                        .to_owned(),
                    inside: around.iter().filter(|a| !a.is_empty()).cloned().collect(),
                });
                line += text[at..end].iter().filter(|c| **c == '\n').count();
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    list
}

/// The name of the function that is declared at `at`.
fn function_at(code: &[char], at: usize) -> Option<String> {
    let declared = code[at..].starts_with(&['f', 'n', ' ']) && (at == 0 || !is_word(code[at - 1]));
    declared.then(|| code[at + 3..].iter().take_while(|c| is_word(**c)).collect())
}

/// The call, macro or attribute whose bracket stands at `open`.
fn before(code: &[char], open: usize) -> String {
    let mut from = open;
    while from > 0 && (is_word(code[from - 1]) || matches!(code[from - 1], ':' | '!' | '#')) {
        from -= 1;
    }
    code[from..open].iter().collect()
}

#[test]
fn the_scanner_counts_code_alone() {
    let text = "//! a\n/* b\n/* c */ */\nfn a() { // d\n let s = \"// }\\\" e\"; let c = '\"'; let r = r#\"\"{\"#;\n}\n\n";
    let code = blank(text);
    assert_eq!(code.lines().filter(|l| !l.trim().is_empty()).count(), 3);
    assert_eq!(
        (code.matches('{').count(), code.matches('}').count()),
        (1, 1),
        "{code}"
    );
    assert!(!code.contains("//") && !code.contains('*'), "{code}");
}

#[test]
fn the_scanner_reads_texts_with_what_stands_around_them() {
    let text = "#[error(\"a b\")]\nfn f() {\n x.split_once(\"c\");\n tracing::info!(n = g(\"d\"), \"e \\\" f\");\n}\n\
                #[cfg(test)]\nmod tests { const S: &str = \"g\"; }\nconst R: &str = r#\"h \"i\" \"#;\n";
    let source = Source::of("a.rs", text, false);
    let all: Vec<_> = source
        .literals
        .iter()
        .map(|l| (l.line, l.value.as_str()))
        .collect();
    assert_eq!(
        all,
        [(1, "a b"), (3, "c"), (4, "d"), (4, "e \\\" f"), (8, "h \"i\" ")]
    );
    let inside = |at: usize| source.literals[at].inside.join(" ");
    assert_eq!(
        [inside(0), inside(1), inside(2), inside(3)],
        [
            "# error",
            "fn f split_once",
            "fn f tracing::info! g",
            "fn f tracing::info!"
        ]
    );
}

#[test]
fn the_scanner_reads_functions() {
    let text = "impl<T> A<T> {\n fn f<F: Fn(u8) -> u8>(&self, (a, b): (&str, u8), g: F, m: &HashMap<u8, (u8, u8)>) -> u8 {\n  a;\n\n  // b\n  b\n }\n}\n\
                trait B { fn g(self: Box<Self>); }\ntype C = fn (u8);\n";
    let all = Source::of("a.rs", text, false).functions();
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!((all[0].name.as_str(), all[0].line, all[0].lines), ("f", 2, 2));
    assert_eq!(
        all[0].parameters,
        ["&self", "(&str, u8)", "F", "&HashMap<u8, (u8, u8)>"]
    );
    assert_eq!((all[1].name.as_str(), all[1].parameters.len()), ("g", 1));
}
