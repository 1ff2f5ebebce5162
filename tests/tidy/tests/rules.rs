//! Rules of the repository. Each failure says what to do instead.

#![allow(clippy::unwrap_used, reason = "a file that cannot be read breaks the rule")]

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository: its path from the root, and its text.
struct File {
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn sources(folder: &str) -> Vec<File> {
    let mut files = Vec::new();
    walk(&root().join(folder), &mut files);
    assert!(!files.is_empty(), "no source in {folder}: the rule looks at nothing");
    files
}

fn walk(folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "node_modules" && !name.starts_with('.') {
            walk(&path, files);
        } else if name.ends_with(".rs") {
            let relative = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            files.push(File { path: relative, text: fs::read_to_string(&path).unwrap() });
        }
    }
}

/// Lines of code before the file's tests, with their numbers, without comments.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text
        .lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn refuse(found: &[String], instead: &str) {
    assert!(found.is_empty(), "{}\ninstead: {instead}", found.join("\n"));
}

fn lines_with(files: &[File], words: &[&str], except: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|f| !except.iter().any(|e| f.path.contains(e))) {
        for (number, line) in code(file) {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    found
}

#[test]
fn the_core_asks_no_clock_no_chance_and_no_service() {
    let words = [
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "getrandom",
        "rand::",
        "std::env",
        "std::fs",
        "tokio",
        "aws_",
        "async fn",
    ];
    let found = lines_with(&sources("shared/domain/src"), &words, &[]);
    refuse(&found, "hand the core what it needs as an argument");
}

#[test]
fn the_core_uses_no_floats() {
    let found = lines_with(&sources("shared/domain/src"), &["f64", "f32"], &["/tests/"]);
    refuse(&found, "count in minor units, thousandths, millionths");
}

#[test]
fn only_the_keys_module_formats_a_key() {
    let prefixes = [
        "\"O#", "\"H#", "\"N#", "\"K#", "\"S#", "\"Q#", "\"W#", "\"M#", "\"P#", "\"C#", "\"R#",
        "\"U#", "\"Y#", "\"T#", "\"E#", "\"X#", "\"G#", "\"F#", "\"D#", "\"J#", "\"V#", "\"B#",
        "\"L#",
    ];
    let mut files = sources("shared/table/src");
    files.extend(sources("shared/runtime/src"));
    files.extend(sources("functions"));
    let found: Vec<String> = lines_with(&files, &prefixes, &["keys.rs", "/keys/"])
        .into_iter()
        .filter(|line| line.contains("format!"))
        .collect();
    refuse(&found, "add a constructor to shared/table/src/keys.rs");
}

#[test]
fn functions_send_nothing_but_relay_and_sweep() {
    let found = lines_with(&sources("functions"), &["queues.send("], &["/relay/", "/sweep/"]);
    refuse(&found, "let the event's `todo` say it; the relay sends it");
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut found = Vec::new();
    for folder in ["shared", "functions", "infra", "tests"] {
        for file in sources(folder) {
            if !file.text.starts_with("//!") {
                found.push(file.path);
            }
        }
    }
    refuse(&found, "begin the file with `//!` and a sentence");
}

#[test]
fn a_function_binary_is_wiring_of_twenty_five_lines_at_most() {
    let found: Vec<String> = sources("functions")
        .into_iter()
        .filter(|f| f.path.ends_with("src/main.rs") && f.text.lines().count() > 36)
        .map(|f| f.path)
        .collect();
    refuse(&found, "move the step into lib.rs");
}

/// Lines of a file at most.
const LINES_MAX: usize = 600;

#[test]
fn no_file_grows_beyond_its_job() {
    let mut found = Vec::new();
    for folder in ["shared", "functions", "infra"] {
        for file in sources(folder).into_iter().filter(|f| !f.path.contains("/tests/")) {
            let lines = file.text.lines().count();
            if lines > LINES_MAX {
                found.push(format!("{}: {lines} lines, at most {LINES_MAX}", file.path));
            }
        }
    }
    refuse(&found, "split the file by meaning");
}

#[test]
fn nothing_is_left_to_be_done_later_in_secret() {
    let words = ["todo!(", "unimplemented!(", "dbg!(", "#[ignore"];
    let mut files = Vec::new();
    for folder in ["shared", "functions", "infra", "tests"] {
        files.extend(sources(folder));
    }
    let found = lines_with(&files, &words, &["tests/tidy/"]);
    refuse(&found, "do it, or say in the docs that it is not there");
}

#[test]
fn dependencies_point_one_way() {
    let mut found = Vec::new();
    let manifests = [
        ("shared/domain", vec!["ordermill-"]),
        ("shared/table", vec!["ordermill-runtime", "ordermill-embedded", "ordermill-views"]),
        ("shared/runtime", vec!["ordermill-embedded", "ordermill-views"]),
        ("shared/views", vec!["ordermill-embedded", "ordermill-local", "ordermill-world"]),
    ];
    for (folder, forbidden) in manifests {
        let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
        let deployed = dependencies.split("[dev-dependencies]").next().unwrap_or_default();
        for word in forbidden {
            if deployed.contains(word) {
                found.push(format!("{folder} depends on {word}*"));
            }
        }
    }
    for entry in fs::read_dir(root().join("functions")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(path.join("Cargo.toml")).unwrap();
        let deployed = text.split("[dev-dependencies]").next().unwrap_or_default();
        for word in ["ordermill-embedded", "ordermill-local", "ordermill-world"] {
            if deployed.contains(word) {
                found.push(format!("{} depends on {word}", path.display()));
            }
        }
    }
    refuse(&found, "functions → runtime → table → domain; tests may use more");
}
