//! The difference between two pod templates, one line a field, as a person compares them. On a card stands what fits; the
//! whole goes along as a file.

mod fields;

use fields::{Fields, Line, containers};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::{
    model::{Code, File, Report},
    redact::Redactor,
    texts,
};

/// The most lines of a difference on a card.
const LINES: usize = 40;
/// The most characters of them.
const ROOM: usize = 1500;
/// The most characters of one line.
const WIDTH: usize = 200;

/// A difference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// What fits on a card.
    code: Code,
    /// All of it, where that is more.
    file: Option<File>,
}

impl Difference {
    pub(super) fn add_to(self, report: &mut Report) {
        report.add(self.code);
        if let Some(file) = self.file {
            report.add(texts::diff::in_file(&file.name));
            report.add(file);
        }
    }
}

/// The difference of two templates, `-` before and `+` after; `name` is that of the workload. `None` when nothing differs.
/// Without `quotes` it is told what differs, and no value that people chose.
#[must_use]
pub(super) fn templates(
    name: &str,
    before: &Value,
    after: &Value,
    quotes: Option<&Redactor>,
) -> Option<Difference> {
    let names = (containers(before), containers(after));
    let alone = names.0 == names.1 && names.0.len() == 1;
    let lines = changed(
        &Fields::of(before, alone, quotes),
        &Fields::of(after, alone, quotes),
    );
    if lines.is_empty() {
        return None;
    }
    Some(cut(name, &lines))
}

/// What fits on a card, and all of it where that is more.
fn cut(name: &str, lines: &[String]) -> Difference {
    let mut room = ROOM;
    let shown: Vec<String> = lines
        .iter()
        .take(LINES)
        .map(|line| shortened(line))
        .take_while(|line| {
            let length = line.chars().count() + 1;
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        })
        .collect();
    let all = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let mut text: String = shown.iter().map(|line| format!("{line}\n")).collect();
    if shown.len() < lines.len() {
        text.push_str(&format!("… {} of {}\n", shown.len(), lines.len()));
    }
    let file = (text != all).then(|| {
        let name = format!("{name}.diff");
        File::new(name, texts::diff::file(lines.len()), all.into_bytes())
    });
    Difference {
        code: Code {
            language: "diff".to_owned(),
            text,
        },
        file,
    }
}

/// A text before and after; `None` where there is none.
pub(super) struct Values<'a> {
    /// What it is called.
    pub(super) name: &'a str,
    /// What it says now.
    pub(super) before: Option<&'a str>,
    /// What it shall say.
    pub(super) after: Option<&'a str>,
}

/// The difference of two texts, line by line where they have several. `told` is what may be told of a line.
pub(super) fn values(values: &Values<'_>, told: &dyn Fn(&str) -> String) -> Difference {
    let lines = |text: Option<&str>| -> Vec<Line> {
        // A line's end at the end makes a difference, too.
        let lines = text.into_iter().flat_map(|text| text.split('\n'));
        lines.map(|line| Line::of(line, told(line))).collect()
    };
    let (before, after) = (lines(values.before), lines(values.after));
    let one = |lines: &[Line]| lines.len() <= 1;
    let name = values.name;
    let differ = if one(&before) && one(&after) {
        let of = |sign: char, there: Option<&str>, lines: &[Line]| {
            let told = lines.first().map_or("", |line| line.told.as_str());
            there.map(|_| format!("{sign}  {name}: {told}"))
        };
        let both = [of('-', values.before, &before), of('+', values.after, &after)];
        both.into_iter().flatten().collect()
    } else {
        changed(&before, &after)
    };
    cut(name, &differ)
}

/// The difference of one number or word: `- replicas: 3`, `+ replicas: 5`.
#[must_use]
pub(super) fn single(name: &str, before: &dyn std::fmt::Display, after: &dyn std::fmt::Display) -> Code {
    Code {
        language: "diff".to_owned(),
        text: format!("-  {name}: {before}\n+  {name}: {after}\n"),
    }
}

