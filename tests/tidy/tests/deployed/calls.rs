//! What a function's source can ask of AWS: from its `handle` (and `webhook`) through everything it
//! can call in its own crate, in `shared/runtime` and in `shared/table`, down to the SDK.
//!
//! It goes by names: `module::name(` is the function of that module, `name(` one of the same file or
//! one that the file `use`s, `.name(` any method of that name; of the table's and the queues' methods
//! only where the table or the queues are asked. So it finds too much rather than too little, and what
//! it finds too much is named in `rights.rs`, with the reason.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// An SDK call as it stands in the source, and the action a policy must allow for it.
const SDK_CALLS: [(&str, &str); 17] = [
    (".get_item()", "dynamodb:GetItem"),
    (".batch_get_item()", "dynamodb:BatchGetItem"),
    (".query()", "dynamodb:Query"),
    (".scan()", "dynamodb:Scan"),
    (".put_item()", "dynamodb:PutItem"),
    (".update_item()", "dynamodb:UpdateItem"),
    (".delete_item()", "dynamodb:DeleteItem"),
    (".batch_write_item()", "dynamodb:BatchWriteItem"),
    // A transaction is allowed by what it consists of.
    ("Put::builder()", "dynamodb:PutItem"),
    ("Update::builder()", "dynamodb:UpdateItem"),
    ("Delete::builder()", "dynamodb:DeleteItem"),
    ("ConditionCheck::builder()", "dynamodb:ConditionCheckItem"),
    (".create_table()", "dynamodb:CreateTable"),
    (".describe_table()", "dynamodb:DescribeTable"),
    (".get_queue_attributes()", "sqs:GetQueueAttributes"),
    (".send_email()", "ses:SendEmail"),
    (".publish()", "sns:Publish"),
];

/// What a name stands for, told by who is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Home {
    /// A method of the table.
    Table,
    /// A method of the queues' sender.
    Queues,
    /// A method of anything else.
    Method,
    /// A function that belongs to nobody.
    Free,
}

struct Function {
    name: String,
    home: Home,
    body: String,
    /// The module it stands in, by its file.
    module: String,
    /// The names the file brings in.
    uses: Rc<BTreeSet<String>>,
}

/// A call: who is asked, the name, and the module or type before it.
#[derive(PartialEq, Debug)]
struct Call {
    home: Home,
    name: String,
    before: Option<String>,
}

impl Call {
    /// Whether this function may be the one that is called from there.
    fn may_be(&self, function: &Function, from: &Function) -> bool {
        if self.name != function.name || self.home != function.home {
            return false;
        }
        match &self.before {
            _ if self.home != Home::Free => true,
            Some(before) if before.starts_with(char::is_uppercase) => true,
            Some(before) if before == "crate" || before == "self" || before == "super" => true,
            Some(module) => *module == function.module,
            None => from.module == function.module || from.uses.contains(&self.name),
        }
    }
}

/// The actions a function's source can ask for: `dynamodb:GetItem`, `dynamodb:Query index/owner`,
/// `sqs:SendMessage validate`.
pub fn actions(root: &Path, name: &str) -> BTreeSet<String> {
    let mut functions = Vec::new();
    for folder in ["shared/table/src", "shared/runtime/src"] {
        read(&root.join(folder), &mut functions);
    }
    read(&root.join("functions").join(name).join("src"), &mut functions);
    let entry =
        |f: &Function| ["handle", "webhook"].contains(&f.name.as_str()) && f.home == Home::Free;
    let mut open: Vec<usize> = (0..functions.len()).filter(|at| entry(&functions[*at])).collect();
    assert!(!open.is_empty(), "{name} has no `handle`");
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        let from = &functions[at];
        found.extend(asked(from));
        let calls = calls(from);
        open.extend((0..functions.len()).filter(|to| {
            !seen.contains(to) && calls.iter().any(|call| call.may_be(&functions[*to], from))
        }));
    }
    found
}

/// Whether the source of a function reads one of its settings.
pub fn reads(root: &Path, name: &str, setting: &str) -> bool {
    let mut functions = Vec::new();
    read(&root.join("functions").join(name).join("src"), &mut functions);
    // An order is shown with its tracking link, which the views sign.
    let signs = |f: &Function| setting == "signing_secret" && f.body.contains("order_json(");
    functions.iter().any(|f| f.body.contains(setting) || signs(f))
}

fn read(folder: &PathBuf, functions: &mut Vec<Function>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            read(&path, functions);
        } else if name.ends_with(".rs") && name != "tests.rs" && name != "main.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let stem = name.trim_end_matches(".rs");
            let folder = folder.file_name().unwrap().to_string_lossy();
            let module = if matches!(stem, "mod" | "lib") { &*folder } else { stem };
            parse(&without_comments(&text), module, functions);
        }
    }
}

/// The code before the file's tests, without comments, and with chains on one line.
fn without_comments(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = code.lines().map(|line| match line.find("//") {
        Some(at) if !line[..at].contains('"') => &line[..at],
        Some(_) | None => line,
    });
    let mut joined = String::new();
    for line in lines {
        let line = line.trim();
        if !line.starts_with('.') {
            joined.push('\n');
        }
        joined.push_str(line);
    }
    joined
}