/// The lines that differ, as they are told. They are compared as they are: a secret that was changed is told as changed.
fn changed(before: &[Line], after: &[Line]) -> Vec<String> {
    let raw = |lines: &[Line]| -> Vec<String> { lines.iter().map(|line| line.raw.clone()).collect() };
    let (old, new) = (raw(before), raw(after));
    let (old, new): (Vec<&str>, Vec<&str>) = (
        old.iter().map(String::as_str).collect(),
        new.iter().map(String::as_str).collect(),
    );
    TextDiff::from_slices(&old, &new)
        .iter_all_changes()
        .filter_map(|change| {
            let (sign, line) = match change.tag() {
                ChangeTag::Delete => ('-', before.get(change.old_index()?)?),
                ChangeTag::Insert => ('+', after.get(change.new_index()?)?),
                ChangeTag::Equal => return None,
            };
            Some(format!("{sign}  {}", line.told))
        })
        .collect()
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn difference(before: &Value, after: &Value) -> Option<Difference> {
        templates("api", before, after, Some(&Redactor::default()))
    }

    fn text(before: &Value, after: &Value) -> String {
        difference(before, after).map(|d| d.code.text).unwrap_or_default()
    }

    fn template(image: &str, host: &str, memory: &str) -> Value {
        json!({"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{
            "name": "api", "image": image,
            "env": [{"name": "DATABASE_HOST", "value": host}, {"name": "DB_PASSWORD", "value": "hunter2222"}],
            "resources": {"limits": {"memory": memory}}
        }]}})
    }

    fn of_container(container: Value) -> Value {
        let mut container = container;
        container["name"] = json!("api");
        json!({"spec": {"containers": [container]}})
    }

    #[test]
    fn texts_are_told_by_the_line() {
        let text = |before: Option<&str>, after: Option<&str>| {
            let both = Values {
                name: "app.conf",
                before,
                after,
            };
            values(&both, &str::to_uppercase).code.text
        };
        assert_eq!(text(Some("a"), Some("b")), "-  app.conf: A\n+  app.conf: B\n");
        assert_eq!(text(None, Some("b")), "+  app.conf: B\n");
        assert_eq!(text(Some("a"), None), "-  app.conf: A\n");
        assert_eq!(text(Some("a\nb\nc"), Some("a\nx\nc")), "-  B\n+  X\n");
        assert_eq!(
            text(Some("a\nb\n"), Some("a\nb")),
            "-  \n",
            "its last line has an end"
        );
    }

    #[test]
    fn only_what_differs_is_shown() {
        let told = text(
            &template("api:v2", "postgres-new", "64Mi"),
            &template("api:v1", "postgres", "64Mi"),
        );
        assert_eq!(
            told,
            "-  image: api:v2\n-  env DATABASE_HOST: postgres-new\n+  image: api:v1\n+  env DATABASE_HOST: postgres\n"
        );
        let same = template("a", "b", "c");
        assert_eq!(difference(&same, &same), None);
    }

    #[test]
    fn a_secret_in_the_environment_is_told_as_changed_and_not_shown() {
        let mut other = template("a", "b", "c");
        other["spec"]["containers"][0]["env"][1]["value"] = json!("correct-horse");
        assert_eq!(
            text(&template("a", "b", "c"), &other),
            "-  env DB_PASSWORD: [hidden]\n+  env DB_PASSWORD: [hidden]\n"
        );
        let from =
            json!({"valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}, "name": "DB_PASSWORD"});
        other["spec"]["containers"][0]["env"][1] = from;
        let told = text(&template("a", "b", "c"), &other);
        assert!(
            told.ends_with("+  env DB_PASSWORD from secretKeyRef key password name db\n"),
            "{told}"
        );
        assert_eq!(
            Redactor::default().text(&told),
            told,
            "what is hidden is not hidden again, and no more"
        );
    }

    #[test]
    fn elements_of_one_name_are_told_apart() {
        let mounts = |second: &str| {
            of_container(json!({"volumeMounts": [
                {"name": "data", "mountPath": "/a", "subPath": "x"},
                {"name": "data", "mountPath": "/b", "subPath": second}]}))
        };
        assert_eq!(
            text(&mounts("y"), &mounts("z")),
            "-  volumeMounts[/b].subPath: y\n+  volumeMounts[/b].subPath: z\n"
        );
        let ports = |udp: &str| {
            of_container(json!({"ports": [
                {"containerPort": 53, "protocol": "TCP", "name": "t"}, {"containerPort": 53, "protocol": "UDP", "name": udp}]}))
        };
        assert_eq!(
            text(&ports("u"), &ports("v")),
            "-  ports[53/UDP].name: u\n+  ports[53/UDP].name: v\n"
        );
        let tolerations = |first: &str| json!({"spec": {"tolerations": [{"key": first}, {"key": "b"}]}});
        assert_eq!(
            text(&tolerations("a"), &tolerations("c")),
            "-  spec.tolerations[0].key: a\n+  spec.tolerations[0].key: c\n"
        );
    }

    #[test]
    fn what_is_empty_comes_and_goes_too_and_an_order_is_a_difference() {
        let volume = json!({"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}]}});
        let told = text(&json!({"spec": {}}), &volume);
        assert!(told.contains("+  spec.volumes[tmp].emptyDir: {}\n"), "{told}");
        let inits = |names: [&str; 2]| json!({"spec": {"initContainers": names.map(|name| json!({"name": name, "image": name}))}});
        assert_eq!(
            text(&inits(["a", "b"]), &inits(["b", "a"])),
            "-  initContainers[*].name: a, b\n+  initContainers[*].name: b, a\n"
        );
        let args = |list: &[&str]| of_container(json!({ "args": list }));
        assert_eq!(text(&args(&["b", "c"]), &args(&["a", "b", "c"])), "+  args: a\n");
    }

    #[test]
    fn a_second_container_changes_nothing_of_the_first() {
        let one = template("a", "b", "c");
        let mut two = one.clone();
        two["spec"]["containers"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": "proxy", "image": "envoy"}));
        assert_eq!(
            text(&one, &two),
            "+  proxy image: envoy\n+  containers[*].name: api, proxy\n"
        );
    }

    #[test]
    fn what_does_not_fit_goes_along_as_a_file() {
        let many = |value: &str| {
            let all: Vec<Value> = (0..60)
                .map(|n| json!({"name": format!("V{n:02}"), "value": format!("{value}{n}")}))
                .collect();
            of_container(json!({ "env": all }))
        };
        let whole = difference(&many("a"), &many("b")).unwrap();
        assert!(whole.code.text.ends_with("… 40 of 120\n"), "{}", whole.code.text);
        let file = whole.file.unwrap();
        let bytes = String::from_utf8(file.bytes().unwrap().to_vec()).unwrap();
        assert_eq!((file.name.as_str(), bytes.lines().count()), ("api.diff", 120));
        assert!(bytes.contains("+  env V59: b59\n"));
        let long = |end: &str| {
            of_container(json!({"env": [{"name": "TEXT", "value": format!("{}{end}", "x ".repeat(400))}]}))
        };
        let cut = difference(&long("a"), &long("b")).unwrap();
        assert!(
            cut.code
                .text
                .lines()
                .all(|line| line.chars().count() <= WIDTH + 1)
        );
        assert!(cut.file.is_some());
        let small = difference(&template("a", "b", "c"), &template("a", "c", "c")).unwrap();
        assert_eq!(small.file, None);
    }

    #[test]
    fn where_nothing_may_be_quoted_no_value_is_told() {
        let with = |value: &str| {
            let mut template =
                of_container(json!({"env": [{"name": "MOTTO", "value": value}], "args": [value]}));
            template["metadata"] = json!({"annotations": {"note": value}});
            template
        };
        let told = templates("api", &with("plain-one"), &with("plain-two"), None).unwrap();
        assert!(!told.code.text.contains("plain"), "{}", told.code.text);
        assert_eq!(told.code.text.lines().count(), 6);
    }
}