/// The names of a file's `use` lines, and of functions that are handed on by name.
fn used(text: &str) -> BTreeSet<String> {
    let lines = text.split("\nuse ").skip(1).chain(text.split("\npub use ").skip(1));
    let names = lines.flat_map(|line| {
        line.split(';').next().unwrap_or_default().split(|c: char| !c.is_alphanumeric() && c != '_')
    });
    names.map(str::to_owned).collect()
}

fn parse(text: &str, module: &str, functions: &mut Vec<Function>) {
    let uses = Rc::new(used(text));
    let mut home = Home::Method;
    let mut rest = text;
    let mut position = 0;
    while let Some(at) = next_item(rest) {
        position += at;
        let item = &text[position..];
        let open = item.find('{').unwrap_or(item.len());
        let end_of_declaration = item.find(';').unwrap_or(item.len());
        if item.starts_with("impl") {
            let head = &item[..open];
            let of = head.rsplit(" for ").next().unwrap_or(head);
            home = match of.trim_start_matches("impl").trim() {
                "Table" => Home::Table,
                "Sender" => Home::Queues,
                _ => Home::Method,
            };
            position += open.min(item.len());
        } else if end_of_declaration < open {
            // A trait's method without a body.
            position += end_of_declaration;
        } else {
            let head = &item[3..open];
            let name: String =
                head.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let body = block(&item[open..]);
            let of = if head.contains("self") { home } else { Home::Free };
            let (module, uses) = (module.to_owned(), Rc::clone(&uses));
            functions.push(Function { name, home: of, body: body.to_owned(), module, uses });
            position += open + body.len();
        }
        rest = &text[position..];
    }
}

/// Where the next `fn` or `impl` begins.
fn next_item(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let function = text[from..].find("fn ").map(|at| at + from);
        let block = text[from..].find("\nimpl").map(|at| at + from + 1);
        let at = match (function, block) {
            (Some(a), Some(b)) => a.min(b),
            (Some(a), None) | (None, Some(a)) => a,
            (None, None) => return None,
        };
        let before = text[..at].chars().next_back().unwrap_or('\n');
        if before.is_whitespace() {
            return Some(at);
        }
        from = at + 3;
    }
}

/// The text from a brace to the one that closes it.
fn block(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '"' if before != '\\' && before != '\'' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return &text[..=at];
                }
            }
            _ => {}
        }
        before = if before == '\\' { ' ' } else { c };
    }
    text
}

/// What the body itself asks of AWS.
fn asked(function: &Function) -> BTreeSet<String> {
    let body = &function.body;
    let mut found = BTreeSet::new();
    for (call, action) in SDK_CALLS {
        if contains_call(body, call) && !body.contains(".index_name(") {
            found.insert(action.to_owned());
        }
    }
    for (constant, index) in [("WORKLIST", "worklist"), ("OWNER", "owner"), ("MONTH", "month")] {
        if body.contains(&format!("index: {constant}")) {
            found.insert(format!("dynamodb:Query index/{index}"));
        }
    }
    for queue in queues_after(body, "queues.send(") {
        found.insert(format!("sqs:SendMessage {queue}"));
    }
    if body.contains(".waiting(queue)") {
        found.remove("sqs:GetQueueAttributes");
        for queue in queues_after(body, "[") {
            found.insert(format!("sqs:GetQueueAttributes {queue}"));
        }
    }
    if function.home == Home::Queues {
        // Which queue, the caller says.
        found.retain(|action| !action.starts_with("sqs:"));
    }
    found
}

fn contains_call(body: &str, call: &str) -> bool {
    body.match_indices(call).any(|(at, _)| {
        let before = body[..at].chars().next_back().unwrap_or(' ');
        call.starts_with('.') || !before.is_alphanumeric()
    })
}

/// The queues named behind `word` as `Queue::Name`, in its list.
fn queues_after(body: &str, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in body.match_indices(word) {
        let mut rest = &body[at + word.len()..];
        while let Some(after) = rest.trim_start().strip_prefix("Queue::") {
            let name: String = after.chars().take_while(|c| c.is_alphanumeric()).collect();
            found.push(name.to_lowercase());
            rest = after[name.len()..].trim_start_matches([',', ' ']);
        }
    }
    found
}

/// What the body calls.
fn calls(function: &Function) -> Vec<Call> {
    let body = &function.body;
    let mut found = Vec::new();
    for (at, _) in body.match_indices('(') {
        let head = turbofish_off(body[..at].trim_end_matches(['>', '<']));
        let name = word_before(head);
        if name.is_empty() {
            continue;
        }
        let head = &head[..head.len() - name.len()];
        let call = if let Some(receiver) = head.strip_suffix('.') {
            let home = match word_before(receiver).as_str() {
                "table" => Home::Table,
                "queues" => Home::Queues,
                "self" => function.home,
                _ => Home::Method,
            };
            Call { home, name, before: None }
        } else {
            let before = head.strip_suffix("::").map(word_before);
            Call { home: Home::Free, name, before }
        };
        if !found.contains(&call) {
            found.push(call);
        }
    }
    found
}

/// `parse::<SkuPointer` without what stands behind the name.
fn turbofish_off(head: &str) -> &str {
    let Some(at) = head.rfind("::<") else { return head };
    let inside = &head[at + 3..];
    let plain =
        inside.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '<' | '>' | '&'));
    if plain { &head[..at] } else { head }
}

fn word_before(text: &str) -> String {
    let word: Vec<char> =
        text.chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    word.into_iter().rev().collect()
}
